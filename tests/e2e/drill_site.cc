// SPDX-License-Identifier: Apache-2.0
#include "e2e/drill_site.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include "base/text.h"

namespace backproof::test {
namespace {

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size())
    text.replace(at, word.size(), by);
  return text;
}

}  // namespace

DrillSite::DrillSite(std::string more, const std::string& pattern)
    : more_(std::move(more)), pattern_(pattern) {
  std::filesystem::create_directories(backups());
}

void DrillSite::configure(const std::string& live) {
  std::string target = replaced(more_, "LIVE", live);
  target = replaced(target, "BACKUPS", backups().native());
  target = replaced(target, "FOLDER", folder_.path().native());
  folder_.write("backproof.toml",
                "state_dir = \"state\"\nscratch_dir = \"" + scratch_.path().native() +
                    "\"\n[[target]]\nname = \"shop\"\nschedule = \"none\"\nrto = \"1h\"\nrpo = "
                    "\"24h\"\nsource = { kind = \"directory\", path = \"backups\", pattern = \"" +
                    pattern_ + "\" }\n" + target);
}

Output DrillSite::call(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--config.file", config().native()});
  return program(arguments);
}

Drill DrillSite::drill(int exit_code, const std::vector<std::string>& more) const {
  const std::string before = production();
  std::vector<std::string> arguments{"drill", "shop", "--yes", "--format", "json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Output output = call(arguments);
  INFO(output.out << output.err);
  CHECK(output.ended.exit_code == exit_code);
  CHECK(production() == before);
  CHECK(left_in(scratch()).empty());
  const auto drill = drill_from_json(output.out);
  REQUIRE(drill);
  const auto kept = history();
  REQUIRE_FALSE(kept.empty());
  CHECK(kept.front().id == drill->id);
  CHECK(kept.front().finished);
  CHECK(kept.front().result == drill->result);
  return *drill;
}

void DrillSite::drill_killed_at(const std::string& text) const {
  auto child = Child::start(
      {{BACKPROOF_PROGRAM, "drill", "shop", "--yes", "--config.file", config().native()}, {}, ""});
  REQUIRE(child);
  std::string said;
  const Stopwatch watch;
  while (said.find(text) == std::string::npos) {
    INFO(said);
    REQUIRE(watch.took() < std::chrono::minutes(2));
    pollfd err{child->err(), POLLIN, 0};
    REQUIRE(poll(&err, 1, 60000) == 1);
    std::array<char, 4096> buffer{};
    const ssize_t n = ::read(child->err(), buffer.data(), buffer.size());
    REQUIRE(n > 0);
    said.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::kill(child->pid(), SIGKILL);
  child->wait();
}

std::vector<Drill> DrillSite::history() const {
  const auto store = HistoryStore::open(folder_ / "state/history.sqlite");
  REQUIRE(store);
  return (*store)->drills_of("shop", 100).value();
}

bool DrillSite::is_drilling() const {
  if (!std::filesystem::exists(folder_ / "state/history.sqlite")) return false;
  const std::vector<Drill> known = history();
  return !known.empty() && !known.front().finished;
}

SqliteSite::SqliteSite(const std::string& more, const std::string& pattern)
    : DrillSite(more, pattern) {
  std::filesystem::create_directory(folder() / "app");
  sh("sqlite3 '" + live().native() +
     "' \"CREATE TABLE orders(id INTEGER PRIMARY KEY, total REAL, placed_at TEXT); CREATE TABLE "
     "canary(id TEXT PRIMARY KEY, written_at TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
     "SELECT i + 1 FROM n WHERE i < 500) INSERT INTO orders SELECT i, i / 4.0, datetime('now', "
     "'-' || (501 - i) || ' minutes') FROM n\"");
  configure(live().native());
}

std::string SqliteSite::production() const {
  if (!std::filesystem::exists(live())) return "";
  return sh("sqlite3 '" + live().native() + "' .dump | grep -v 'INSERT INTO canary' | sha256sum");
}

PgSite::PgSite(const std::string& more, const std::string& pattern) : DrillSite(more, pattern) {
  server_.make_database("shop");
  server_.psql("shop",
               "CREATE TABLE orders(id int PRIMARY KEY, total numeric, placed_at timestamptz); "
               "CREATE TABLE canary(id text PRIMARY KEY, written_at timestamptz); INSERT INTO "
               "orders SELECT i, i / 4.0, now() - (501 - i) * interval '1 minute' FROM "
               "generate_series(1, 500) AS i; CREATE ROLE canary LOGIN; GRANT INSERT ON canary TO "
               "canary; CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader");
  const std::string folder = server_.socket_folder().native();
  configure("@/shop?host=" + folder);
}

std::string PgSite::production() const {
  return server_.psql("shop",
                      "SELECT count(*), md5(string_agg(o::text, ',' ORDER BY id)) FROM "
                      "orders o") +
         server_.psql("postgres",
                      "SELECT string_agg(datname, ',' ORDER BY datname) FROM "
                      "pg_database") +
         server_.psql("shop",
                      "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class "
                      "WHERE relnamespace = 'public'::regnamespace");
}

void check_ended(const Drill& drill, DrillCause cause, DrillStage stage, const std::string& part) {
  INFO(to_json(drill, 1));
  CHECK(drill.result == verdict_of(cause));
  CHECK((drill.cause && *drill.cause == cause));
  REQUIRE_FALSE(drill.stages.empty());
  CHECK(drill.stages.back().stage == stage);
  CHECK(drill.reason.find(part) != std::string::npos);
  CHECK(drill.recovery == Duration{});
}

}  // namespace backproof::test
