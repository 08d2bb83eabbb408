// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/overview.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

struct Row {
  const TargetState* state;
  Standing standing;
  std::size_t place;  // in the configuration: what the script knows a row by
};

std::vector<Row> worst_first(const View& view) {
  std::vector<Row> rows;
  for (const TargetState& state : view.snapshot.targets)
    rows.push_back({&state, standing_of(state, view.now), rows.size()});
  const auto key = [](const Row& row) {
    return std::tuple(row.standing.status, -row.standing.objectives_missed(),
                      std::string_view(row.state->target->name));
  };
  std::ranges::sort(rows, {}, key);
  return rows;
}

struct Counts {
  std::map<Status, std::size_t> by_status;
  std::size_t asked = 0, late = 0;

  explicit Counts(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      ++by_status[row.standing.status];
      const bool is_asked = row.standing.status != Status::disabled;
      asked += std::size_t{is_asked};
      late += std::size_t{is_asked && row.standing.objectives_missed() > 0};
    }
  }
  std::size_t of(Status status) const {
    const auto found = by_status.find(status);
    return found == by_status.end() ? 0 : found->second;
  }
};

// "2 of 7 targets", "the target" where there is no other.
std::string share(std::size_t n, std::size_t all) {
  return all == 1 ? "the target" : text::format_count(n) + " of " + text::plural(all, "target");
}

// The answer to the title's question.
std::string answer(const Counts& counts) {
  const std::size_t failed = counts.of(Status::failed), proven = counts.of(Status::passed);
  if (counts.asked == 0) return "Nobody looks: every target is disabled.";
  if (failed > 0)
    return "No: " + share(failed, counts.asked) + (failed == 1 ? " has" : " have") +
           " a bad backup.";
  if (proven < counts.asked)
    return "Not known of " + share(counts.asked - proven, counts.asked) + ".";
  return counts.asked == 1
             ? "Yes: the target is proven to restore."
             : "Yes: all " + text::plural(proven, "target") + " are proven to restore.";
}

// "4 are proven to restore, 1 is stale. 1 misses an objective. 1 is disabled."
std::string details(const Counts& counts) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::size_t n, std::string_view one, std::string_view more) {
    if (n > 0) parts.push_back(text::format_count(n) + std::string(n == 1 ? one : more));
  };
  const std::size_t proven = counts.of(Status::passed);
  if (proven < counts.asked) add(proven, " is proven to restore", " are proven to restore");
  add(counts.of(Status::stale), " is stale", " are stale");
  add(counts.of(Status::inconclusive), " is inconclusive", " are inconclusive");
  add(counts.of(Status::never_ran), " never ran", " never ran");
  std::string sentences = parts.empty() ? "" : text::join(parts, ", ") + ". ";
  parts.clear();
  add(counts.late, " misses an objective. ", " miss an objective. ");
  if (counts.asked > 0) add(counts.of(Status::disabled), " is disabled.", " are disabled.");
  return sentences + text::join(parts, "");
}

std::string summary(const Counts& counts) {
  const std::string css = counts.of(Status::failed) > 0               ? "failed"
                          : counts.asked == 0                         ? "disabled"
                          : counts.of(Status::passed) == counts.asked ? "passed"
                                                                      : "inconclusive";
  return "<p class=\"summary " + css + "\" role=\"status\"><strong>" + answer(counts) +
         "</strong> " + details(counts) + "</p>\n";
}

std::string why(const TargetState& state) {
  std::string html;
  if (const auto& run = state.history.last_run; run && run->verdict != Verdict::passed) {
    put(html, run_link(run->id, "<code>" + escape(backproof::name_of(run->cause)) + "</code>"), ' ',
        isolated(text::printable(run->reason, 240)));
  }
  if (!state.inventory.error.empty())
    put(html, html.empty() ? "" : "<br>",
        "listing backups: ", isolated(text::printable(state.inventory.error, 240)));
  return html.empty() ? html : "<p class=\"why\">" + html + "</p>";
}

// A pass of such a target proves less than it should.
std::string selftest_mark(const TargetState& state) {
  const auto& last = state.history.last_selftest;
  const std::uint64_t missed = last ? count_of(*last, TrialResult::missed) : 0;
  if (missed == 0) return "";
  return "<p class=\"why\"><a href=\"" + target_path(state.target->name) +
         "#selftest\"><span class=\"over\">Its self-test missed " + text::plural(missed, "damage") +
         "</span></a></p>";
}

// A backup that restores is no recovery that works.
std::string drill_mark(const TargetState& state) {
  const auto& last = state.history.last_drill;
  if (!last || last->result != Verdict::failed) return "";
  return "<p class=\"why\"><a href=\"" + target_path(state.target->name) +
         "#drills\"><span class=\"over\">Its last recovery drill failed</span></a></p>";
}

std::string result_cell(const Row& row, TimePoint now) {
  const TargetState& state = *row.state;
  std::string html = badge(row.standing.status);
  const auto& last = state.history.last_run;
  // Where the last result is not the status it is said, too.
  const Status status = row.standing.status;
  if (last && (status == Status::stale || status == Status::disabled ||
               (status == Status::failed && last->verdict != Verdict::failed)))
    put(html, " last run ", backproof::name_of(last->verdict));
  put(html, ' ', running_note(state, now));
  return html + why(state) + selftest_mark(state) + drill_mark(state);
}

std::string row_html(const Row& row, TimePoint now) {
  const TargetState& state = *row.state;
  const Standing& standing = row.standing;
  const auto& passed = state.history.last_passed;
  const auto& newest = state.inventory.newest;
  std::string html = "<tr id=\"t";
  put(html, std::to_string(row.place), "\" class=\"", css_of(standing.status),
      "\"><th scope=\"row\">", target_link(state.target->name), "</th><td>", result_cell(row, now),
      "</td><td data-label=\"Last pass\">",
      measure_text(standing.last_pass, passed ? when(end_of(*passed), now) : "", "limit", "never"),
      "</td><td data-label=\"Newest backup\">",
      measure_text(
          standing.newest_backup, newest ? when(newest->created, now) : "", "RPO",
          standing.newest_backup.missed ? "<span class=\"over\">none found</span>" : "not known"),
      "</td><td data-label=\"Restore time\">",
      measure_text(standing.restore, standing.restore.value ? span(*standing.restore.value) : "",
                   "RTO", "not measured"),
      "</td><td data-label=\"Next run\">", next_run(state, now), "</td></tr>");
  return html;
}

constexpr std::string_view filter =
    "<div id=\"filter\" role=\"search\" data-keep hidden><label for=\"filter-text\">Filter</label> "
    "<input id=\"filter-text\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" "
    "placeholder=\"name, result or reason\"> <output for=\"filter-text\"></output></div>\n";

}  // namespace

Response overview(const View& view) {
  const std::vector<Row> rows = worst_first(view);
  const Counts counts(rows);
  std::string main = "<h1>Can we restore?</h1>\n";
  if (rows.empty()) {
    main += "<p>No targets are configured.</p>\n";
  } else {
    put(main, summary(counts), filter,
        table_head("targets", "Targets, worst first",
                   {"Target", "Result", "Last pass", "Newest backup", "Restore time", "Next run"},
                   "cards"));
    for (const Row& row : rows) main += row_html(row, view.now);
    main += table_end();
  }
  const std::size_t failed = counts.of(Status::failed);
  return framed(
      view, {failed > 0 ? text::plural(failed, "bad backup") : "Overview", "/", std::move(main)});
}

}  // namespace backproof::pages
