// SPDX-License-Identifier: Apache-2.0
#include <ranges>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/plot.h"
#include "exporter/pages/target.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

std::string_view word_of(const Run& run, const std::string& running) {
  if (run.finished) return backproof::name_of(run.verdict);
  return run.id == running ? "running" : "unfinished";
}

std::optional<Duration> backup_age(const Run& run) {
  if (run.backup.created == TimePoint{}) return std::nullopt;
  return run.started - run.backup.created;
}

template <typename Value>
Plot plot_of(const std::vector<Run>& runs, Plot plot, const Value& value) {
  for (const Run& run : std::views::reverse(runs)) {
    if (!run.finished) continue;
    if (const std::optional<double> v = value(run))
      plot.points.push_back({run.started, std::max(0.0, *v), run.verdict});
  }
  return plot;
}

std::string run_row(const Run& run, const std::string& running) {
  std::string html = "<tr id=\"r";
  put(html, escape(run.id), "\"><th scope=\"row\">", run_link(run.id, moment(run.started)),
      "</th><td>", badge_of(run, run.id == running));
  if (run.finished && run.cause != Cause::none)
    put(html, " <code>", backproof::name_of(run.cause), "</code>");
  const auto age = backup_age(run);
  put(html, "</td><td>", escape(run.trigger), "</td><td class=\"n\">",
      run.finished ? span(run.took) : "–", "</td><td class=\"n\">",
      run.restored ? span(restore_time(run)) : "–", "</td><td class=\"n\">",
      run.restored ? text::format_size(run.restored_bytes) : "–", "</td><td class=\"n\">",
      run.restored ? text::format_count(total_rows(run)) : "–", "</td><td class=\"n\">",
      age ? span(*age) : "–", "</td></tr>");
  return html;
}

}  // namespace

std::string timeline(const std::vector<Run>& runs, const std::string& running) {
  std::string html = "<ol class=\"timeline\">\n";
  for (const Run& run : std::views::reverse(runs)) {
    const std::string_view word = word_of(run, running);
    std::string label(word);
    if (run.finished && run.cause != Cause::none)
      put(label, " (", backproof::name_of(run.cause), ")");
    put(label, ", ", clock_text(run.started), " UTC");
    put(html, "<li id=\"l", escape(run.id), "\"><a class=\"", word, "\" href=\"/runs/",
        encode_segment(run.id), "\" title=\"", label, "\"><span>", label, "</span></a></li>");
  }
  return html + "\n</ol>\n";
}

std::string trends(const std::vector<Run>& runs, const Target& target) {
  using Number = std::optional<double>;
  std::string html = "<div class=\"plots\">\n";
  html += plot_html(plot_of(
      runs, {"plot-restore", "Restore time", Unit::seconds, {}, seconds_of(target.rto), "RTO"},
      [](const Run& run) {
        return run.restored ? Number(seconds_of(restore_time(run))) : Number();
      }));
  html += plot_html(plot_of(runs,
                            {"plot-age",
                             "Age of the backup at its verification",
                             Unit::seconds,
                             {},
                             seconds_of(target.rpo),
                             "RPO"},
                            [](const Run& run) {
                              const auto age = backup_age(run);
                              return age ? Number(seconds_of(*age)) : Number();
                            }));
  html += plot_html(
      plot_of(runs, {"plot-size", "Restored size", Unit::bytes, {}, 0, ""}, [](const Run& run) {
        return run.restored ? Number(static_cast<double>(run.restored_bytes)) : Number();
      }));
  html += plot_html(
      plot_of(runs, {"plot-rows", "Restored rows", Unit::count, {}, 0, ""}, [](const Run& run) {
        return run.restored ? Number(static_cast<double>(total_rows(run))) : Number();
      }));
  return html + "</div>\n";
}

std::string runs_table(const std::vector<Run>& runs, const std::string& running) {
  std::string html = table_head("runs", "Runs, last first. Times are UTC.",
                                {"Started", "Result", "Trigger", "#Took", "#Restore time", "#Size",
                                 "#Rows", "#Age of the backup"});
  for (const Run& run : runs) html += run_row(run, running);
  html += table_end();
  return html;
}

}  // namespace backproof::pages
