// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "history_children.h"

// Whether a history could be written now, asked of one that is open.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// The cause is no verdict on a backup, and a person can do something.
bool says(const Result<void>& answer, std::string_view words) {
  return !answer && answer.error().cause == Cause::internal && !answer.error().hint.empty() &&
         answer.error().text.find(words) != std::string::npos;
}

bool fill(const Path& file) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string block(4096, 'x');
  while (::write(fd.get(), block.data(), block.size()) > 0) {
  }
  return errno == ENOSPC;
}

}  // namespace

TEST_CASE("a probe really writes, and changes nothing") {
  const Folder folder;
  const auto here = history_at(folder / "history.db"), there = history_at(folder / "history.db");
  REQUIRE(here->finish(passed_at(start)));
  const std::int64_t before = *there->version(), own = *here->version();
  const auto log = std::filesystem::file_size(folder / "history.db-wal");
  REQUIRE(here->probe());
  CHECK(std::filesystem::file_size(folder / "history.db-wal") > log);
  CHECK(*there->version() != before);
  CHECK(*here->version() == own);
  CHECK(there->history_of("crm")->totals.runs == 1);
  CHECK(HistoryStore::open(folder / "history.db"));
}

TEST_CASE("a probe of a history whose file was deleted is an error with a hint") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  std::filesystem::remove(folder / "history.db");
  CHECK(says(store->probe(), "history.db was deleted while it was open"));
  const auto version = store->version();
  REQUIRE_FALSE(version);
  CHECK(version.error().text.find("was deleted") != std::string::npos);
}

TEST_CASE("a probe of a history whose file was replaced is an error with a hint") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  std::filesystem::copy_file(folder / "history.db", folder / "copy.db");
  std::filesystem::rename(folder / "copy.db", folder / "history.db");
  CHECK(says(store->probe(), "history.db was replaced by another file while it was open"));
  CHECK_FALSE(store->version());
}

TEST_CASE("a probe of a history whose folder was moved away is an error") {
  const Folder folder;
  std::filesystem::create_directory(folder / "state");
  const auto store = history_at(folder / "state" / "history.db");
  std::filesystem::rename(folder / "state", folder / "elsewhere");
  CHECK(says(store->probe(), "was deleted"));
  std::filesystem::rename(folder / "elsewhere", folder / "state");
  CHECK(store->probe());
}

TEST_CASE("a probe of a history that may not grow fails, and later works again") {
  const Folder folder;
  CHECK(exit_code(child([&] {
          signal(SIGXFSZ, SIG_IGN);
          const auto store = HistoryStore::open(folder / "history.db");
          if (!store || !(*store)->probe()) return 1;
          rlimit limit{};
          if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
          const rlimit small{4096, limit.rlim_max};
          if (setrlimit(RLIMIT_FSIZE, &small) != 0) return 2;
          const Result<void> answer = (*store)->probe();
          if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
          if (answer) return 3;
          return (*store)->probe() ? 0 : 4;
        })) == 0);
}

TEST_CASE("a probe of a history on a full disk is an error of cause space until there is room") {
  const Folder folder;
  const int code = exit_code(child([&] {
    if (!own_mounts() || mount("none", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0)
      return not_possible_here;
    const auto store = HistoryStore::open(folder / "history.db");
    if (!store || !(*store)->probe()) return 1;
    if (!fill(folder / "filler")) return 2;
    // A page that its log has room for is not yet too much.
    Result<void> answer;
    for (int i = 0; i < 100 && answer; ++i) answer = (*store)->probe();
    if (answer || answer.error().cause != Cause::space || answer.error().hint.empty()) return 3;
    std::filesystem::remove(folder / "filler");
    return (*store)->probe() ? 0 : 4;
  }));
  if (code == not_possible_here)
    WARN("SKIPPED: this user may not mount a small tmpfs, so no disk could be filled");
  else
    CHECK(code == 0);
}
