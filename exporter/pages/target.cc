// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/target.h"

#include <algorithm>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/words.h"
#include "model/start.h"

namespace backproof::pages {
namespace {

std::string_view sentence_of(Status status) {
  switch (status) {
    case Status::failed:
      return "The last backup that could be judged does not restore as it should.";
    case Status::stale:
      return "No run has passed for longer than the limit: nobody knows whether it restores.";
    case Status::inconclusive:
      return "The last run could not tell whether the backup restores.";
    case Status::never_ran:
      return "No backup of it was verified yet.";
    case Status::passed:
      return "The last backup that was tried restores, and every check passed.";
    case Status::disabled:
      return "It is disabled: no backup of it is verified by schedule.";
  }
  return "";
}

std::string_view what_to_do(Status status) {
  switch (status) {
    case Status::failed:
      return " <a href=\"/runbooks/BackproofVerificationFailed\">What to do</a>";
    case Status::stale:
      return " <a href=\"/runbooks/BackproofVerificationStale\">What to do</a>";
    case Status::inconclusive:
      return " <a href=\"/runbooks/BackproofVerificationInconclusive\">What to do</a>";
    case Status::never_ran:
    case Status::passed:
    case Status::disabled:
      break;
  }
  return "";
}

std::string last_result(const TargetState& state, TimePoint now) {
  const auto& run = state.history.last_run;
  if (!run) return "";
  std::string html = "<p>Last run: " + badge(run->verdict);
  put(html, ' ', when(end_of(*run), now));
  if (run->cause != Cause::none)
    put(html, ", cause <code>", backproof::name_of(run->cause), "</code>");
  put(html, ". ", run_link(run->id, "Everything about this run"), "</p>\n");
  if (!run->reason.empty())
    put(html, "<p class=\"reason\"><b>Reason:</b> ", isolated(run->reason), "</p>\n");
  if (!run->hint.empty())
    put(html, "<p class=\"hint\"><b>Hint:</b> ", isolated(run->hint), "</p>\n");
  return html;
}

std::string objective_row(std::string_view name, const Measure& measure, const std::string& value,
                          std::string_view limit_name) {
  const std::string_view word = measure.missed                ? "missed"
                                : measure.limit == Duration{} ? "no limit"
                                : measure.value.has_value()   ? "met"
                                                              : "not known";
  const std::string_view css = measure.missed ? "failed" : word == "met" ? "passed" : "never";
  std::string html = "<tr><th scope=\"row\">";
  put(html, name, "</th><td>", value, "</td><td>",
      measure.limit == Duration{} ? "–" : span(measure.limit), ' ',
      measure.limit == Duration{} ? "" : limit_name, "</td><td>", badge(css, word), "</td></tr>\n");
  return html;
}

std::string objectives(const TargetState& state, const Standing& standing, TimePoint now) {
  const auto& passed = state.history.last_passed;
  const auto& newest = state.inventory.newest;
  std::string html = table_head("objectives", "What was measured, against what it may be",
                                {"Objective", "Measured", "Limit", "State"});
  html += objective_row("Last pass", standing.last_pass,
                        passed ? run_link(passed->id, when(end_of(*passed), now)) : "never",
                        "<code>max_age</code>");
  html += objective_row("Newest backup", standing.newest_backup,
                        newest ? when(newest->created, now) : "none found", "<code>rpo</code>");
  html += objective_row("Restore time", standing.restore,
                        standing.restore.value ? span(*standing.restore.value) : "not measured",
                        "<code>rto</code>");
  html += table_end();
  return html;
}

// A string as it is, everything else as JSON.
std::string value_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
  const std::string json = to_json(Table{{"v", value}});  // {"v":1}
  return json.substr(5, json.size() - 6);
}

// "directory, path /backups, settle 0s"
std::string spec_html(const Spec& spec) {
  std::string html = escape(spec.kind);
  for (const auto& [key, value] : spec.options)
    put(html, ", ", escape(key), " <code>", escape(value_text(value)), "</code>");
  return html;
}

std::string checks_html(const Target& target) {
  std::string html;
  for (const Spec& check : target.checks) put(html, html.empty() ? "" : "<br>", spec_html(check));
  return html;
}

std::string schedule_html(const TargetState& state) {
  const auto& schedule = state.target->schedule;
  if (!schedule) return "only by hand";
  std::string html = "<code>" + escape(schedule->expression()) + "</code> in ";
  put(html, escape(schedule->zone()));
  if (state.interval > Duration{}) put(html, ", at most ", span(state.interval), " apart");
  if (state.target->jitter > Duration{})
    put(html, "; starts ", span(delay_of(*state.target)), " later, by its part of the jitter of ",
        span(state.target->jitter));
  const auto& windows = state.target->blackout.windows();
  for (const std::string& window : windows)
    put(html, &window == &windows.front() ? "; never within <code>" : "</code>, <code>",
        escape(window));
  return html + (windows.empty() ? "" : "</code>");
}

std::string inventory_html(const Inventory& inventory, TimePoint now) {
  if (inventory.listed == TimePoint{} && inventory.error.empty()) return "not listed yet";
  std::string html = text::plural(inventory.backups, "backup") + ", listed ";
  put(html, when(inventory.listed, now));
  if (inventory.newest)
    put(html, "; the newest is <code>", escape(backup_name(*inventory.newest)), "</code>, ",
        text::format_size(inventory.newest->bytes));
  if (!inventory.error.empty())
    put(html, "<br><span class=\"over\">The last listing failed:</span> ",
        isolated(inventory.error));
  return html;
}

// What a command says and is told may be more than everybody who sees the page should know.
std::string source_html(const Spec& source) {
  return source.kind == "command" ? "commands" : spec_html(source);
}

std::string about(const TargetState& state, TimePoint now) {
  const Target& target = *state.target;
  const TargetHistory& history = state.history;
  const auto failures = history.consecutive_failures;
  return facts({{"Engine", spec_html(target.engine)},
                {"Source", source_html(target.source)},
                {"Backups", inventory_html(state.inventory, now)},
                {"Checks", checks_html(target)},
                {"Schedule", schedule_html(state)},
                {"Next run", next_run(state, now)},
                {"Time limit of a run", span(target.limits.timeout)},
                {"Isolation",
                 "at least " + std::string(backproof::name_of(target.limits.require_isolation))},
                {"Known since", when(history.created, now)},
                {"Runs", text::format_count(history.totals.runs) +
                             (failures == 0 ? ""
                                            : ", the last " + text::format_count(failures) +
                                                  " without a pass")}});
}

std::string runs_section(const std::vector<Run>& runs, const TargetState& state) {
  if (runs.empty()) return "<h2>Runs</h2>\n<p>There are no runs yet.</p>\n";
  const std::string running = state.running ? state.running->run_id : "";
  std::string html =
      "<h2>Runs</h2>\n<p>The last " + (runs.size() == 1 ? "run" : text::plural(runs.size(), "run"));
  put(html, runs.size() == 1 ? " leads" : ", oldest first. Each leads",
      " to its report; the table below has the numbers.</p>\n", timeline(runs, running));
  if (std::ranges::any_of(runs, &Run::finished))
    put(html, "<h2>Trends</h2>\n", trends(runs, *state.target));
  put(html, "<h2>Runs in numbers</h2>\n", runs_table(runs, running));
  return html;
}

}  // namespace

Response target(const View& view, const TargetState& state, const Result<std::vector<Run>>& runs,
                const Result<std::vector<Drill>>& drills) {
  const Standing standing = standing_of(state, view.now);
  std::string main =
      "<nav class=\"path\" aria-label=\"Where this is\"><a href=\"/\">Overview</a>"
      "</nav>\n<h1>" +
      isolated(state.target->name) + "</h1>\n";
  put(main, "<p class=\"verdict ", css_of(standing.status), "\" role=\"status\">",
      badge(standing.status), ' ', sentence_of(standing.status), what_to_do(standing.status),
      "</p>\n");
  if (state.running)
    put(main, "<p>", running_note(state, view.now), ". ",
        run_link(state.running->run_id, "Follow this run"), "</p>\n");
  put(main, last_result(state, view.now), "<h2>Objectives</h2>\n",
      objectives(state, standing, view.now));
  if (runs)
    main += runs_section(*runs, state);
  else
    put(main, "<h2>Runs</h2>\n<p>They cannot be read: ", isolated(runs.error().text), "</p>\n");
  main += backups_section(state, view.now);
  main += selftest_section(view, state);
  main += drill_section(view, state, drills);
  put(main, "<h2>Configuration</h2>\n", about(state, view.now));
  return framed(view, {state.target->name, "", std::move(main)});
}

}  // namespace backproof::pages
