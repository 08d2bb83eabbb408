// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/schedule.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

using States = std::vector<const TargetState*>;

States those(const Snapshot& snapshot, const std::function<bool(const TargetState&)>& wanted) {
  States found;
  for (const TargetState& state : snapshot.targets)
    if (wanted(state)) found.push_back(&state);
  return found;
}

bool is_scheduled(const TargetState& state) {
  return state.target->enabled && state.next_due != TimePoint{};
}

std::string workers(const View& view) {
  const Snapshot& snapshot = view.snapshot;
  return "<p>" + text::format_count(snapshot.workers_busy) + " of " +
         text::plural(snapshot.workers, "worker") + " busy, " +
         text::plural(snapshot.queued, "target") + " waiting. The scheduler last looked at the " +
         "clock " + when(snapshot.scheduler_last_tick, view.now) + ".</p>\n";
}

std::string running(const View& view) {
  const States states =
      those(view.snapshot, [](const TargetState& state) { return state.running.has_value(); });
  if (states.empty()) return "<p>Nothing is running.</p>\n";
  std::string html = table_head("running", "Verifications that go on",
                                {"Target", "Stage and progress", "Started", "Time limit"});
  for (const TargetState* state : states)
    put(html, "<tr><th scope=\"row\">", target_link(state->target->name), "</th><td>",
        running_note(*state, view.now), "</td><td>",
        run_link(state->running->run_id, moment(state->running->started)), "</td><td>",
        span(state->target->limits.timeout), "</td></tr>\n");
  html += table_end();
  return html;
}

std::string waiting(const View& view) {
  const States states = those(view.snapshot, [](const TargetState& state) { return state.queued; });
  if (states.empty()) return "<p>Nothing is waiting for a worker.</p>\n";
  std::string html = "<ul>\n";
  for (const TargetState* state : states)
    put(html, "<li>", target_link(state->target->name), "</li>\n");
  return html + "</ul>\n";
}

std::string due(const View& view) {
  States states = those(view.snapshot, is_scheduled);
  if (states.empty()) return "<p>No target has a schedule.</p>\n";
  std::ranges::stable_sort(states, {}, [](const TargetState* state) { return state->next_due; });
  std::string html = table_head("due", "Next runs, soonest first. Times are UTC.",
                                {"Target", "Next run", "At", "Schedule", "Time zone", "Last run"});
  for (const TargetState* state : states) {
    const auto& last = state->history.last_run;
    const auto& plan = state->target->schedule;
    put(html, "<tr><th scope=\"row\">", target_link(state->target->name), "</th><td>",
        when(state->next_due, view.now), "</td><td>", moment(state->next_due), "</td><td><code>",
        plan ? escape(plan->expression()) : "", "</code></td><td>",
        plan ? escape(plan->zone()) : "", "</td><td>",
        last ? run_link(last->id, badge(last->verdict)) : badge("never", "never ran"),
        "</td></tr>\n");
  }
  html += table_end();
  return html;
}

std::string unscheduled(const View& view) {
  const States states =
      those(view.snapshot, [](const TargetState& state) { return !is_scheduled(state); });
  if (states.empty()) return "";
  std::string html = "<h2>Not scheduled</h2>\n<ul>\n";
  for (const TargetState* state : states)
    put(html, "<li>", target_link(state->target->name), ": ",
        state->target->enabled ? "only by hand" : "disabled", "</li>\n");
  return html + "</ul>\n";
}

std::string misfires(const View& view) {
  const States states = those(view.snapshot, [](const TargetState& state) {
    return std::ranges::any_of(state.history.totals.misfires,
                               [](const auto& entry) { return entry.second > 0; });
  });
  std::string html =
      "<h2>Misfires</h2>\n<p>Runs that were due and did not begin then: the service was down "
      "(<code>downtime</code>), the run before still went on (<code>overlap</code>), or too many "
      "were waiting (<code>queue_full</code>). Counted since each target is known.</p>\n";
  if (states.empty()) return html + "<p>There were none.</p>\n";
  html += table_head("misfires", "Misfires by target", {"Target", "Reason", "#Times"});
  for (const TargetState* state : states)
    for (const auto& [reason, count] : state->history.totals.misfires)
      put(html, "<tr><th scope=\"row\">", target_link(state->target->name), "</th><td><code>",
          escape(reason), "</code></td><td class=\"n\">", text::format_count(count),
          "</td></tr>\n");
  html += table_end();
  return html;
}

}  // namespace

Response schedule(const View& view) {
  std::string main = "<h1>Schedule</h1>\n";
  put(main, workers(view), "<h2>Running</h2>\n", running(view), "<h2>Waiting</h2>\n", waiting(view),
      "<h2>Due</h2>\n", due(view), unscheduled(view), misfires(view));
  return framed(view, {"Schedule", "/schedule", std::move(main)});
}

}  // namespace backproof::pages
