// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/target.h"
#include "exporter/pages/words.h"
#include "exporter/selftest_report.h"
#include "runner/side_schedule.h"

namespace backproof::pages {
namespace {

constexpr std::size_t reason_limit = 400;

constexpr std::string_view about =
    "<h2 id=\"selftest\">Self-test</h2>\n<p>Whether its verification can fail: copies of a backup "
    "that passed are damaged on purpose, and each must get the right verdict.</p>\n";
constexpr std::string_view what_if_failed =
    " <a href=\"/runbooks/BackproofSelftestFailed\">What to do</a>";
constexpr std::string_view what_if_stale =
    " <a href=\"/runbooks/BackproofSelftestStale\">What to do</a>";

bool is_scheduled(const TargetState& state) {
  return state.target->enabled && state.target->selftest.has_value();
}

std::string next_html(const TargetState& state, TimePoint now) {
  if (!state.target->selftest) return "only by hand";
  if (!state.target->enabled) return "disabled";
  const TimePoint due = selftest_due(state, state.selftest_work.begun, now);
  const std::string next = due == TimePoint{} ? "after the first pass"
                           : due > now        ? when(due, now)
                                              : "due, one target after the other";
  const Schedule& schedule = *state.target->selftest;
  return next + ", by <code>" + escape(schedule.expression()) + "</code> in " +
         escape(schedule.zone());
}

// What a person types for one, or for the same one again.
std::string command(const View& view, const Target& target, const std::string& more) {
  const std::string& file = view.snapshot.config.file;
  return "<code>" +
         escape("backproof selftest " + text::quote_shell(target.name) + " --config.file " +
                text::quote_shell(file) + more) +
         "</code>";
}

std::string counts_html(const Selftest& test) {
  const auto n = [&test](TrialResult result) { return text::format_count(count_of(test, result)); };
  const bool missed = count_of(test, TrialResult::missed) > 0;
  std::string html = n(TrialResult::caught) + " caught, ";
  put(html, missed ? "<span class=\"over\">" : "", n(TrialResult::missed), " missed",
      missed ? "</span>" : "", ", ", n(TrialResult::needs_manifest),
      " passed that only a manifest can catch, ", n(TrialResult::not_applicable),
      " not applicable, ", n(TrialResult::undecided), " not tried");
  return html;
}

std::string backup_html(const Selftest& test) {
  if (test.backup.empty()) return "";
  std::string html = "<code>" + escape(test.backup.native()) + "</code>, ";
  put(html, escape(test.format), test.manifest ? ", with" : ", without", " a manifest beside it");
  return html;
}

std::string_view expected_of(const DamageInfo& info, bool manifest) {
  switch (info.expectation) {
    case Expectation::fails:
      return "fails";
    case Expectation::manifest:
      return manifest ? "fails, by the manifest" : "may pass: no manifest";
    case Expectation::noticed:
      return "fails, or a warning";
  }
  return "";
}

std::string_view css_of(TrialResult result) {
  switch (result) {
    case TrialResult::caught:
      return "passed";
    case TrialResult::needs_manifest:
      return "never";
    case TrialResult::missed:
      return "failed";
    case TrialResult::not_applicable:
      return "disabled";
    case TrialResult::undecided:
      return "inconclusive";
  }
  return "";
}

std::string matrix(const Selftest& test) {
  if (test.trials.empty()) return "";
  std::string html =
      table_head("damages", "What was done to a copy, and what its verification said",
                 {"Damage", "What was done", "Expected", "Result", "Because"});
  for (const Trial& trial : test.trials) {
    const DamageInfo& info = info_of(trial.damage);
    put(html, "<tr><th scope=\"row\"><code class=\"whole\">", info.name, "</code></th><td>",
        info.summary, "</td><td>", expected_of(info, test.manifest), "</td><td>",
        badge(css_of(trial.result), word_for(trial.result)), "</td><td>",
        isolated(detail_of(trial, reason_limit)), "</td></tr>\n");
  }
  html += table_end();
  return html;
}

std::string report(const View& view, const TargetState& state, const Selftest& test) {
  std::string html = "<p>Last self-test: " + badge(test.result);
  put(html, ' ', when(end_of(test), view.now), '.',
      test.result == Verdict::failed         ? what_if_failed
      : test.result == Verdict::inconclusive ? what_if_stale
                                             : "",
      "</p>\n");
  if (!test.reason.empty())
    put(html, "<p class=\"reason\"><b>Reason:</b> ", isolated(text::printable(test.reason)),
        "</p>\n");
  if (count_of(test, TrialResult::needs_manifest) > 0)
    html +=
        "<p class=\"hint\"><b>Hint:</b> With a manifest beside the backup the damages that passed "
        "would fail.</p>\n";
  html += facts(
      {{"Damages", counts_html(test)},
       {"Backup", backup_html(test)},
       {"Seed", "<code>" + std::to_string(test.seed) + "</code>"},
       {"Started", test.trigger == "schedule" ? "by schedule" : "by hand"},
       {"Took", span(test.took)},
       {"Next", next_html(state, view.now)},
       {"The same again", command(view, *state.target, " --seed " + std::to_string(test.seed))}});
  return html + matrix(test);
}

// Of one that goes on, and of one that was tried in vain.
std::string notes(const View& view, const TargetState& state) {
  const SideWork& work = state.selftest_work;
  const auto& undone = state.history.selftest_undone;
  std::string html;
  if (work.running)
    put(html, "<p>", badge("running", "running"), " One goes on, begun ",
        when(work.begun, view.now), ".</p>\n");
  if (undone && state.history.last_selftest)
    put(html, "<p><span class=\"over\">The last one that was tried, ",
        when(end_of(*undone), view.now), ", gave no answer:</span> ",
        isolated(text::printable(undone->reason)), what_if_stale,
        " What follows is of the one before.</p>\n");
  return html;
}

std::string never(const View& view, const TargetState& state) {
  if (!is_scheduled(state))
    return "<p>None was done yet, and none is scheduled. " + command(view, *state.target, "") +
           " does one now.</p>\n";
  if (state.selftest_work.running) return "<p>It is the first one.</p>\n";
  std::string html = "<p>" + badge("stale", "never run");
  put(html, " <span class=\"over\">It is scheduled, and none was done yet.</span>", what_if_stale,
      "</p>\n", facts({{"Next", next_html(state, view.now)}}));
  return html;
}

}  // namespace

std::string selftest_section(const View& view, const TargetState& state) {
  const TargetHistory& history = state.history;
  const auto& shown = history.last_selftest ? history.last_selftest : history.selftest_undone;
  return std::string(about) + notes(view, state) +
         (shown ? report(view, state, *shown) : never(view, state));
}

}  // namespace backproof::pages
