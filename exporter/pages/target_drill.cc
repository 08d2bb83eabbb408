// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "exporter/pages/drill.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/target.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

constexpr std::string_view about =
    "<h2 id=\"drills\">Recovery drills</h2>\n<p>Whether the whole way back works, and how long it "
    "takes: a backup is taken, a stand-in of production is lost, and the backup is restored and "
    "proven.</p>\n";
constexpr std::string_view what_if_overdue =
    " <a href=\"/runbooks/BackproofDrillOverdue\">What to do</a>";

std::string_view what_to_do(const Drill& drill) {
  if (drill.result == Verdict::failed)
    return " <a href=\"/runbooks/BackproofDrillFailed\">What to do</a>";
  if (drill.result == Verdict::inconclusive) return what_if_overdue;
  if (exceeds_rto(drill)) return " <a href=\"/runbooks/BackproofDrillRtoExceeded\">What to do</a>";
  if (exceeds_rpo(drill)) return " <a href=\"/runbooks/BackproofDrillRpoExceeded\">What to do</a>";
  return "";
}

bool is_scheduled(const TargetState& state) {
  return state.target->enabled && state.target->drill && state.target->drill->schedule;
}

std::string next_html(const TargetState& state, TimePoint now) {
  if (!state.target->drill) return "not configured";
  if (!state.target->drill->schedule) return "only by hand";
  if (!state.target->enabled) return "disabled";
  const Schedule& schedule = *state.target->drill->schedule;
  return (state.drill_next > now ? when(state.drill_next, now) : "due") + ", by <code>" +
         escape(schedule.expression()) + "</code> in " + escape(schedule.zone());
}

std::string command(const View& view, const Target& target) {
  return "<code>" +
         escape("backproof drill " + text::quote_shell(target.name) + " --config.file " +
                text::quote_shell(view.snapshot.config.file)) +
         "</code>";
}

std::string measured(std::optional<Duration> value, Duration objective, bool exceeded) {
  if (!value) return "–";
  std::string html = span(*value);
  if (objective > Duration{})
    put(html, exceeded ? " <small class=\"over\">over the objective of " : " <small>objective ",
        span(objective), "</small>");
  return html;
}

std::string recovery(const Drill& drill) {
  return measured(drill.recovery > Duration{} ? std::optional(drill.recovery) : std::nullopt,
                  drill.rto_objective, exceeds_rto(drill));
}

std::string data_loss(const Drill& drill) {
  return measured(data_loss_of(drill), drill.rpo_objective, exceeds_rpo(drill));
}

std::string table(const std::vector<Drill>& drills) {
  if (drills.empty()) return "";
  std::string html =
      table_head("drill-list", "The last drills, newest first; each leads to its report",
                 {"Started", "Result", "RTO", "RPO", "#Took", "Because"});
  for (const Drill& drill : drills)
    put(html, "<tr><th scope=\"row\">", drill_link(drill.id, moment(drill.started)), "</th><td>",
        drill_badge(drill), "</td><td>", recovery(drill), "</td><td>", data_loss(drill),
        "</td><td class=\"n\">", drill.finished ? span(drill.took) : "–", "</td><td>",
        drill.finished && !drill.reason.empty() ? isolated(text::printable(drill.reason, 240)) : "",
        "</td></tr>\n");
  html += table_end();
  return html;
}

// Of one that goes on, and of one that was tried in vain.
std::string notes(const View& view, const TargetState& state) {
  const SideWork& work = state.drill_work;
  const auto& last = state.history.last_drill;
  const auto& ended = state.history.last_drill_ended;
  std::string html;
  if (work.running)
    put(html, "<p>", badge("running", "running"), " One goes on, begun ",
        when(work.begun, view.now), ".</p>\n");
  if (last && ended && last->id != ended->id)
    put(html, "<p><span class=\"over\">The last one that was tried, ",
        when(end_of(*ended), view.now), ", gave no answer:</span> ",
        isolated(text::printable(ended->reason)), what_if_overdue,
        " What follows is of the one before.</p>\n");
  return html;
}

std::string report(const View& view, const TargetState& state, const Drill& drill) {
  std::string html = "<p>Last drill: " + drill_badge(drill);
  put(html, ' ', when(end_of(drill), view.now), ". ", drill_link(drill.id, "Its whole report"),
      what_to_do(drill), "</p>\n");
  if (!drill.reason.empty())
    put(html, "<p class=\"reason\"><b>Reason:</b> ", isolated(text::printable(drill.reason)),
        "</p>\n");
  if (!drill.hint.empty())
    put(html, "<p class=\"hint\"><b>Hint:</b> ", isolated(text::printable(drill.hint)), "</p>\n");
  return html + facts({{"Measured RTO", recovery(drill)},
                       {"Measured RPO", data_loss(drill)},
                       {"Drills", text::format_count(state.history.totals.drills)},
                       {"Next", next_html(state, view.now)},
                       {"Now", state.target->drill ? command(view, *state.target) : ""}});
}

std::string never(const View& view, const TargetState& state) {
  if (!state.target->drill)
    return "<p>None is configured. <code>[target.drill]</code> in the configuration does it.</p>\n";
  if (!is_scheduled(state))
    return "<p>None was done yet, and none is scheduled. " + command(view, *state.target) +
           " does one now.</p>\n";
  if (state.drill_work.running) return "<p>It is the first one.</p>\n";
  std::string html = "<p>" + badge("stale", "never drilled");
  put(html,
      " <span class=\"over\">It is scheduled, and none was done yet: nobody knows whether its "
      "recovery works.</span>",
      what_if_overdue, "</p>\n",
      facts({{"Next", next_html(state, view.now)}, {"Now", command(view, *state.target)}}));
  return html;
}

}  // namespace

std::string drill_section(const View& view, const TargetState& state,
                          const Result<std::vector<Drill>>& drills) {
  const TargetHistory& history = state.history;
  const auto& shown = history.last_drill ? history.last_drill : history.last_drill_ended;
  std::string html(about);
  put(html, notes(view, state), shown ? report(view, state, *shown) : never(view, state));
  if (drills)
    html += table(*drills);
  else
    put(html, "<p>They cannot be read: ", isolated(drills.error().text), "</p>\n");
  return html;
}

}  // namespace backproof::pages
