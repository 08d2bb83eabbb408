// SPDX-License-Identifier: Apache-2.0
#include "model/selftest.h"

#include <algorithm>

#include "model/json_values.h"

namespace backproof {
namespace {

template <typename All, typename Enum>
std::optional<Enum> named(const All& all, std::string_view name, Enum) {
  const auto found = std::ranges::find_if(all, [&](Enum e) { return name_of(e) == name; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

Trial trial_from(const Read& json) {
  Trial trial;
  const DamageInfo* info = damage_named(json.at("damage").get<std::string>());
  const auto result =
      named(all_trial_results, json.at("result").get<std::string>(), TrialResult::caught);
  const auto verdict = verdict_named(json.at("verdict").get<std::string>());
  const auto cause = cause_named(json.at("cause").get<std::string>());
  if (info == nullptr || !result || !verdict || !cause)
    throw std::invalid_argument("a trial holds an unknown word");
  trial.damage = info->kind;
  trial.result = *result;
  trial.verdict = *verdict;
  trial.cause = *cause;
  trial.reason = json.at("reason").get<std::string>();
  return trial;
}

std::string names_of(const Selftest& selftest, TrialResult result) {
  std::vector<std::string> names;
  for (const Trial& trial : selftest.trials)
    if (trial.result == result) names.emplace_back(info_of(trial.damage).name);
  return text::join(names, ", ");
}

}  // namespace

const DamageInfo& info_of(DamageKind kind) {
  return all_damage_kinds.at(static_cast<std::size_t>(kind));
}

const DamageInfo* damage_named(std::string_view name) {
  const auto found = std::ranges::find(all_damage_kinds, name, &DamageInfo::name);
  return found == all_damage_kinds.end() ? nullptr : &*found;
}

std::string_view name_of(TrialResult result) {
  switch (result) {
    case TrialResult::caught:
      return "caught";
    case TrialResult::needs_manifest:
      return "needs_manifest";
    case TrialResult::missed:
      return "missed";
    case TrialResult::not_applicable:
      return "not_applicable";
    case TrialResult::undecided:
      return "undecided";
  }
  return "";
}

std::string_view name_of(Expectation expectation) {
  switch (expectation) {
    case Expectation::fails:
      return "fails";
    case Expectation::manifest:
      return "manifest";
    case Expectation::noticed:
      return "noticed";
  }
  return "";
}

std::uint64_t count_of(const Selftest& selftest, TrialResult result) {
  return static_cast<std::uint64_t>(std::ranges::count(selftest.trials, result, &Trial::result));
}

void conclude(Selftest& selftest) {
  if (!selftest.reason.empty()) return;
  const std::uint64_t missed = count_of(selftest, TrialResult::missed);
  const std::uint64_t undecided = count_of(selftest, TrialResult::undecided);
  if (missed > 0) {
    selftest.result = Verdict::failed;
    selftest.reason = text::plural(missed, "damage") +
                      " got the wrong verdict: " + names_of(selftest, TrialResult::missed);
  } else if (undecided > 0 || selftest.trials.size() < all_damage_kinds.size()) {
    selftest.result = Verdict::inconclusive;
    selftest.reason = undecided > 0
                          ? text::plural(undecided, "damage") +
                                " could not be tried: " + names_of(selftest, TrialResult::undecided)
                          : "it ended before every damage was tried";
  } else if (count_of(selftest, TrialResult::caught) == 0) {
    selftest.result = Verdict::failed;
    selftest.reason = "no damage at all was caught";
  } else {
    selftest.result = Verdict::passed;
  }
}

std::string to_json(const Selftest& selftest) {
  Json trials = Json::array();
  for (const Trial& trial : selftest.trials) {
    const DamageInfo& info = info_of(trial.damage);
    trials.push_back({{"damage", info.name},
                      {"expectation", name_of(info.expectation)},
                      {"result", name_of(trial.result)},
                      {"verdict", name_of(trial.verdict)},
                      {"cause", name_of(trial.cause)},
                      {"reason", trial.reason}});
  }
  return Json{{"version", 1},
              {"id", selftest.id},
              {"target", selftest.target},
              {"trigger", selftest.trigger},
              {"started", time_json(selftest.started)},
              {"seconds", seconds_of(selftest.took)},
              {"seed", selftest.seed},
              {"backup", selftest.backup.native()},
              {"sha256", selftest.sha256},
              {"format", selftest.format},
              {"manifest", selftest.manifest},
              {"result", name_of(selftest.result)},
              {"reason", selftest.reason},
              {"trials", trials}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Selftest> selftest_from_json(std::string_view text) {
  return guarded(Cause::internal, "cannot read a self-test", [&]() -> Result<Selftest> {
    const Read json = Read::parse(text);
    Selftest selftest;
    selftest.id = json.at("id").get<std::string>();
    selftest.target = json.at("target").get<std::string>();
    selftest.trigger = json.at("trigger").get<std::string>();
    selftest.started = time_at(json, "started");
    selftest.took = std::chrono::round<Duration>(
        std::chrono::duration<double>(json.at("seconds").get<double>()));
    selftest.seed = whole_at(json, "seed");
    selftest.backup = json.at("backup").get<std::string>();
    selftest.sha256 = json.at("sha256").get<std::string>();
    selftest.format = json.at("format").get<std::string>();
    selftest.manifest = json.at("manifest").get<bool>();
    const auto result = verdict_named(json.at("result").get<std::string>());
    if (!result) throw std::invalid_argument("an unknown result");
    selftest.result = *result;
    selftest.reason = json.at("reason").get<std::string>();
    for (const Read& trial : json.at("trials")) selftest.trials.push_back(trial_from(trial));
    return selftest;
  });
}

}  // namespace backproof
