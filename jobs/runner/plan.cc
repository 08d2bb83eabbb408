// SPDX-License-Identifier: Apache-2.0
#include "runner/plan.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

template <typename Kind>
const Kind* kind_named(const std::vector<const Kind*>& kinds, const std::string& name) {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const Kind* kind) { return kind->name == name; });
  return found == kinds.end() ? nullptr : *found;
}

template <typename Kind>
void report_unknown(std::string_view what, const Spec& spec, const std::vector<const Kind*>& kinds,
                    Options& options) {
  std::string names;
  for (const Kind* kind : kinds) names += (names.empty() ? "" : ", ") + std::string(kind->name);
  options.problem("kind",
                  "unknown " + std::string(what) + " kind \"" + text::printable(spec.kind) + '"',
                  "one of " + names);
}

// The line of a table is that of its first key: close enough to find it.
int line_of(const Table& table) {
  int line = 0;
  for (const auto& [key, value] : table)
    if (line == 0 || (value.line != 0 && value.line < line)) line = value.line;
  return line;
}

Options view(const Spec& spec, const Target& target, std::string_view what, Problems& problems) {
  return Options(spec.options, line_of(spec.options),
                 "target \"" + text::printable(target.name) + "\", " + std::string(what), problems);
}

void make_source(Plan& plan, Problems& problems) {
  const Spec& spec = plan.target.source;
  if (spec.kind.empty()) return;
  Options options = view(spec, plan.target, "source", problems);
  const SourceKind* kind = kind_named(all_sources(), spec.kind);
  if (kind == nullptr) return report_unknown("source", spec, all_sources(), options);
  plan.source = kind->make(options);
  options.finish();
}

void make_engines(Plan& plan, Problems& problems) {
  const Spec& spec = plan.target.engine;
  const bool automatic = spec.kind == "auto";
  Options shared = view(spec, plan.target, "engine", problems);
  for (const EngineKind* kind : all_engines())
    if (automatic || kind->name == spec.kind) plan.engines.push_back({kind, kind->make(shared)});
  if (plan.engines.empty()) return report_unknown("engine", spec, all_engines(), shared);
  shared.finish();
}

void make_check(Plan& plan, const Spec& spec, Problems& problems) {
  Options options = view(spec, plan.target, "check \"" + spec.kind + '"', problems);
  const CheckKind* kind = kind_named(all_checks(), spec.kind);
  if (kind == nullptr) return report_unknown("check", spec, all_checks(), options);
  const bool enforced = options.choice("on_failure", "fail", {"fail", "warn"}) == "fail";
  auto check = kind->make(options);
  options.finish();
  plan.checks.push_back({kind, enforced, std::move(check)});
}

}  // namespace

bool Plan::asks(std::string_view check) const {
  return std::any_of(checks.begin(), checks.end(),
                     [&](const PlannedCheck& planned) { return planned.kind->name == check; });
}

bool Plan::needs_server() const {
  return std::any_of(engines.begin(), engines.end(),
                     [](const PlannedEngine& planned) { return planned.kind->needs_server; });
}

Plan make_plan(const Target& target, Problems& problems) {
  Plan plan;
  plan.target = target;
  make_source(plan, problems);
  make_engines(plan, problems);
  for (const Spec& check : target.checks) make_check(plan, check, problems);
  return plan;
}

std::vector<Spec> default_checks() {
  std::vector<Spec> checks;
  for (const CheckKind* kind : all_checks())
    if (kind->by_default) checks.push_back({std::string(kind->name), {}});
  return checks;
}

}  // namespace backproof
