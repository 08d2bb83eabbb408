// SPDX-License-Identifier: Apache-2.0
// `backproof drill` of a live PostgreSQL database, as a user calls it.
#include <algorithm>

#include "base/text.h"
#include "e2e/drill_site.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const std::string built_in =
    "backup = { postgresql = \"postgresql://readerLIVE\", output = \"BACKUPS/shop-{time}.dump\" "
    "}\n[target.drill]\nschedule = \"none\"\n"
    "canary = { table = \"public.canary\", postgresql = \"postgresql://canaryLIVE\" }\n";
// What a team types: the roles first, which no dump of a database holds.
const std::string roles =
    "psql -qX -d postgres -c 'CREATE ROLE canary' -c 'CREATE ROLE reader' && ";
const std::string pg_restore = roles +
                               "pg_restore -h \"$TARGET_HOST\" -p \"$TARGET_PORT\" -U "
                               "\"$TARGET_USER\" --no-owner -d \"$TARGET_DB\" \"$BACKUP_FILE\"";

std::string restoring(const std::string& command) {
  return built_in + "restore_command = '''" + command + "'''\n";
}

}  // namespace

TEST_CASE("a drill of PostgreSQL backs up, loses, restores and proves") {
  if (pg_missing()) return;
  const PgSite site(
      built_in +
      "smoke_command = '''test \"$(psql -qAtX -h \"$TARGET_HOST\" -U \"$TARGET_USER\" "
      "-d \"$TARGET_DB\" -c 'SELECT count(*) FROM orders')\" = 500'''\n");
  const Drill drill = site.drill(0);
  CHECK(drill.result == Verdict::passed);
  CHECK(drill.with_manifest);
  CHECK(drill.recovery > Duration{});
  CHECK(drill.newest_by == "the canary");
  CHECK(drill.stages.back().note == "the smoke command agrees");
  CHECK(site.server().psql("shop", "SELECT count(*) FROM canary") == "2\n");
}

TEST_CASE("a drill of PostgreSQL by the team's own commands, kept from the live server") {
  if (pg_missing()) return;
  const std::string own_backup =
      "[target.drill]\nschedule = \"none\"\nbackup_command = \"pg_dump -Fc -d "
      "'postgresql://postgresLIVE' -f BACKUPS/team.dump\"\n"
      "canary = { table = \"public.canary\", postgresql = \"postgresql://canaryLIVE\" }\n";
  // What a runbook may say by mistake: production's address, or none at all.
  const PgSite site(own_backup +
                    "restore_command = '''export PGAPPNAME=runbook; psql -qX -d "
                    "postgresql://postgresLIVE -c 'DROP TABLE orders' || true; psql -qX -h "
                    "/var/run/postgresql -l || true; psql -qX -h localhost -l || true; " +
                    pg_restore + "'''\n");
  const Drill drill = site.drill(0);
  CHECK(drill.by_command);
  CHECK(drill.proof->isolation == Isolation::full);
  const std::string log = site.server().log();
  CHECK(log.find("connection authorized") != std::string::npos);
  CHECK(log.find("application_name=runbook") == std::string::npos);
}

TEST_CASE("a restore command that ends with exit code 0 and restores nothing is found out") {
  if (pg_missing()) return;
  check_ended(PgSite(restoring("true")).drill(1), DrillCause::data, DrillStage::prove, "");
  check_ended(PgSite(restoring("exit 4")).drill(1), DrillCause::restore, DrillStage::restore,
              "the restore command ended with exit code 4");
  check_ended(PgSite(restoring("tail -f /dev/null") + "command_timeout = \"1s\"\n").drill(1),
              DrillCause::restore, DrillStage::restore, "did not end within 1s");
}

TEST_CASE("a restore command that restores into the wrong database is found out") {
  if (pg_missing()) return;
  const PgSite other(
      restoring(roles + "createdb other && pg_restore --no-owner -d other \"$BACKUP_FILE\""));
  check_ended(other.drill(1), DrillCause::data, DrillStage::prove, "");
  const PgSite gone(restoring("dropdb \"$TARGET_DB\""));
  check_ended(gone.drill(1), DrillCause::restore, DrillStage::restore, "there is no database");
}

TEST_CASE("a restore command that restores one table of the dump is found out") {
  if (pg_missing()) return;
  const PgSite site(
      "[target.drill]\nschedule = \"none\"\nbackup_command = \"pg_dump -Fc -d "
      "'postgresql://postgresLIVE' -f BACKUPS/team.dump\"\n"
      "canary = { table = \"public.canary\", postgresql = "
      "\"postgresql://canaryLIVE\" }\nrestore_command = 'pg_restore --no-owner -x -d "
      "\"$TARGET_DB\" -t canary \"$BACKUP_FILE\"'\n");
  check_ended(site.drill(1), DrillCause::data, DrillStage::prove,
              "table public.orders: in the backup, and not restored");
}

TEST_CASE("a restore command that restores yesterday's dump is found out") {
  if (pg_missing()) return;
  const PgSite site(restoring(roles + "pg_restore --no-owner -d \"$TARGET_DB\" "
                                      "BACKUPS/yesterday.dump"));
  site.server().dump_to(site.backups() / "yesterday.dump", "shop", {"-Fc"});
  sh("touch -d '1 day ago' " + (site.backups() / "yesterday.dump").native());
  check_ended(site.drill(1), DrillCause::data, DrillStage::prove, "manifest");
}

TEST_CASE("a live server that is away makes a drill inconclusive") {
  if (pg_missing()) return;
  const PgSite site(
      "backup = { postgresql = \"postgresql://reader@/shop?host=/nowhere\", output = "
      "\"BACKUPS/shop-{time}.dump\" }\n[target.drill]\nschedule = \"none\"\n");
  check_ended(site.drill(2), DrillCause::source, DrillStage::backup, "");
}

TEST_CASE("a drill of PostgreSQL that is killed in any stage leaves nothing, and starts again") {
  if (pg_missing()) return;
  const PgSite site(built_in);
  for (const DrillStage stage : {DrillStage::backup, DrillStage::lose, DrillStage::restore}) {
    INFO(name_of(stage));
    site.drill_killed_at("drill: " + std::string(name_of(stage)) + " ...");
    CHECK(site.drill(0).result == Verdict::passed);
    CHECK(site.history().at(1).cause == DrillCause::interrupted);
  }
}
