// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "exporter/config.h"

namespace backproof {
namespace {

constexpr KeyDoc keys[] = {
    {"state_dir", "string", R"("/var/lib/backproof")",
     "folder of the history (`history.sqlite`); made when missing"},
    {"scratch_dir", "string", R"("/var/tmp")",
     "folder in which sandboxes are made; needs room for the largest restored database, and "
     "every user must be able to pass through to it when backproof is started by root"},
    {"max_parallel", "integer", "1", "verifications at a time, 1 to 64"},
    {"inventory_interval", "duration", R"("5m")",
     "how often the sources are listed, so that a missing backup is seen between verifications"},
    {"require_isolation", "string", R"("full")",
     "how much of the worker's jail must be proven before a backup is read: `full`, `partial` "
     "or `none`; with less, a verification is inconclusive"},
    {"retention.passed", "duration", R"("90d")", "how long runs that passed stay in the history"},
    {"retention.not_passed", "duration", R"("400d")",
     "how long runs that failed or were inconclusive stay there"},
    {"retention.logs", "duration", R"("30d")",
     "how long the logs of runs stay; a run outlives its log, and that of a target's last run that "
     "did not pass stays"},
    {"retention.logs_per_target", "integer", "1000", "how many logs of a target stay at most"},
    {"defaults", "table", "",
     "what targets have that do not say otherwise: `enabled`, `engine`, `schedule`, "
     "`time_zone`, `jitter`, `blackout`, `on_arrival`, `retry`, `max_age`, `rpo`, `rto`, "
     "`timeout`, "
     "`stage_timeout`, `max_scratch`, `max_ratio`, `max_memory`, `max_cpu`, `max_read_rate`, "
     "`nice`, "
     "`io_priority`"},
    {"target.name", "string", "(required)",
     "unique, 1 to 128 printable bytes; results are recorded under it"},
    {"target.enabled", "boolean", "true", "false: known, but never verified by schedule"},
    {"target.source", "table", "(required)",
     "where its backups appear: `kind` and the options of that kind (`backproof kinds`)"},
    {"target.decrypt", "string or table", "",
     "a command for `/bin/sh` that decrypts its backups, or a table with the keys below (see "
     "[Encrypted backups](#encrypted-backups))"},
    {"target.decrypt.command", "string", "(required)",
     "gets the backup on stdin and prints what was encrypted"},
    {"target.decrypt.environment", "table", "", "variables for the command, with their values"},
    {"target.decrypt.secrets", "table", "",
     "variables for the command, with files whose first line is their value"},
    {"target.decrypt.timeout", "duration", R"("1h")", "the most that it may take"},
    {"target.select", "string or table", R"("newest")",
     "which of its backups are verified at a due time (see [Which backup](#which-backup)): "
     "`newest`, `every_new`, or a table with the keys below"},
    {"target.select.policy", "string", "(required)",
     "`newest`, `every_new`, `random` or `coverage`"},
    {"target.select.count", "integer", "(required)", "of `random`: how many are drawn"},
    {"target.select.within", "duration", "(of `every_new` 2.2 x the schedule's longest interval)",
     "of `coverage`: within what each backup is verified once; of `every_new`: how long a new one "
     "may stay unverified; `0`: for ever"},
    {"target.engine", "string", R"("auto")",
     "how its backups are restored; `auto` tells by their bytes"},
    {"target.engine_options", "table", "", "options of the engine (`backproof kinds`)"},
    {"target.schedule", "string", R"("@weekly")",
     "when it is verified (see [Schedules](#schedules)): five cron fields, `@hourly`, `@daily`, "
     "`@weekly`, `@monthly`, `@yearly`, or `none`: only by hand"},
    {"target.time_zone", "string", R"("UTC")", "the schedule's zone, as in `Europe/Berlin`"},
    {"target.jitter", "duration", R"("0")",
     "how far the starts of targets of one schedule are spread: each starts later by a part of it "
     "that follows from the target's name; less than the time between two runs"},
    {"target.blackout", "array of strings", "",
     "windows like `mon-fri 08:00-18:00` or `22:00-02:00`, in the target's time zone: what is "
     "scheduled and would start in one starts at its end"},
    {"target.on_arrival", "boolean", "false",
     "true: each new backup is verified once it is complete, beside those that `select` chooses at "
     "due times (see [On arrival](#on-arrival))"},
    {"target.retry", "table", "",
     "when a verification is tried again that was inconclusive for a cause that can pass: `fetch`, "
     "`space`, `interrupted` or `crashed`"},
    {"target.retry.attempts", "integer", "3",
     "how many there are in all, 1 to 20; `1`: none again"},
    {"target.retry.delay", "duration", R"("1m")",
     "before the second, doubled before each further one; up to a half more is added, so that not "
     "all come at once"},
    {"target.retry.max_delay", "duration", R"("1h")", "the most that it is doubled to"},
    {"target.max_age", "duration", "(2.2 x the schedule's longest interval)",
     "age of the last pass at which the target counts as stale; `0`: never, as is the default "
     "where `select` is `every_new`"},
    {"target.rpo", "duration", R"("0")",
     "recovery point objective: age that the newest backup may have; `0`: none"},
    {"target.rto", "duration", R"("0")",
     "recovery time objective: time that a restore may take; `0`: none"},
    {"target.timeout", "duration", R"("6h")",
     "wall time of one verification; past it, it is inconclusive"},
    {"target.stage_timeout", "table", "",
     "wall time of single stages, as in `{ fetch = \"30m\", check = \"1h\" }`; past it, the "
     "verification is inconclusive"},
    {"target.stage_timeout.select", "duration", R"("0")", "`0`: `timeout` alone counts, as below"},
    {"target.stage_timeout.sandbox", "duration", R"("0")", ""},
    {"target.stage_timeout.fetch", "duration", R"("0")", ""},
    {"target.stage_timeout.inspect", "duration", R"("0")", ""},
    {"target.stage_timeout.restore", "duration", R"("0")", ""},
    {"target.stage_timeout.check", "duration", R"("0")", ""},
    {"target.stage_timeout.teardown", "duration", R"("0")", ""},
    {"target.max_scratch", "size", "0", "bytes that one verification may write; 0: what is free"},
    {"target.max_ratio", "integer", "2000",
     "decompressed bytes per compressed byte beyond which a backup counts as a bomb"},
    {"target.max_memory", "size", "0",
     "bytes of data that each process of a verification may have; `0`: 1 GiB for the worker and "
     "4 GiB for each process of a PostgreSQL server, which no value raises for the worker"},
    {"target.max_cpu", "duration", R"("0")",
     "processor time that each process of a verification may take; `0`: any"},
    {"target.max_read_rate", "size", "0",
     "bytes of the backup that a verification reads in a second, for storage that others need, "
     "too; what a `fetch` or `decrypt` command reads is for it to limit; `0`: any"},
    {"target.nice", "integer", "10", "`nice` of a verification's processes, 0 to 19"},
    {"target.io_priority", "string", R"("low")",
     "its turn at the disks: `normal`, `low` (the last of best effort) or `idle`"},
    {"target.require_isolation", "string", "(as for all)",
     "the same for this target; one with `sandbox.server` needs `partial`: it is in no jail"},
    {"target.manifest", "string", R"("{}.manifest.json")",
     "name of the manifest beside a backup; `{}` stands for the backup's name"},
    {"target.backup", "table", "",
     "how `backproof backup NAME` takes one, with its manifest; without it other tools do"},
    {"target.backup.sqlite", "string", "", "the live SQLite database"},
    {"target.backup.postgresql", "string", "",
     "`postgresql://user@host:port/database?...`, no password: the live PostgreSQL database"},
    {"target.backup.password_file", "string", "",
     "file with the password for `backup.postgresql`; here as for all secrets, "
     "`$CREDENTIALS_DIRECTORY/NAME` is what systemd's `LoadCredential=` puts there"},
    {"target.backup.output", "string", "",
     "name of the backup, with `{time}` in it; `.sql` at its end is SQL of pg_dump"},
    {"target.sandbox", "table", "", "what a backup is restored into, where it needs a server"},
    {"target.sandbox.postgresql", "string", "",
     "folder of the PostgreSQL server's programs; without it the newest installed server"},
    {"target.sandbox.before", "array of strings", "",
     "dumps to restore before the backup: globals of pg_dumpall, a schema"},
    {"target.sandbox.server", "string", "",
     "`postgresql://user@host:port/database?...`, no password: a server to restore into, in a "
     "database of the run's own, instead of a throw-away one"},
    {"target.sandbox.password_file", "string", "", "file with the password for `sandbox.server`"},
    {"target.selftest", "table", "", "when the verifier itself is tested on this target"},
    {"target.selftest.schedule", "string", R"("none")",
     "as `schedule`, in the target's time zone: when copies of its newest backup that passed are "
     "damaged, and each must get the right verdict; `none`: only by hand"},
    {"target.drill", "table", "", "how its recovery is drilled (`backproof drill NAME`)"},
    {"target.drill.schedule", "string", R"("0 4 1 */3 *")",
     "as `schedule`, in the target's time zone: when it is drilled, quarterly unless it says "
     "otherwise; `none`: only by hand"},
    {"target.drill.backup_command", "string", "",
     "for `/bin/sh`: takes a backup, which then appears at the target's source; without it "
     "`target.backup` takes one"},
    {"target.drill.restore_command", "string", "",
     "for `/bin/sh`: restores `BACKUP_FILE` into the sandbox; without it backproof does"},
    {"target.drill.smoke_command", "string", "",
     "for `/bin/sh`: asks the restored database; must end with exit code 0"},
    {"target.drill.command_timeout", "duration", R"("1h")", "the most that each of them may take"},
    {"target.drill.guard", "boolean", "true",
     "restore and smoke commands reach no network, no socket and no file of this host but those "
     "of the sandbox to write to; false: they may"},
    {"target.drill.canary", "table", "",
     "a row that is written to the live database before the "
     "backup, and one after it"},
    {"target.drill.canary.table", "string", "(required)", "the only table that a drill writes to"},
    {"target.drill.canary.key", "string", R"("id")", "its column for a text"},
    {"target.drill.canary.time", "string", R"("written_at")", "its column for a time"},
    {"target.drill.canary.sqlite", "string", "(that of `target.backup`)",
     "the live SQLite database"},
    {"target.drill.canary.postgresql", "string", "",
     "the live PostgreSQL database, as a user who may insert into that table"},
    {"target.drill.canary.password_file", "string", "",
     "file with the password for `canary.postgresql`"},
    {"target.check", "array of tables", "",
     "`kind` and the options of that check (`backproof kinds`). A kind that runs anyway is "
     "configured by its entries instead; any other kind is added"},
    {"target.check.enabled", "boolean", "true", "false: this check is not asked"},
    {"target.check.on_failure", "string", R"("fail")",
     "`fail`, or `warn`: shown and counted, but the verdict stands without it"},
};

}  // namespace

std::vector<KeyDoc> config_keys() {
  return {std::begin(keys), std::end(keys)};
}

std::string config_keys_markdown() {
  std::string out = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const KeyDoc& doc : config_keys()) {
    const bool described = doc.fallback.starts_with('(');
    std::string fallback(doc.fallback);
    if (described) fallback = fallback.substr(1, fallback.size() - 2);
    if (!described && !fallback.empty()) fallback = '`' + fallback + '`';
    out.append("| `").append(doc.key).append("` | ").append(doc.type).append(" | ");
    out.append(fallback).append(" | ").append(doc.meaning).append(" |\n");
  }
  return out;
}

}  // namespace backproof
