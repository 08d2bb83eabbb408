// SPDX-License-Identifier: Apache-2.0
#include "support/mutation_run.h"

#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>

#include "model/run_json.h"
#include "support/damage.h"
#include "support/same_content.h"

namespace backproof::test {
namespace {

constexpr std::size_t at_once = 25;  // backups of one process

// Cheap to start sessions and databases on.
const std::vector<std::string> small_server{"shared_buffers=4MB",   "autovacuum=off",
                                            "wal_level=minimal",    "max_wal_senders=0",
                                            "full_page_writes=off", "jit=off"};

std::string manifest_of(const std::vector<std::string>& database) {
  std::vector<std::string> arguments{"manifest"};
  arguments.insert(arguments.end(), database.begin(), database.end());
  const Output made = program(arguments);
  INFO(made.err);
  REQUIRE(made.ended.ok());
  return made.out;
}

// One document a line.
std::vector<Run> runs_in(const std::string& text) {
  std::vector<Run> runs;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (auto run = run_from_json(line)) runs.push_back(*std::move(run));
  return runs;
}

}  // namespace

Run without_manifest(Run run) {
  std::erase_if(run.checks, [](const CheckResult& check) { return check.check == "manifest"; });
  conclude(run);
  return run;
}

MutationRunner::MutationRunner(const MutationForm& form) : form_(form) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});
  const Path sources = Path(BACKPROOF_SOURCE_DIR) / "tests/faults/mutations";
  if (form.name.starts_with("SQLite")) {
    const Path original = folder_.write("original.db", content_of(sources / "shop.db"));
    manifest_ = manifest_of({"--sqlite", original.native()});
    original_ = content(form_.bytes);
    return;
  }
  server_ = std::make_unique<PgTestServer>(small_server);
  server_->psql("postgres", "CREATE ROLE clerk");
  server_->make_database("shop");
  server_->load("shop", sources / "plain.sql");
  manifest_ = manifest_of(
      {"--postgres", "postgresql://postgres@/shop?host=" + server_->socket_folder().native()});
  original_ = content(form_.bytes);
}

Path MutationRunner::config(const Path& scratch, const std::string& lines) const {
  std::string name = "of-" + scratch.filename().native() + ".toml";
  return folder_.write(name, "state_dir = \"" + (folder_ / "state").native() +
                                 "\"\nscratch_dir = \"" + scratch.native() +
                                 "\"\n[[target]]\nname = \"shop\"\ntimeout = \"2m\"\nsource = { "
                                 "kind = \"directory\", path = \"" +
                                 folder_.path().native() + "\" }\n" + lines);
}

Path MutationRunner::written(const Path& at, const std::string& backup, std::size_t number) const {
  const Path file = at / (std::to_string(number) + "-" + form_.file);
  // No assertions here: Catch's are not for several threads.
  (void)write_atomic(file, backup);
  (void)write_atomic(file.native() + ".manifest.json", manifest_);
  return file;
}

std::vector<Run> MutationRunner::verify(const std::vector<std::string>& backups) const {
  std::string lines;
  if (server_)
    lines =
        "require_isolation = \"partial\"\nsandbox = { server = "
        "\"postgresql://postgres@/postgres?host=" +
        server_->socket_folder().native() + "\" }\n";
  const Scratch scratches[2];
  const Folder folders[2];
  std::vector<std::vector<Run>> done((backups.size() + at_once - 1) / at_once);
  std::vector<std::string> said(done.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&](const Path& config, const Path& folder) {
    for (std::size_t batch = next++; batch < done.size(); batch = next++) {
      std::vector<std::string> argv{BACKPROOF_PROGRAM, "verify",        "--format", "json",
                                    "--config.file",   config.native(), "--target", "shop"};
      const std::size_t end = std::min(backups.size(), (batch + 1) * at_once);
      for (std::size_t i = batch * at_once; i < end; ++i)
        argv.push_back(written(folder, backups[i], i).native());
      const auto output = backproof::run({argv, {}, ""}, std::chrono::minutes(9), 64U << 20U);
      said[batch] = output ? output->err : output.error().text;
      if (output) done[batch] = runs_in(output->out);
      for (std::size_t i = batch * at_once; i < end; ++i)
        for (const char* beside : {"", ".manifest.json"})
          std::filesystem::remove(argv[argv.size() - end + i] + beside);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i)
      threads.emplace_back(work, config(scratches[i].path(), lines), folders[i].path());
  }
  for (const Scratch& scratch : scratches)
    CHECK(left_in(scratch.path()) == std::vector<std::string>{});
  std::vector<Run> runs;
  for (std::size_t batch = 0; batch < done.size(); ++batch) {
    INFO(said[batch]);
    REQUIRE(done[batch].size() == std::min(at_once, backups.size() - batch * at_once));
    runs.insert(runs.end(), done[batch].begin(), done[batch].end());
  }
  return runs;
}

Run MutationRunner::verify_alone(const std::string& backup) const {
  const Folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  return verified(written(folder.path(), backup, 0));
}

std::string MutationRunner::content(const std::string& backup) const {
  const Folder folder;
  const Path file = folder.write(form_.file, backup);
  return server_ ? pg_content(*server_, file) : sqlite_content(folder, file);
}

bool MutationRunner::is_same(const std::string& backup) const {
  const Folder folder;
  return (server_ && same_script(*server_, folder.write("a-" + form_.file, backup),
                                 folder.write("b-" + form_.file, form_.bytes))) ||
         content(backup) == original_;
}

}  // namespace backproof::test
