// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_sandbox.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "runner/worker.h"
#include "support/support.h"

using namespace backproof;
using backproof::test::Folder;

namespace {

const std::string run_id = "20261123T143454Z-1f0c9a3e";

// The pid of a process that has been and gone.
std::string gone_pid() {
  auto child = Child::start({{"true"}, {}, ""});
  REQUIRE(child);
  const pid_t pid = child->pid();
  (void)child->wait();
  return std::to_string(pid);
}

std::string leftover_name() {
  return "backproof-" + run_id + "-" + gone_pid() + "-12345";
}

}  // namespace

TEST_CASE("a sandbox is private, named after its run and gone after close") {
  const Folder folder;
  auto sandbox = WorkerSandbox::create(folder / "scratch/deep", run_id);
  REQUIRE(sandbox);
  const Path path = sandbox->path();
  CHECK(path.parent_path() == folder / "scratch/deep");
  CHECK(path.filename().string().starts_with("backproof-" + run_id + "-" +
                                             std::to_string(getpid()) + "-"));
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms{0700});
  folder.write("scratch/deep/" + path.filename().string() + "/a/b", "content");
  CHECK(sandbox->close());
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a sandbox goes with its owner") {
  const Folder folder;
  CHECK(WorkerSandbox::create(folder.path(), run_id));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("one run has one sandbox") {
  const Folder folder;
  const auto first = WorkerSandbox::create(folder.path(), run_id);
  CHECK(first);
  CHECK_FALSE(WorkerSandbox::create(folder.path(), run_id));
  CHECK(WorkerSandbox::create(folder.path(), "20261123T143454Z-1f0c9a3f"));
}

TEST_CASE("a run's id cannot lead a sandbox elsewhere") {
  const Folder folder;
  const std::string id =
      GENERATE("", "..", "../x", "a/b", "2026-11", "20261123T143454Z-1f0c9a3e/x");
  CHECK_FALSE(WorkerSandbox::create(folder.path(), id));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("sweeping removes what a dead owner left") {
  const Folder folder;
  folder.write(leftover_name() + "/database/file", "content");
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("sweeping leaves a sandbox whose owner lives") {
  const Folder folder;
  const auto sandbox = WorkerSandbox::create(folder.path(), run_id);
  REQUIRE(sandbox);
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::exists(sandbox->path()));
}

TEST_CASE("sweeping is not fooled by a pid that was given away again") {
  const Folder folder;
  const std::string name = "backproof-" + run_id + "-" + std::to_string(getpid()) + "-1";
  folder.write(name + "/file", "content");
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("sweeping leaves a sandbox that an owner in another container holds") {
  const Folder folder;
  const Path path = folder / leftover_name();
  std::filesystem::create_directory(path);
  Fd held(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(flock(held.get(), LOCK_EX | LOCK_NB) == 0);
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::exists(path));
  held.reset();
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("sweeping touches nothing that is no sandbox of ours") {
  const Folder folder;
  const Folder elsewhere;
  elsewhere.write("file", "content");
  folder.write("backproof-notes/file", "content");
  folder.write("other-" + run_id + "-1-1/file", "content");
  folder.write("backproof-a-b-c-d/file", "content");
  folder.write("backproof-backups-2026-11/file", "content");
  folder.write("backproof-" + run_id + "-2026-11-24/file", "content");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder / leftover_name());
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::exists(elsewhere / "file"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 6);
}

TEST_CASE("sweeping leaves folders of other users") {
  if (geteuid() != 0) return;
  const Folder folder;
  const Path path = folder / leftover_name();
  std::filesystem::create_directory(path);
  REQUIRE(chown(path.c_str(), 1234, 1234) == 0);
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("every sandbox that is there is counted, leftovers included, and nothing else") {
  const Folder folder;
  CHECK(count_sandboxes(folder / "missing") == 0);
  folder.write("backproof-notes/file", "content");
  CHECK(count_sandboxes(folder.path()) == 0);
  folder.write(leftover_name() + "/file", "content");
  {
    const auto sandbox = WorkerSandbox::create(folder.path(), run_id);
    REQUIRE(sandbox);
    CHECK(count_sandboxes(folder.path()) == 2);
  }
  CHECK(count_sandboxes(folder.path()) == 1);
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(count_sandboxes(folder.path()) == 0);
}

TEST_CASE("there is nothing to sweep where there is no scratch") {
  const Folder folder;
  CHECK(sweep_sandboxes(folder / "missing") == 0);
}

TEST_CASE("templates of clusters are kept for workers alone, and are no sandbox") {
  const Folder folder;
  const Path templates = cluster_templates_in(folder.path());
  struct stat facts {};
  REQUIRE(stat(templates.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777U) == 0700);
  CHECK(facts.st_uid == (geteuid() == 0 ? 65534 : geteuid()));
  CHECK(cluster_templates_in(folder.path()) == templates);
  CHECK(count_sandboxes(folder.path()) == 0);
  CHECK(sweep_sandboxes(folder.path()) == 0);
  CHECK(std::filesystem::exists(templates));
}
