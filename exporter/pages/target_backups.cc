// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/target.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

std::string verdict_of(const RetainedBackup& retained) {
  const auto& record = retained.record;
  if (record && record->verdict) return badge(*record->verdict);
  return badge("never", record ? "tried" : "unverified");
}

std::string row(const RetainedBackup& retained, TimePoint now) {
  const auto& record = retained.record;
  const bool judged = record && record->verdict;
  std::string html = "<tr><th scope=\"row\"><code>";
  put(html, escape(retained.backup.id), "</code></th><td>", moment(retained.backup.created),
      "</td><td>", evidence_text(retained.backup.evidence), "</td><td class=\"n\">",
      text::format_size(retained.backup.bytes), "</td><td>", verdict_of(retained), "</td><td>");
  if (judged)
    html += run_link(record->run_id, when(record->verified, now));
  else
    html += record ? when(record->tried, now) : "never";
  put(html, "</td><td>", when(record ? record->passed : TimePoint{}, now), "</td></tr>\n");
  return html;
}

std::string select_text(const SelectSpec& select) {
  switch (select.policy) {
    case Policy::newest:
      return "At each due time the newest is verified.";
    case Policy::every_new:
      return "At each due time all that were not verified yet are, the oldest first.";
    case Policy::random:
      return "At each due time " + text::format_count(select.count) + " of them are drawn.";
    case Policy::coverage:
      return "Each is verified once within " + span(select.within) +
             ", the newest at each due time.";
  }
  return "";
}

}  // namespace

std::string backups_section(const TargetState& state, TimePoint now) {
  const Coverage& coverage = *state.coverage;
  std::string html = "<h2>Backups</h2>\n<p>" + select_text(state.target->select);
  put(html, " Of ", text::plural(state.inventory.backups, "backup"), " ",
      text::format_count(coverage.passed), " passed at least once, ",
      text::format_count(coverage.failed), " failed last, ",
      text::format_count(coverage.unverified), " were never judged");
  if (coverage.overdue > 0)
    put(html, "; <span class=\"over\">", text::format_count(coverage.overdue),
        " should have been verified by now</span>. "
        "<a href=\"/runbooks/BackproofBackupsUnverified\">What to do</a>");
  put(html, coverage.overdue > 0 ? "" : ".", "</p>\n");
  if (coverage.newest.empty()) return html;
  const std::string caption = coverage.newest.size() < state.inventory.backups
                                  ? "The newest " + text::format_count(coverage.newest.size())
                                  : "All that the source holds";
  html += table_head("backups", caption,
                     {"Backup", "Made", "As says", "#Size", "Verdict", "Verified", "Last passed"});
  for (const RetainedBackup& retained : coverage.newest) html += row(retained, now);
  html += table_end();
  return html;
}

}  // namespace backproof::pages
