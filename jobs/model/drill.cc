// SPDX-License-Identifier: Apache-2.0
#include "model/drill.h"

#include <algorithm>

#include "model/json_values.h"
#include "model/run_json.h"

namespace backproof {
namespace {

struct CauseInfo {
  std::string_view name;
  Verdict verdict;
};
constexpr std::array causes{
#define DRILL_CAUSE(name, verdict) CauseInfo{#name, Verdict::verdict},
#include "model/drill_causes.def"
#undef DRILL_CAUSE
};

template <typename All>
auto named(const All& all, const std::string& name) {
  const auto found = std::ranges::find_if(all, [&](auto e) { return name_of(e) == name; });
  if (found == all.end()) throw std::invalid_argument("an unknown word: " + name);
  return *found;
}

Duration duration_of(const Read& json) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(json.get<double>()));
}

Json stage_json(const DrillStageResult& stage) {
  Json json{
      {"stage", name_of(stage.stage)}, {"seconds", seconds_of(stage.took)}, {"note", stage.note}};
  if (stage.error)
    json["error"] = {{"cause", name_of(stage.error->cause)},
                     {"text", stage.error->text},
                     {"hint", stage.error->hint}};
  return json;
}

DrillStageResult stage_from(const Read& json) {
  DrillStageResult stage{named(all_drill_stages, json.at("stage").get<std::string>()),
                         duration_of(json.at("seconds")),
                         json.at("note"),
                         {}};
  if (const auto error = json.find("error"); error != json.end())
    stage.error = DrillError{named(all_drill_causes, error->at("cause").get<std::string>()),
                             error->at("text"), error->at("hint")};
  return stage;
}

DrillCause cause_named_like(Cause cause, DrillCause other) {
  constexpr std::array<std::pair<Cause, DrillCause>, 7> same{
      {{Cause::space, DrillCause::space},
       {Cause::timeout, DrillCause::timeout},
       {Cause::isolation, DrillCause::isolation},
       {Cause::version, DrillCause::missing_tool},
       {Cause::missing_tool, DrillCause::missing_tool},
       {Cause::cancelled, DrillCause::cancelled},
       {Cause::interrupted, DrillCause::interrupted}}};
  const auto found = std::ranges::find(same, cause, &std::pair<Cause, DrillCause>::first);
  return found == same.end() ? other : found->second;
}

}  // namespace

std::string_view name_of(DrillCause cause) {
  return causes.at(static_cast<std::size_t>(cause)).name;
}

Verdict verdict_of(DrillCause cause) {
  return causes.at(static_cast<std::size_t>(cause)).verdict;
}

std::string_view name_of(DrillStage stage) {
  constexpr std::array<std::string_view, all_drill_stages.size()> names{
      "canary", "backup", "verify", "lose", "restore", "prove"};
  return names.at(static_cast<std::size_t>(stage));
}

std::optional<Duration> data_loss_of(const Drill& drill) {
  if (drill.lost == TimePoint{} || drill.newest == TimePoint{}) return std::nullopt;
  return std::max(Duration{}, drill.lost - drill.newest);
}

bool exceeds_rto(const Drill& drill) {
  return drill.rto_objective > Duration{} && drill.recovery > drill.rto_objective;
}

bool exceeds_rpo(const Drill& drill) {
  const auto lost = data_loss_of(drill);
  return lost && drill.rpo_objective > Duration{} && *lost > drill.rpo_objective;
}

void conclude(Drill& drill) {
  drill.result = Verdict::inconclusive;
  drill.cause = DrillCause::interrupted;
  drill.reason = "it ended before the restored data was proven";
  drill.hint.clear();
  for (const DrillStageResult& stage : drill.stages) {
    if (!stage.error) continue;
    drill.cause = stage.error->cause;
    drill.result = verdict_of(stage.error->cause);
    drill.reason = std::string(name_of(stage.stage)) + ": " + stage.error->text;
    drill.hint = stage.error->hint;
    return;
  }
  const bool complete =
      !drill.stages.empty() && drill.stages.back().stage == DrillStage::prove && drill.finished;
  if (!complete || !drill.proof || drill.proof->verdict != Verdict::passed) return;
  drill.result = Verdict::passed;
  drill.cause.reset();
  drill.reason.clear();
}

std::optional<DrillError> drill_error_of(const Run& run, DrillCause failed) {
  if (run.verdict == Verdict::passed) return std::nullopt;
  const DrillCause cause =
      run.verdict == Verdict::failed ? failed : cause_named_like(run.cause, DrillCause::internal);
  return DrillError{cause, std::string(name_of(run.cause)) + ": " + run.reason, run.hint};
}

DrillError drill_error_of(const Error& error, DrillCause other) {
  return {cause_named_like(error.cause, other), error.text, error.hint};
}

std::string to_json(const Drill& drill, int indent) {
  Json json{
      {"version", 1},
      {"id", drill.id},
      {"target", drill.target},
      {"result", name_of(drill.result)},
      {"cause", drill.cause ? Json(name_of(*drill.cause)) : Json()},
      {"reason", drill.reason},
      {"hint", drill.hint},
      {"trigger", drill.trigger},
      {"finished", drill.finished},
      {"started", time_json(drill.started)},
      {"seconds", seconds_of(drill.took)},
      {"lost", time_json(drill.lost)},
      {"recovery_seconds", seconds_of(drill.recovery)},
      {"recovery_objective_seconds", seconds_of(drill.rto_objective)},
      {"newest", time_json(drill.newest)},
      {"newest_by", drill.newest_by},
      {"data_loss_seconds", data_loss_of(drill) ? Json(seconds_of(*data_loss_of(drill))) : Json()},
      {"data_loss_objective_seconds", seconds_of(drill.rpo_objective)},
      {"backup", drill.backup.native()},
      {"backup_created", time_json(drill.backup_created)},
      {"stand_in", drill.stand_in},
      {"by_command", drill.by_command},
      {"with_manifest", drill.with_manifest},
      {"stages", Json::array()},
      {"warnings", drill.warnings},
      {"not_drilled", drill.not_drilled},
      {"proof", drill.proof ? Json::parse(to_json(*drill.proof, false)) : Json()}};
  for (const DrillStageResult& stage : drill.stages) json["stages"].push_back(stage_json(stage));
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Result<Drill> drill_from_json(std::string_view text) {
  return guarded(Cause::internal, "cannot read a drill", [&]() -> Result<Drill> {
    const Read json = Read::parse(text);
    Drill drill;
    drill.id = json.at("id").get<std::string>();
    drill.target = json.at("target").get<std::string>();
    const auto result = verdict_named(json.at("result").get<std::string>());
    if (!result) throw std::invalid_argument("an unknown result");
    drill.result = *result;
    drill.cause.reset();
    if (!json.at("cause").is_null())
      drill.cause = named(all_drill_causes, json.at("cause").get<std::string>());
    drill.reason = json.at("reason").get<std::string>();
    drill.hint = json.at("hint").get<std::string>();
    drill.trigger = json.at("trigger").get<std::string>();
    drill.finished = json.at("finished").get<bool>();
    drill.started = time_at(json, "started");
    drill.took = duration_of(json.at("seconds"));
    drill.lost = time_at(json, "lost");
    drill.recovery = duration_of(json.at("recovery_seconds"));
    drill.rto_objective = duration_of(json.at("recovery_objective_seconds"));
    drill.newest = time_at(json, "newest");
    drill.newest_by = json.at("newest_by").get<std::string>();
    drill.rpo_objective = duration_of(json.at("data_loss_objective_seconds"));
    drill.backup = json.at("backup").get<std::string>();
    drill.backup_created = time_at(json, "backup_created");
    drill.stand_in = json.at("stand_in").get<std::string>();
    drill.by_command = json.at("by_command").get<bool>();
    drill.with_manifest = json.at("with_manifest").get<bool>();
    for (const Read& stage : json.at("stages")) drill.stages.push_back(stage_from(stage));
    drill.warnings = json.at("warnings").get<std::vector<std::string>>();
    drill.not_drilled = json.at("not_drilled").get<std::vector<std::string>>();
    if (!json.at("proof").is_null()) {
      TRY_ASSIGN(Run proof, run_from_json(json.at("proof").dump()));
      drill.proof = std::move(proof);
    }
    return drill;
  });
}

}  // namespace backproof
