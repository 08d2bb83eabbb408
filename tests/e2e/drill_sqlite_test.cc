// SPDX-License-Identifier: Apache-2.0
// `backproof drill` of a live SQLite database, as a user calls it.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "e2e/drill_site.h"
#include "support/server.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const std::string built_in =
    "backup = { sqlite = \"LIVE\", output = \"BACKUPS/shop-{time}.db\" }\n"
    "[target.drill]\nschedule = \"none\"\ncanary = { table = \"canary\" }\n";
// The team's own way: two scripts.
const std::string by_team =
    "[target.drill]\nschedule = \"none\"\ncanary = { table = \"canary\", sqlite = \"LIVE\" }\n"
    "backup_command = \"sqlite3 LIVE '.backup BACKUPS/new.db'\"\n";

std::string restoring(const std::string& command) {
  return built_in + "restore_command = '''" + command + "'''\n";
}

std::string copy_of(const SqliteSite& site, const std::string& name, const std::string& age) {
  const std::string file = (site.backups() / name).native();
  return sh("sqlite3 '" + site.live().native() + "' '.backup " + file + "' && touch -d '" + age +
            " ago' '" + file + "'");
}

}  // namespace

TEST_CASE("a drill of SQLite backs up, loses, restores and proves") {
  const SqliteSite site(built_in);
  const Drill drill = site.drill(0);
  CHECK(drill.result == Verdict::passed);
  CHECK(drill.with_manifest);
  CHECK(drill.recovery > Duration{});
  CHECK(drill.newest_by == "the canary");
  REQUIRE(data_loss_of(drill));
  CHECK(*data_loss_of(drill) < std::chrono::minutes(5));
  CHECK_FALSE(exceeds_rto(drill));
  CHECK_FALSE(exceeds_rpo(drill));
  CHECK(drill.stages.size() == all_drill_stages.size());
  for (const DrillStageResult& stage : drill.stages) CHECK_FALSE(stage.error);
  REQUIRE(drill.proof);
  CHECK(drill.proof->log.empty());
  // Its backup was verified as any other, and recorded so.
  const auto store = HistoryStore::open(site.folder() / "state/history.sqlite");
  const auto runs = (*store)->list({"shop", {}, 50});
  REQUIRE(runs->size() == 1);
  CHECK(runs->front().trigger == "drill");
  CHECK(runs->front().backup.path == drill.backup);
  // The second one loses the backup of the first.
  const Drill second = site.drill(0);
  CHECK(second.stand_in.find(drill.backup.filename().native()) == 0);
}

TEST_CASE("a drill by the team's own commands proves what they restored") {
  const SqliteSite site(by_team +
                        "restore_command = 'cp \"$BACKUP_FILE\" \"$TARGET_FILE\"'\n"
                        "smoke_command = 'test \"$(sqlite3 \"$TARGET_FILE\" \"SELECT "
                        "count(*) FROM orders\")\" = 500'\n");
  const Drill drill = site.drill(0);
  CHECK(drill.by_command);
  CHECK_FALSE(drill.with_manifest);
  CHECK(drill.stages.back().note == "the smoke command agrees");
}

TEST_CASE("a backup command that fails, does nothing, or brings an old file ends a drill") {
  const std::string start = "[target.drill]\nschedule = \"none\"\nbackup_command = ";
  check_ended(SqliteSite(start + "'exit 3'\n").drill(1), DrillCause::backup, DrillStage::backup,
              "the backup command ended with exit code 3");
  check_ended(SqliteSite(start + "'true'\n").drill(1), DrillCause::backup, DrillStage::backup,
              "the source holds nothing new");
  check_ended(SqliteSite(start + "\"cp LIVE BACKUPS/a.db && touch -d '2 days ago' BACKUPS/a.db\"\n")
                  .drill(1),
              DrillCause::backup, DrillStage::backup, "an old backup");
  check_ended(SqliteSite(start + "'tail -f /dev/null'\ncommand_timeout = \"1s\"\n").drill(1),
              DrillCause::backup, DrillStage::backup, "did not end within 1s");
}

TEST_CASE("a backup that is bad ends a drill before anything is lost") {
  const SqliteSite site(
      "[target.drill]\nschedule = \"none\"\n"
      "backup_command = 'head -c 8000 LIVE > BACKUPS/cut.db'\n");
  const Drill drill = site.drill(1);
  check_ended(drill, DrillCause::verify, DrillStage::verify, "truncated");
  CHECK(drill.lost == TimePoint{});
}

TEST_CASE("a restore command that fails, hangs or leaves nothing did not restore") {
  check_ended(SqliteSite(restoring("exit 7")).drill(1), DrillCause::restore, DrillStage::restore,
              "the restore command ended with exit code 7");
  check_ended(SqliteSite(restoring("true")).drill(1), DrillCause::restore, DrillStage::restore,
              "left no file");
  check_ended(SqliteSite(restoring("tail -f /dev/null") + "command_timeout = \"1s\"\n").drill(1),
              DrillCause::restore, DrillStage::restore, "did not end within 1s");
  check_ended(SqliteSite(restoring(": > \"$TARGET_FILE\"")).drill(1), DrillCause::restore,
              DrillStage::restore, "empty");
}

TEST_CASE("a restore command that restores yesterday's backup is found out") {
  const SqliteSite site(restoring("cp BACKUPS/yesterday.db \"$TARGET_FILE\""));
  copy_of(site, "yesterday.db", "1 day");
  check_ended(site.drill(1), DrillCause::data, DrillStage::prove, "canary");
  // Without a manifest, the canary alone tells.
  const SqliteSite bare(by_team + "restore_command = 'cp BACKUPS/old.db \"$TARGET_FILE\"'\n");
  copy_of(bare, "old.db", "1 day");
  check_ended(bare.drill(1), DrillCause::canary, DrillStage::prove,
              "the canary from before the backup");
}

TEST_CASE("a restore command that copies the live database is betrayed by the later canary") {
  const SqliteSite site(by_team + "restore_command = 'cp LIVE \"$TARGET_FILE\"'\n");
  check_ended(site.drill(1), DrillCause::canary, DrillStage::prove,
              "no canary from after the backup");
}

TEST_CASE("a restore command reaches neither the live database nor the network") {
  const SqliteSite site(
      restoring("for f in LIVE LIVE-wal; do echo x >> $f || true; done; rm -f LIVE || true; "
                "mv BACKUPS/x LIVE || true; sqlite3 LIVE 'DELETE FROM orders' || true; "
                "test \"$(cat /proc/net/dev | grep -c :)\" = 1 || exit 9; cp \"$BACKUP_FILE\" "
                "\"$TARGET_FILE\""));
  CHECK(site.drill(0).result == Verdict::passed);
}

// Nothing in the configuration names the live database here.
TEST_CASE("a runbook harms nothing of this host, whatever the drill knows of it") {
  const SqliteSite site(
      "[target.drill]\nschedule = \"none\"\nbackup_command = \"sqlite3 LIVE '.backup "
      "BACKUPS/new.db'\"\nrestore_command = 'sqlite3 LIVE \"DELETE FROM orders\"; rm -f "
      "BACKUPS/*; cp \"$BACKUP_FILE\" \"$TARGET_FILE\"'\n");
  CHECK(site.drill(0).result == Verdict::passed);
  CHECK(std::filesystem::exists(site.backups() / "new.db"));
}

TEST_CASE("a restore command that restores a part is found out without a manifest") {
  const auto part = [](const std::string& sql) {
    return by_team +
           "restore_command = '''cp \"$BACKUP_FILE\" \"$TARGET_FILE\"; sqlite3 "
           "\"$TARGET_FILE\" \"" +
           sql + "\"'''\n";
  };
  check_ended(SqliteSite(part("DROP TABLE orders")).drill(1), DrillCause::data, DrillStage::prove,
              "table main.orders: in the backup, and not restored");
  check_ended(SqliteSite(part("DELETE FROM orders WHERE id > 400")).drill(1), DrillCause::data,
              DrillStage::prove, "table main.orders: 500 rows in the backup, 400 restored");
  check_ended(SqliteSite(part("UPDATE orders SET total = 0 WHERE id = 7")).drill(1),
              DrillCause::data, DrillStage::prove, "table main.orders: other values");
}

TEST_CASE("an old backup under a new name or time proves nothing of today") {
  for (const char* act : {"touch BACKUPS/old.db", "cp BACKUPS/old.db BACKUPS/new.db"}) {
    const SqliteSite site(
        "[target.drill]\nschedule = \"none\"\nbackup_command = '''test -e "
        "BACKUPS/old.db || exec sqlite3 LIVE '.backup BACKUPS/old.db'; " +
        std::string(act) + "'''\n");
    CHECK(site.drill(0).result == Verdict::passed);
    check_ended(site.drill(2), DrillCause::unproven, DrillStage::verify, "bytes of an earlier one");
  }
}

TEST_CASE("what claims to be newer than its backup is no recovered data") {
  const SqliteSite site(built_in);
  run_sql(site.live(), "INSERT INTO orders VALUES (501, 1, datetime('now', '-1 hours'))");
  std::filesystem::create_directory(site.folder() / "offsite");
  const std::string copy = (site.folder() / "offsite/a[1].db").native();
  sh("sqlite3 '" + site.live().native() + "' '.backup " + copy + "' && touch -d '20 hours ago' '" +
     copy + "'");
  const Drill drill = site.drill(0, {"--from-copy", copy});
  REQUIRE(data_loss_of(drill));
  CHECK(*data_loss_of(drill) > std::chrono::hours(19));
}

TEST_CASE("a folder of copies is searched by the target's own pattern") {
  const SqliteSite site(built_in);
  std::filesystem::create_directory(site.folder() / "offsite");
  sh("cd '" + site.folder().path().native() +
     "/offsite' && sqlite3 ../app/shop.db '.backup a.db' && touch -d '3 hours ago' a.db && echo "
     "hello > README.txt");
  CHECK(site.drill(0, {"--from-copy", (site.folder() / "offsite").native()}).backup.filename() ==
        "a.db");
}

TEST_CASE("a failed drill says nothing of the data that it would have lost") {
  const Drill drill = SqliteSite(restoring("exit 1")).drill(1);
  CHECK_FALSE(data_loss_of(drill));
}

TEST_CASE("two drills of one target do not go on at once") {
  const SqliteSite site(by_team +
                        "restore_command = 'test -e FOLDER/go || tail -f /dev/null; cp "
                        "\"$BACKUP_FILE\" \"$TARGET_FILE\"'\n");
  auto first = Child::start(
      {{BACKPROOF_PROGRAM, "drill", "shop", "--yes", "--config.file", site.config().native()},
       {},
       ""});
  REQUIRE(first);
  const Stopwatch watch;
  while (!site.is_drilling()) REQUIRE(watch.took() < std::chrono::minutes(1));
  const Output second = site.call({"drill", "shop", "--yes"});
  CHECK(second.ended.exit_code == 64);
  CHECK(second.err.find("another drill of shop goes on") != std::string::npos);
  first->kill_group();
  first->wait();
  site.folder().write("go", "");
  CHECK(site.drill(0).result == Verdict::passed);
}

TEST_CASE("a report that cannot be written is said before anything is done") {
  const SqliteSite site(built_in);
  for (const char* option : {"--html", "--command-output"}) {
    const Output output = site.call({"drill", "shop", "--yes", option, "/nowhere/x"});
    CHECK(output.ended.exit_code == 64);
    CHECK(output.err.find("cannot write to /nowhere") != std::string::npos);
  }
  CHECK(std::filesystem::is_empty(site.backups()));
}

TEST_CASE("of a backup command that makes two backups the other one is named") {
  const SqliteSite site(
      "[target.drill]\nschedule = \"none\"\ncanary = { table = \"canary\", sqlite = \"LIVE\" "
      "}\nbackup_command = \"sqlite3 LIVE '.backup BACKUPS/a.db' && sqlite3 LIVE '.backup "
      "BACKUPS/b.db'\"\n");
  const Drill drill = site.drill(0);
  REQUIRE_FALSE(drill.warnings.empty());
  CHECK(drill.warnings.front().find("more than one backup") != std::string::npos);
}

TEST_CASE("what commands print is nowhere but in the file that was asked for") {
  const SqliteSite site(restoring("echo hunter2; echo hunter2 >&2; exit 1"));
  const Path output = site.folder() / "output";
  const Output text =
      site.call({"drill", "shop", "--yes", "--html", (site.folder() / "r.html").native(),
                 "--command-output", output.native()});
  CHECK(text.ended.exit_code == 1);
  CHECK((text.out + text.err).find("hunter2") == std::string::npos);
  CHECK(read_file(output).value() == "hunter2\nhunter2\n");
  CHECK(sh("stat -c %a " + output.native()) == "600\n");
  CHECK(sh("grep -rlc hunter2 " + (site.folder() / "state").native() + " " +
           (site.folder() / "r.html").native() + " || true")
            .empty());
}

TEST_CASE("a smoke command that says no fails a drill, and what the data says comes first") {
  check_ended(SqliteSite(built_in + "smoke_command = 'exit 1'\n").drill(1), DrillCause::smoke,
              DrillStage::prove, "the smoke command ended with exit code 1");
  check_ended(SqliteSite(restoring("sqlite3 \"$TARGET_FILE\" 'CREATE TABLE orders(a)'") +
                         "smoke_command = 'exit 1'\n")
                  .drill(1),
              DrillCause::data, DrillStage::prove, "");
}

TEST_CASE("a live database that is away makes a drill inconclusive") {
  const SqliteSite site(built_in);
  std::filesystem::remove(site.live());
  check_ended(site.drill(2), DrillCause::source, DrillStage::canary,
              "the canary cannot be written");
  const SqliteSite bare(
      "backup = { sqlite = \"LIVE\", output = \"BACKUPS/shop-{time}.db\" }\n[target.drill]\n"
      "schedule = \"none\"\n");
  std::filesystem::remove(bare.live());
  check_ended(bare.drill(2), DrillCause::source, DrillStage::backup, "");
}

TEST_CASE("a drill without space is inconclusive") {
  const SqliteSite site("max_scratch = \"8KiB\"\n" + built_in);
  check_ended(site.drill(2), DrillCause::space, DrillStage::verify, "");
}

TEST_CASE("a drill that is killed in any stage leaves nothing, and can be started again") {
  const SqliteSite site(built_in);
  for (const DrillStage stage : all_drill_stages) {
    INFO(name_of(stage));
    site.drill_killed_at("drill: " + std::string(name_of(stage)) + " ...");
    const Drill again = site.drill(0);
    CHECK(again.result == Verdict::passed);
    const auto kept = site.history();
    REQUIRE(kept.size() >= 2);
    CHECK(kept.at(1).result == Verdict::inconclusive);
    CHECK(kept.at(1).cause == DrillCause::interrupted);
  }
}

TEST_CASE("the off-site copy is drilled without the live database") {
  const SqliteSite site(built_in);
  std::filesystem::create_directory(site.folder() / "offsite");
  sh("sqlite3 '" + site.live().native() + "' '.backup " +
     (site.folder() / "offsite/a.db").native() + "' && touch -d '3 hours ago' " +
     (site.folder() / "offsite/a.db").native());
  std::filesystem::remove(site.live());
  const Drill drill =
      site.drill(0, {"--from-copy", (site.folder() / "offsite").native(), "--as-host"});
  CHECK(drill.stages.front().stage == DrillStage::backup);
  CHECK(drill.backup == site.folder() / "offsite/a.db");
  for (const std::string& line : drill.not_drilled) CHECK(line.find("host") == std::string::npos);
  const Drill file = site.drill(0, {"--from-copy", (site.folder() / "offsite/a.db").native()});
  CHECK(file.result == Verdict::passed);
}

TEST_CASE("a drill that was missed is made up for by the service, which shows it") {
  const std::string scheduled =
      "backup = { sqlite = \"LIVE\", output = \"BACKUPS/shop-{time}.db\" }\n"
      "[target.drill]\ncanary = { table = \"canary\" }\n";
  const SqliteSite site(scheduled);
  copy_of(site, "first.db", "2 hours");
  // Makes the history. Drills of the target are scheduled for longer than a quarter.
  site.call({"verify", "--target", "shop"});
  run_sql(site.folder() / "state/history.sqlite",
          "INSERT OR REPLACE INTO targets (name, created, drill_since) SELECT 'shop', t, t FROM "
          "(SELECT (strftime('%s') - 200 * 86400) * 1000000 AS t)");
  const Server service(site.config());
  service.wait_for("/metrics", [](const std::string& page) {
    return page.find("backproof_drills_total{target=\"shop\"} 1\n") != std::string::npos;
  });
  const std::vector<Drill> kept = site.history();
  REQUIRE(kept.size() == 1);
  CHECK(kept.front().trigger == "schedule");
  CHECK(kept.front().result == Verdict::passed);
  CHECK(service.get("/drills/" + kept.front().id).find("passed") != std::string::npos);
  CHECK(service.get("/api/v1/drills/" + kept.front().id).find(kept.front().id) !=
        std::string::npos);
  CHECK(service.get("/targets/shop").find("/drills/" + kept.front().id) != std::string::npos);
}

TEST_CASE("a drill is not started by mistake") {
  const SqliteSite site(built_in);
  const Output unasked = site.call({"drill", "shop"});
  CHECK(unasked.ended.exit_code == 64);
  CHECK(unasked.err.find("add --yes") != std::string::npos);
  const Output bare = site.call({"drill", "shop", "--yes", "--as-host"});
  CHECK(bare.ended.exit_code == 64);
  CHECK(bare.err.find("--from-copy") != std::string::npos);
  CHECK(std::filesystem::is_empty(site.backups()));
}

TEST_CASE("a stand-in is not lost where the live database lies") {
  const SqliteSite site(built_in);
  sh("sed -i 's|^scratch_dir.*|scratch_dir = \"" + (site.folder() / "app").native() + "\"|' " +
     site.config().native());
  const Output refused = site.call({"drill", "shop", "--yes"});
  CHECK(refused.ended.exit_code == 64);
  CHECK(refused.err.find("where the stand-in will be lost") != std::string::npos);
  CHECK(std::filesystem::is_empty(site.backups()));
}
