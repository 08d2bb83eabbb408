// SPDX-License-Identifier: Apache-2.0
// `backproof selftest` as a user calls it: on real backups in every form, and by the service.
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "history/history.h"
#include "model/selftest.h"
#include "support/damage.h"
#include "support/pg_damage.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A configuration of one target, "shop", with these backups, the oldest first.
class Shop {
 public:
  explicit Shop(const std::string& more = "", const std::string& pattern = "*") {
    std::filesystem::create_directory(folder_ / "backups");
    folder_.write("backproof.toml",
                  "state_dir = \"state\"\nscratch_dir = \"" + scratch_.path().native() +
                      "\"\n[[target]]\nname = \"shop\"\nsource = { kind = \"directory\", path = "
                      "\"backups\", pattern = \"" +
                      pattern + "\", settle = \"0s\" }\n" + more);
  }
  // What a shell command writes to its stdout.
  void lay(const std::string& name, const std::string& command, const std::string& age) const {
    const std::string file = (folder_ / "backups" / name).native();
    sh(command + " >" + file + " && touch -d '" + age + " ago' " + file);
  }
  Output call(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config.file", config().native()});
    return program(arguments);
  }
  void verify() const {
    const Output output = call({"verify", "--target", "shop"});
    INFO(output.out << output.err);
    REQUIRE(output.ended.exit_code == 0);
  }
  // With what it must answer; the sandbox of every copy is gone afterwards.
  Selftest selftest(int exit_code, std::uint64_t seed = 1) const {
    const Output output =
        call({"selftest", "shop", "--seed", std::to_string(seed), "--format", "json"});
    INFO(output.out << output.err);
    CHECK(output.ended.exit_code == exit_code);
    CHECK(left_in(scratch_.path()).empty());
    const auto test = selftest_from_json(output.out);
    REQUIRE(test);
    return *test;
  }
  TargetHistory history() const {
    const auto store = HistoryStore::open(folder_ / "state/history.sqlite");
    REQUIRE(store);
    return (*store)->history_of("shop").value();
  }
  const Folder& folder() const { return folder_; }
  const Path& scratch() const { return scratch_.path(); }
  Path config() const { return folder_ / "backproof.toml"; }

 private:
  Folder folder_;
  Scratch scratch_;
};

TrialResult result_of(const Selftest& test, DamageKind kind) {
  return test.trials.at(static_cast<std::size_t>(kind)).result;
}

// Nothing that must be seen passes, and everything that can be damaged was.
void check_matrix(const Selftest& test, const std::set<DamageKind>& not_applicable) {
  CHECK(test.result == Verdict::passed);
  REQUIRE(test.trials.size() == all_damage_kinds.size());
  for (const Trial& trial : test.trials) {
    INFO(info_of(trial.damage).name << ": " << trial.reason);
    CHECK((trial.result == TrialResult::not_applicable) == not_applicable.contains(trial.damage));
    if (trial.result == TrialResult::not_applicable) CHECK_FALSE(trial.reason.empty());
    CHECK(trial.result != TrialResult::missed);
    if (info_of(trial.damage).expectation != Expectation::manifest)
      CHECK(trial.result != TrialResult::needs_manifest);
  }
}

void check_pg(const std::string& name, const std::string& command,
              const std::set<DamageKind>& not_applicable) {
  if (pg_missing()) return;
  const Shop shop;
  shop.lay(name, command, "2 hours");
  shop.verify();
  check_matrix(shop.selftest(0), not_applicable);
}

std::string cat(const Path& file) {
  return "cat '" + file.native() + "'";
}

// With sanitizers one form of PostgreSQL will do: they do not watch its server, which takes the
// time.
bool is_too_slow() {
#ifdef BACKPROOF_SANITIZED
  return true;
#else
  return false;
#endif
}

}  // namespace

TEST_CASE("the self-test of a SQLite database in a container, and of what it leaves alone") {
  const Shop shop;
  const Path db = make_shop(shop.folder());
  shop.lay("1.db.gz", "gzip -c " + db.native(), "1 day");
  sh("sqlite3 " + db.native() + " \"INSERT INTO customer VALUES (1001, 'new', 'town 1')\"");
  shop.lay("2.db.gz", "gzip -c " + db.native(), "2 hours");
  shop.verify();
  const TargetHistory before = shop.history();
  const Selftest test = shop.selftest(0);
  check_matrix(test, {DamageKind::meta_command});
  CHECK(result_of(test, DamageKind::cut_container) == TrialResult::caught);
  CHECK(result_of(test, DamageKind::flip_index) == TrialResult::caught);
  CHECK(result_of(test, DamageKind::flip_data) == TrialResult::needs_manifest);
  CHECK(result_of(test, DamageKind::stale_copy) == TrialResult::needs_manifest);
  CHECK(test.format == "gzip sqlite database");
  // Neither verdict nor counters of the target know of the damaged copies.
  const TargetHistory after = shop.history();
  CHECK(after.last_run->id == before.last_run->id);
  CHECK(after.totals.runs == 1);
  CHECK(after.consecutive_failures == 0);
  REQUIRE(after.last_selftest);
  CHECK(*after.last_selftest == test);
}

TEST_CASE("the same seed gives the same self-test, another seed another one") {
  const Shop shop;
  shop.lay("1.db", cat(make_shop(shop.folder())), "2 hours");
  shop.verify();
  const Selftest one = shop.selftest(0, 7), again = shop.selftest(0, 7),
                 other = shop.selftest(0, 8);
  CHECK(one.trials == again.trials);
  CHECK(one.trials != other.trials);
}

TEST_CASE("the self-test of a SQLite database with a write-ahead log beside it") {
  const Shop shop;
  const Path db = make_shop(shop.folder());
  const std::string into = (shop.folder() / "backups").native() + "/";
  sh("sqlite3 " + db.native() +
     " 'PRAGMA journal_mode=WAL' 'PRAGMA wal_autocheckpoint=0' "
     "\"INSERT INTO customer VALUES (1001, 'new', 'town 1')\" '.shell cp " +
     db.native() + " " + into + "shop.db' '.shell cp " + db.native() + "-wal " + into +
     "shop.db-wal'");
  shop.verify();
  check_matrix(shop.selftest(0), {DamageKind::cut_container, DamageKind::appended_junk,
                                  DamageKind::stale_copy, DamageKind::meta_command});
}

TEST_CASE("the self-test of a SQLite dump") {
  const Shop shop;
  shop.lay("1.sql.zst", "zstd -c " + make_dump(shop.folder()).native(), "2 hours");
  shop.verify();
  check_matrix(shop.selftest(0), {DamageKind::flip_index, DamageKind::stale_copy});
}

TEST_CASE("the self-test of a plain dump of PostgreSQL") {
  if (is_too_slow()) return;
  check_pg("shop.sql.xz", "xz -0 -c '" + pg_dump_file("shop", "plain.sql").native() + "'",
           {DamageKind::flip_index, DamageKind::stale_copy});
}

TEST_CASE("the self-test of a custom archive of PostgreSQL") {
  check_pg("shop.dump", cat(pg_dump_file("shop", "custom.dump")),
           {DamageKind::flip_index, DamageKind::stale_copy, DamageKind::cut_container});
}

TEST_CASE("the self-test of a tar archive of PostgreSQL") {
  if (is_too_slow()) return;
  check_pg("shop.tar.lz4", "lz4 -c '" + pg_dump_file("shop", "tar.tar").native() + "'",
           {DamageKind::flip_index, DamageKind::stale_copy});
}

TEST_CASE("the self-test of a directory archive of PostgreSQL") {
  if (pg_missing() || is_too_slow()) return;
  const Shop shop;
  const Path backup = shop.folder() / "backups/shop";
  std::filesystem::copy(pg_dump_file("shop", "directory"), backup);
  sh("touch -d '2 hours ago' " + backup.native() + "/* " + backup.native());
  shop.verify();
  check_matrix(shop.selftest(0), {DamageKind::flip_index, DamageKind::stale_copy});
}

TEST_CASE("with a manifest beside the backup every damage is caught") {
  const Shop shop("", "*.db");
  const Path db = make_shop(shop.folder());
  const Path backup = shop.folder() / "backups/1.db";
  const Output taken = program({"backup", "--sqlite", db.native(), "--output", backup.native()});
  INFO(taken.out << taken.err);
  REQUIRE(taken.ended.exit_code == 0);
  sh("touch -d '2 hours ago' " + backup.native() + "*");
  shop.verify();
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Selftest test = shop.selftest(0, seed);
    CHECK(test.manifest);
    check_matrix(test,
                 {DamageKind::cut_container, DamageKind::stale_copy, DamageKind::meta_command});
    CHECK(count_of(test, TrialResult::needs_manifest) == 0);
    CHECK(count_of(test, TrialResult::caught) == 12);
  }
  // A database that did not change since: an older backup of it is as good.
  sh("cd " + (shop.folder() / "backups").native() +
     " && sqlite3 1.db \"VACUUM INTO '0.db'\" && touch -d '26 hours ago' 0.db");
  CHECK(result_of(shop.selftest(0), DamageKind::stale_copy) == TrialResult::not_applicable);
  // And one that did, is not.
  sh("cd " + (shop.folder() / "backups").native() +
     " && sqlite3 0.db 'DELETE FROM orders WHERE id = 1' && touch -d '26 hours ago' 0.db");
  CHECK(result_of(shop.selftest(0), DamageKind::stale_copy) == TrialResult::caught);
}

TEST_CASE("with a manifest beside an archive of PostgreSQL every damage is caught") {
  if (pg_missing() || is_too_slow()) return;
  const PgTestServer server;
  server.make_database("shop");
  server.load("shop", Path(BACKPROOF_SOURCE_DIR) / "tests/pg/zoo/shop.sql");
  const Shop shop("", "*.dump");
  const Path backup = shop.folder() / "backups/shop.dump";
  const std::string url = "postgresql://postgres@/shop?host=" + server.socket_folder().native();
  const Output taken = program({"backup", "--postgres", url, "--output", backup.native()});
  INFO(taken.out << taken.err);
  REQUIRE(taken.ended.exit_code == 0);
  sh("touch -d '2 hours ago' " + backup.native() + "*");
  shop.verify();
  const Selftest test = shop.selftest(0);
  CHECK(test.manifest);
  CHECK(test.format == "postgresql archive");
  check_matrix(test, {DamageKind::flip_index, DamageKind::stale_copy, DamageKind::cut_container});
  CHECK(count_of(test, TrialResult::needs_manifest) == 0);
  CHECK(count_of(test, TrialResult::caught) == 12);
}

TEST_CASE("a target whose checks were weakened says what passes") {
  std::string off;
  for (const char* kind : {"foreign_keys", "tables", "drift"})
    off += "[[target.check]]\nkind = \"" + std::string(kind) + "\"\nenabled = false\n";
  const Shop shop(off);
  shop.lay("1.db", cat(make_shop(shop.folder())), "2 hours");
  shop.verify();
  const Selftest test = shop.selftest(1);
  CHECK(test.result == Verdict::failed);
  CHECK(result_of(test, DamageKind::orphan_row) == TrialResult::missed);
  CHECK(result_of(test, DamageKind::flip_index) == TrialResult::caught);
  CHECK(test.reason.find("orphan_row") != std::string::npos);
  const Output text = shop.call({"selftest", "shop", "--seed", "1"});
  CHECK(text.out.find("orphan_row       MISSED") != std::string::npos);
  CHECK(text.out.find("only a manifest can catch this") != std::string::npos);
}

TEST_CASE("a seed that is no number of 64 bits is refused, not taken for another one") {
  const Shop shop;
  for (const char* seed : {"-1", "18446744073709551616", "1.5", ""})
    CHECK(shop.call({"selftest", "shop", "--seed", seed}).ended.exit_code == 64);
}

TEST_CASE("a self-test takes an older backup that passed where the newest was rotated away") {
  const Shop shop;
  const Path db = make_shop(shop.folder());
  shop.lay("1.db", cat(db), "1 day");
  shop.verify();
  sh("sqlite3 " + db.native() + " \"INSERT INTO customer VALUES (1001, 'new', 'town 1')\"");
  shop.lay("2.db", cat(db), "2 hours");
  shop.verify();
  std::filesystem::remove(shop.folder() / "backups/2.db");
  const Selftest test = shop.selftest(0);
  CHECK(test.result == Verdict::passed);
  CHECK(test.backup.filename() == "1.db");
}

TEST_CASE("a self-test that cannot be done exits 2 and says why") {
  const Shop shop;
  shop.lay("1.db", cat(make_shop(shop.folder())), "2 hours");
  CHECK(shop.selftest(2).reason.starts_with("no backup of this target has passed yet"));
  shop.verify();
  sh("echo x >>" + (shop.folder() / "backups/1.db").native());
  CHECK(shop.selftest(2).reason.starts_with("the backup is not the one that passed"));
  std::filesystem::remove(shop.folder() / "backups/1.db");
  CHECK(shop.selftest(2).reason.starts_with("none of the backups that passed is there any more"));
  CHECK_FALSE(shop.history().last_selftest);
  CHECK(shop.call({"selftest", "shoo"}).ended.exit_code == 64);
}

TEST_CASE("copies fit within the target's scratch limit, or the self-test says so") {
  const Shop shop("max_scratch = \"250KiB\"\n");
  shop.lay("1.db", cat(make_shop(shop.folder())), "2 hours");
  shop.verify();
  // The backup and one copy of its content take more.
  const Selftest test = shop.selftest(2);
  CHECK(result_of(test, DamageKind::flip_data) == TrialResult::undecided);
  CHECK(result_of(test, DamageKind::appended_junk) == TrialResult::caught);
}

TEST_CASE("a self-test that is killed leaves nothing behind after the next sweep") {
  const Shop shop;
  shop.lay("1.db", cat(make_shop(shop.folder())), "2 hours");
  shop.verify();
  auto child = Child::start(
      {{BACKPROOF_PROGRAM, "selftest", "shop", "--config.file", shop.config().native()}, {}, ""});
  REQUIRE(child);
  const Stopwatch watch;
  while (left_in(shop.scratch()).empty() && watch.took() < std::chrono::minutes(1))
    std::this_thread::yield();
  REQUIRE_FALSE(left_in(shop.scratch()).empty());
  ::kill(child->pid(), SIGKILL);
  std::ignore = child->wait();
  shop.verify();
  CHECK(left_in(shop.scratch()).empty());
  CHECK_FALSE(shop.history().last_selftest);
}

TEST_CASE("the service tests itself by schedule, and the target stays as it is") {
  const Shop shop("[target.selftest]\nschedule = \"@weekly\"\n");
  shop.lay("1.db", cat(make_shop(shop.folder())), "2 hours");
  Server server(shop.config());
  const std::string label = "{target=\"shop\"}";
  CHECK(server.metric("backproof_selftest_success" + label) == 0);
  CHECK(server.metric("backproof_selftest_interval_seconds" + label) == 7 * 86400);
  server.wait_for("/metrics", [&](const std::string&) {
    return server.metric("backproof_selftest_last_timestamp_seconds" + label) > 0;
  });
  CHECK(server.metric("backproof_selftest_success" + label) == 1);
  CHECK(server.metric("backproof_selftest_damages{target=\"shop\",result=\"caught\"}") >= 5);
  CHECK(server.metric("backproof_selftest_damages{target=\"shop\",result=\"missed\"}") == 0);
  CHECK(server.metric("backproof_runs_total" + label) == 1);
  CHECK(server.metric("backproof_consecutive_failures" + label) == 0);
  CHECK(server.metric("backproof_last_run_success" + label) == 1);
  const auto target = nlohmann::json::parse(server.get("/api/v1/targets")).at("targets").at(0);
  CHECK(target.at("selftest").at("result") == "passed");
  CHECK(target.at("selftest").at("trials").size() == all_damage_kinds.size());
  CHECK(target.at("selftest_schedule").at("next").is_string());
  const std::string page = server.get("/targets/shop");
  CHECK(page.find("Last self-test: <span class=\"badge passed\">") != std::string::npos);
  CHECK(page.find("<code class=\"whole\">flip_data</code>") != std::string::npos);
  server.signal(SIGTERM);
  CHECK(server.wait().exit_code == 0);
  CHECK(left_in(shop.scratch()).empty());
}
