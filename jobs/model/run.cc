// SPDX-License-Identifier: Apache-2.0
#include "model/run.h"

#include <algorithm>
#include <numeric>

#include "base/digest.h"
#include "base/text.h"
#include "model/event.h"

namespace backproof {
namespace {

// What speaks against a pass, in the order in which it was met.
struct Objection {
  Cause cause;
  std::string reason, hint;
};

std::string answer_of(const CheckResult& check) {
  std::string text = "check " + check.check;
  if (!check.subject.empty()) text += " of " + check.subject;
  text += check.verdict == Verdict::failed ? " failed" : " could not be done";
  if (!check.detail.empty()) return text + ": " + check.detail;
  return text + ": observed " + check.observed + ", expected " + check.expected;
}

std::vector<Objection> objections_to(const Run& run) {
  std::vector<Objection> all;
  for (const StageResult& stage : run.stages)
    if (stage.error) all.push_back({stage.error->cause, stage.error->text, stage.error->hint});
  for (const Finding& finding : run.findings)
    if (finding.severity == Severity::failure) all.push_back({finding.cause, finding.text, ""});
  for (const CheckResult& check : run.checks)
    if (check.verdict == Verdict::inconclusive ||
        (check.verdict == Verdict::failed && check.enforced))
      all.push_back({check.cause, answer_of(check), check.hint});
  return all;
}

template <typename Enum, typename Names>
std::optional<Enum> named(std::string_view name, const Names& all) {
  for (const Enum value : all)
    if (name_of(value) == name) return value;
  return std::nullopt;
}

}  // namespace

Verdict verdict_of(Cause cause) {
  switch (cause) {
    case Cause::none:
      return Verdict::passed;
#define CAUSE(name, verdict, retriable) \
  case Cause::name:                     \
    return Verdict::verdict;
#include "base/cause.def"
#undef CAUSE
  }
  return Verdict::inconclusive;
}

bool is_retriable(Cause cause) {
  switch (cause) {
    case Cause::none:
      return false;
#define CAUSE(name, verdict, retriable) \
  case Cause::name:                     \
    return retriable;
#include "base/cause.def"
#undef CAUSE
  }
  return false;
}

void conclude(Run& run) {
  std::vector<Objection> objections = objections_to(run);
  const bool looked =
      std::any_of(run.checks.begin(), run.checks.end(), [](const CheckResult& check) {
        return check.verdict == Verdict::passed && check.looked_at_data;
      });
  if (objections.empty() && !(run.restored && looked))
    objections.push_back(
        {Cause::unproven, "no check looked at restored data", "configure at least one check"});
  if (objections.empty()) {
    run.cause = Cause::none;
    run.reason.clear();
    run.hint.clear();
  } else {
    // Proof that the backup is bad outweighs whatever could not be done beside it.
    auto chosen = std::find_if(objections.begin(), objections.end(), [](const Objection& o) {
      return verdict_of(o.cause) == Verdict::failed;
    });
    if (chosen == objections.end()) chosen = objections.begin();
    run.cause = chosen->cause == Cause::none ? Cause::internal : chosen->cause;
    run.reason = chosen->reason;
    run.hint = chosen->hint;
    if (objections.size() > 1)
      run.reason += " (and " + std::to_string(objections.size() - 1) + " more)";
  }
  run.verdict = verdict_of(run.cause);
}

std::string full_name(const TableFact& fact) {
  return fact.schema + "." + fact.table;
}

Duration restore_time(const Run& run) {
  Duration sum{};
  for (const StageResult& stage : run.stages)
    if (stage.stage == Stage::fetch || stage.stage == Stage::restore) sum += stage.took;
  return sum;
}

bool was_compared_with_manifest(const Run& run) {
  return std::any_of(run.checks.begin(), run.checks.end(), [](const CheckResult& result) {
    return result.check == "manifest" && result.looked_at_data;
  });
}

std::uint64_t total_rows(const Run& run) {
  return std::accumulate(run.tables.begin(), run.tables.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const TableFact& fact) { return sum + fact.rows; });
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

std::string_view name_of(Pause pause) {
  switch (pause) {
    case Pause::before_restore:
      return "before_restore";
    case Pause::after_restore:
      return "after_restore";
    case Pause::after_check:
      return "after_check";
  }
  return "";
}

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::select:
      return "select";
    case Stage::sandbox:
      return "sandbox";
    case Stage::fetch:
      return "fetch";
    case Stage::inspect:
      return "inspect";
    case Stage::restore:
      return "restore";
    case Stage::check:
      return "check";
    case Stage::teardown:
      return "teardown";
  }
  return "teardown";
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::warning:
      return "warning";
    case Severity::failure:
      return "failure";
  }
  return "failure";
}

std::string_view name_of(Isolation isolation) {
  switch (isolation) {
    case Isolation::none:
      return "none";
    case Isolation::partial:
      return "partial";
    case Isolation::full:
      return "full";
  }
  return "none";
}

std::optional<Verdict> verdict_named(std::string_view name) {
  return named<Verdict>(name, std::array{Verdict::passed, Verdict::failed, Verdict::inconclusive});
}
std::optional<Stage> stage_named(std::string_view name) {
  return named<Stage>(name, all_stages);
}
std::optional<Severity> severity_named(std::string_view name) {
  return named<Severity>(name, std::array{Severity::warning, Severity::failure});
}
std::optional<Isolation> isolation_named(std::string_view name) {
  return named<Isolation>(name, std::array{Isolation::none, Isolation::partial, Isolation::full});
}

std::string new_run_id(TimePoint t) {
  std::string id = text::format_time(std::chrono::floor<std::chrono::seconds>(t));
  std::erase_if(id, [](char c) { return c == '-' || c == ':'; });
  return id + '-' + random_hex(4);
}

bool is_run_id(std::string_view id) {
  constexpr std::string_view form = "00000000T000000Z-xxxxxxxx";
  constexpr std::string_view digits = "0123456789", hex = "0123456789abcdef";
  return std::equal(id.begin(), id.end(), form.begin(), form.end(), [&](char c, char wanted) {
    const std::string_view letters = wanted == '0' ? digits : wanted == 'x' ? hex : "";
    return letters.empty() ? c == wanted : letters.find(c) != std::string_view::npos;
  });
}

}  // namespace backproof
