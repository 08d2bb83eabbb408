// SPDX-License-Identifier: Apache-2.0
// The drill of a target.
#include "base/text.h"
#include "exporter/config_target.h"
#include "sandbox/named_server.h"

namespace backproof {
namespace {

constexpr const char* quarterly = "0 4 1 */3 *";

}  // namespace

CanarySpec TargetReader::read_canary(Options& drill, const Target& target) {
  const Table& table = drill.table("canary");
  CanarySpec canary;
  if (!drill.has("canary")) return canary;
  Options own(table, drill.line_of("canary"), drill.where() + ", canary", problems_);
  canary.table = own.required_string("table");
  canary.key = own.string("key", canary.key);
  canary.time = own.string("time", canary.time);
  canary.database.sqlite = path_of(own.string("sqlite", ""));
  canary.database.postgresql = own.string("postgresql", "");
  canary.database.password_file = password_file(own);
  const bool named = !canary.database.sqlite.empty() || !canary.database.postgresql.empty();
  if (!named && target.backup && !target.backup->database.sqlite.empty())
    canary.database.sqlite = target.backup->database.sqlite;
  if (canary.database.sqlite.empty() == canary.database.postgresql.empty())
    own.problem("", "expected either sqlite or postgresql",
                "the canary is the only thing that a drill writes: name the live database, as a "
                "user that may insert into this one table");
  if (!canary.database.postgresql.empty())
    if (const auto fit = check_named_server(canary.database.postgresql); !fit)
      own.problem("postgresql", fit.error().text, fit.error().hint);
  own.finish();
  return canary;
}

std::optional<DrillSpec> TargetReader::read_drill(Options& options, const Target& target,
                                                  const std::string& zone) {
  const Table& table = options.table("drill");
  if (!options.has("drill")) return std::nullopt;
  Options own(table, options.line_of("drill"), options.where() + ", drill", problems_);
  DrillSpec drill;
  drill.schedule = read_schedule(own, quarterly, zone);
  drill.backup_command = own.string("backup_command", "");
  drill.restore_command = own.string("restore_command", "");
  drill.smoke_command = own.string("smoke_command", "");
  drill.command_timeout = own.duration("command_timeout", drill.command_timeout);
  if (drill.command_timeout < std::chrono::seconds(1))
    own.problem("command_timeout",
                "expected at least 1s, got " + text::format_duration(drill.command_timeout));
  drill.guard = own.boolean("guard", drill.guard);
  drill.canary = read_canary(own, target);
  if (drill.backup_command.empty() && (!target.backup || target.backup->output.empty()))
    own.problem("", "does not say how a backup is taken",
                "add backup_command = \"...\", or the target's backup with an output");
  own.finish();
  return drill;
}

}  // namespace backproof
