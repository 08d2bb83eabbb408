// SPDX-License-Identifier: Apache-2.0
#include "model/run_json.h"

#include <cmath>
#include <stdexcept>

#include "base/text.h"
#include "model/json_values.h"
#include "model/log_json.h"

namespace backproof {
namespace {

// Durations are seconds with microseconds; rounding keeps them exact on the way back. A worker may
// have been taken over by what it read, so any number is possible.
Duration duration_at(const Read& json, const char* key) {
  const double seconds = json.at(key).get<double>();
  if (!(seconds >= 0 && seconds < 1e9))
    throw std::invalid_argument(std::string(key) + " is out of range");
  return Duration(std::llround(seconds * 1e6));
}

template <typename Find>
auto enum_at(const Read& json, const char* key, Find find) {
  const auto value = find(json.at(key).get_ref<const std::string&>());
  if (!value) throw std::invalid_argument(std::string("unknown ") + key);
  return *value;
}

Json stage_json(const StageResult& stage) {
  Json json{{"stage", name_of(stage.stage)}, {"seconds", seconds_of(stage.took)}};
  if (stage.error)
    json["error"] = {{"cause", name_of(stage.error->cause)},
                     {"text", stage.error->text},
                     {"hint", stage.error->hint}};
  return json;
}

StageResult stage_from(const Read& json) {
  StageResult stage{enum_at(json, "stage", stage_named), duration_at(json, "seconds"), {}};
  if (const auto error = json.find("error"); error != json.end())
    stage.error =
        Error{enum_at(*error, "cause", cause_named), error->at("text"), error->at("hint")};
  return stage;
}

Json check_json(const CheckResult& check) {
  Json json{{"check", check.check},
            {"subject", check.subject},
            {"verdict", name_of(check.verdict)},
            {"enforced", check.enforced},
            {"looked_at_data", check.looked_at_data},
            {"observed", check.observed},
            {"expected", check.expected},
            {"detail", check.detail},
            {"seconds", seconds_of(check.took)}};
  if (check.verdict != Verdict::passed) json["cause"] = name_of(check.cause);
  if (!check.hint.empty()) json["hint"] = check.hint;
  return json;
}

CheckResult check_from(const Read& json) {
  CheckResult check;
  check.check = json.at("check");
  check.subject = json.at("subject");
  check.verdict = enum_at(json, "verdict", verdict_named);
  check.enforced = json.at("enforced");
  check.looked_at_data = json.at("looked_at_data");
  check.observed = json.at("observed");
  check.expected = json.at("expected");
  check.detail = json.at("detail");
  check.took = duration_at(json, "seconds");
  check.hint = json.value("hint", "");
  check.cause = json.contains("cause") ? enum_at(json, "cause", cause_named) : Cause::none;
  return check;
}

// There may be thousands: what is not known is not there.
Json fact_json(const TableFact& fact) {
  Json json{{"schema", fact.schema}, {"table", fact.table}, {"rows", fact.rows}};
  if (fact.bytes != 0) json["bytes"] = fact.bytes;
  if (fact.newest != TimePoint{}) json["newest"] = time_json(fact.newest);
  if (!fact.digest.empty()) json["digest"] = fact.digest;
  return json;
}

TableFact fact_from(const Read& json) {
  TableFact fact{json.at("schema"), json.at("table"), whole_at(json, "rows")};
  if (json.contains("bytes")) fact.bytes = whole_at(json, "bytes");
  if (json.contains("newest")) fact.newest = time_at(json, "newest");
  if (json.contains("digest")) fact.digest = json.at("digest");
  return fact;
}

Json lists_json(const Run& run, bool with_log) {
  Json json{{"stages", Json::array()},
            {"findings", Json::array()},
            {"checks", Json::array()},
            {"tables", Json::array()}};
  for (const StageResult& stage : run.stages) json["stages"].push_back(stage_json(stage));
  for (const Finding& finding : run.findings)
    json["findings"].push_back({{"severity", name_of(finding.severity)},
                                {"cause", name_of(finding.cause)},
                                {"text", finding.text}});
  for (const CheckResult& check : run.checks) json["checks"].push_back(check_json(check));
  for (const TableFact& fact : run.tables) json["tables"].push_back(fact_json(fact));
  if (with_log) json["log"] = log_json(run.log);
  return json;
}

void lists_from(const Read& json, Run& run) {
  for (const Read& stage : json.at("stages")) run.stages.push_back(stage_from(stage));
  for (const Read& finding : json.at("findings"))
    run.findings.push_back({enum_at(finding, "severity", severity_named),
                            enum_at(finding, "cause", cause_named), finding.at("text")});
  for (const Read& check : json.at("checks")) run.checks.push_back(check_from(check));
  for (const Read& fact : json.at("tables")) run.tables.push_back(fact_from(fact));
  if (const auto log = json.find("log"); log != json.end()) run.log = log_from(*log);
}

Json backup_json(const Backup& backup) {
  return {{"id", backup.id},
          {"path", backup.path.native()},
          {"bytes", backup.bytes},
          {"sha256", backup.sha256},
          {"created", time_json(backup.created)},
          {"evidence", name_of(backup.evidence)},
          {"modified", time_json(backup.modified)},
          {"newest", backup.newest}};
}

Backup backup_from(const Read& json) {
  Backup backup{json.at("id"), Path(json.at("path").get<std::string>()), time_at(json, "created"),
                whole_at(json, "bytes"), json.at("sha256")};
  // Older versions knew only when a file was last modified.
  backup.modified = json.contains("modified") ? time_at(json, "modified") : backup.created;
  if (json.contains("evidence")) backup.evidence = enum_at(json, "evidence", evidence_named);
  if (json.contains("newest")) backup.newest = json.at("newest");
  return backup;
}

Json facts_json(const Run& run) {
  return {{"backup", backup_json(run.backup)},
          {"format",
           {{"name", run.format.name},
            {"containers", run.format.containers},
            {"server_version", run.format.server_version},
            {"database", run.format.database},
            {"dump_version", run.format.dump_version},
            {"encoding", run.format.encoding},
            {"written", run.format.written}}},
          {"isolation", name_of(run.isolation)},
          {"restored", run.restored},
          {"restored_bytes", run.restored_bytes},
          {"resources",
           {{"user_seconds", seconds_of(run.resources.user)},
            {"system_seconds", seconds_of(run.resources.system)},
            {"max_rss_bytes", run.resources.max_rss},
            {"max_anonymous_bytes", run.resources.max_anonymous},
            {"scratch_bytes", run.resources.scratch}}}};
}

void facts_from(const Read& json, Run& run) {
  run.backup = backup_from(json.at("backup"));
  const Read& format = json.at("format");
  run.format = {format.at("name"), format.at("containers"), format.at("server_version"),
                format.at("database"),
                // Records of older versions lack these.
                format.value("dump_version", ""), format.value("encoding", ""),
                format.value("written", "")};
  run.isolation = enum_at(json, "isolation", isolation_named);
  run.restored = json.at("restored");
  run.restored_bytes = whole_at(json, "restored_bytes");
  const Read& used = json.at("resources");
  run.resources = {duration_at(used, "user_seconds"), duration_at(used, "system_seconds"),
                   whole_at(used, "max_rss_bytes"), whole_at(used, "max_anonymous_bytes"),
                   whole_at(used, "scratch_bytes")};
}

Run parse(const Read& json) {
  if (whole_at<int>(json, "version") != run_json_version)
    throw std::invalid_argument("unknown version");
  Run run;
  run.id = json.at("id");
  run.target = json.at("target");
  run.trigger = json.at("trigger");
  run.attempt = whole_at<int>(json, "attempt");
  run.finished = json.at("finished");
  run.started = time_at(json, "started");
  run.scheduled = time_at(json, "scheduled");
  run.took = duration_at(json, "seconds");
  run.verdict = enum_at(json, "verdict", verdict_named);
  run.cause = enum_at(json, "cause", cause_named);
  run.reason = json.at("reason");
  run.hint = json.at("hint");
  facts_from(json, run);
  lists_from(json, run);
  return run;
}

}  // namespace

std::string to_json(const Run& run, bool with_log, int indent) {
  Json json{{"version", run_json_version},
            {"id", run.id},
            {"target", run.target},
            {"verdict", name_of(run.verdict)},
            {"cause", name_of(run.cause)},
            {"reason", run.reason},
            {"hint", run.hint},
            {"trigger", run.trigger},
            {"attempt", run.attempt},
            {"finished", run.finished},
            {"started", time_json(run.started)},
            {"scheduled", time_json(run.scheduled)},
            {"seconds", seconds_of(run.took)}};
  json.update(facts_json(run));
  json.update(lists_json(run, with_log));
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Result<Run> run_from_json(std::string_view json) {
  return guarded(Cause::internal, "cannot read a run's record",
                 [&]() -> Result<Run> { return parse(Read::parse(json)); });
}

std::string to_json(const std::vector<LogLine>& log) {
  return log_json(log).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::vector<LogLine>> log_from_json(std::string_view json) {
  return guarded(Cause::internal, "cannot read a run's log",
                 [&]() -> Result<std::vector<LogLine>> { return log_from(Read::parse(json)); });
}

}  // namespace backproof
