// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/run.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

// Beyond these a page helps nobody; the JSON has all of them.
constexpr std::size_t most_tables = 500, most_lines = 2000;

std::string more(std::size_t all, std::size_t shown, std::string_view what, const std::string& id) {
  if (all <= shown) return "";
  std::string html = "<p>" + text::format_count(all - shown) + " more ";
  put(html, what, " are in <a href=\"/api/v1/runs/", encode_segment(id), "\">the JSON</a>.</p>\n");
  return html;
}

// A bar from `from` to `to`, both 0 to 1. Its row says the same in words.
std::string bar(std::string_view css, double from, double to) {
  const auto thousandths = [](double share) { return std::to_string(std::lround(1000 * share)); };
  std::string svg =
      "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
      "aria-hidden=\"true\"><rect class=\"";
  put(svg, css, "\" x=\"", thousandths(std::min(from, 0.995)), "\" width=\"",
      thousandths(std::max(to - from, 0.005)), "\" height=\"10\"/></svg>");
  return svg;
}

std::string lines_html(std::string_view lines) {
  std::string html;
  for (const std::string_view line : text::split(lines, '\n'))
    put(html, html.empty() ? "" : "<br>", isolated(line));
  return html;
}

std::string check_row(const CheckResult& check) {
  std::string html = "<tr><td>" + badge(check.verdict);
  if (check.verdict != Verdict::passed && check.cause != Cause::none)
    put(html, " <code>", backproof::name_of(check.cause), "</code>");
  if (!check.enforced) html += " <small>only warns</small>";
  put(html, "</td><th scope=\"row\">", escape(check.check), "</th><td>",
      check.subject.empty() ? "whole database" : isolated(check.subject), "</td><td>",
      isolated(check.observed), "</td><td>", isolated(check.expected), "</td><td>",
      check.detail.empty() ? "" : lines_html(check.detail), "</td><td class=\"n\">",
      span(check.took), "</td></tr>\n");
  return html;
}

std::string log_row(const LogLine& line) {
  std::string text = line.text;
  for (const LogField& field : line.fields) text += "  " + field.key + "=" + field.value;
  std::string html;
  put(html, "<tr><td>", clock_text(line.time), "</td><td>", line.stage ? name_of(*line.stage) : "",
      "</td><td>", escape(text), "</td></tr>\n");
  return html;
}

}  // namespace

std::string stages_table(const Run& run) {
  if (run.stages.empty()) return "";
  Duration all{}, begun{};
  for (const StageResult& stage : run.stages) all += stage.took;
  const double whole = std::max(1e-6, seconds_of(std::max(all, run.took)));
  std::string html = table_head("stages", "Each bar begins where the one before ended",
                                {"Stage", "When", "#Took", "Result"}, "waterfall");
  for (const StageResult& stage : run.stages) {
    const double from = seconds_of(begun) / whole;
    begun += stage.took;
    put(html, "<tr><th scope=\"row\">", backproof::name_of(stage.stage), "</th><td>",
        bar(stage.error ? "failed" : "passed", from, seconds_of(begun) / whole),
        "</td><td class=\"n\">", span(stage.took), "</td><td>",
        stage.error ? badge("failed", "stopped") + ' ' + isolated(stage.error->text) : "done",
        "</td></tr>\n");
  }
  html += table_end();
  return html;
}

std::string running_table(const RunningJob& running) {
  const Progress& progress = running.progress;
  const bool in_bytes = progress.stage == Stage::fetch || progress.stage == Stage::restore;
  const auto amount = [in_bytes](std::uintmax_t n) {
    return in_bytes ? text::format_size(n) : text::format_count(n);
  };
  std::string html = table_head("stages", "How far it is", {"Stage", "Progress"}, "waterfall");
  for (const Stage stage : all_stages) {
    put(html, "<tr><th scope=\"row\">", backproof::name_of(stage), "</th><td>");
    if (stage < progress.stage)
      html += "done";
    else if (stage > progress.stage)
      html += "to come";
    else if (progress.total == 0)
      html += badge("running", "running");
    else
      put(html, badge("running", "running"), " <progress max=\"", std::to_string(progress.total),
          "\" value=\"", std::to_string(std::min(progress.done, progress.total)),
          "\" aria-label=\"", backproof::name_of(stage), "\"></progress> ", amount(progress.done),
          " of ", amount(progress.total));
    html += "</td></tr>\n";
  }
  html += table_end();
  return html;
}

std::string checks_table(const Run& run) {
  if (run.checks.empty()) return "";
  std::string html =
      table_head("checks", "What the restored database was asked",
                 {"Result", "Check", "Subject", "Observed", "Expected", "Detail", "#Took"});
  for (const CheckResult& check : run.checks) html += check_row(check);
  html += table_end();
  return html;
}

std::string tables_table(const Run& run) {
  if (run.tables.empty()) return "";
  std::vector<const TableFact*> facts;
  for (const TableFact& fact : run.tables) facts.push_back(&fact);
  std::ranges::stable_sort(facts, std::ranges::greater(), &TableFact::rows);
  const std::size_t shown = std::min(facts.size(), most_tables);
  std::string html = table_head("tables", "Tables of the restored database, largest first",
                                {"Schema", "Table", "#Rows"});
  for (std::size_t i = 0; i < shown; ++i)
    put(html, "<tr><td>", isolated(facts[i]->schema), "</td><th scope=\"row\">",
        isolated(facts[i]->table), "</th><td class=\"n\">", text::format_count(facts[i]->rows),
        "</td></tr>\n");
  put(html, table_end(), more(facts.size(), shown, "tables", run.id));
  return html;
}

std::string log_table(const Run& run) {
  if (run.log.empty()) return "";
  const std::size_t shown = std::min(run.log.size(), most_lines);
  std::string html = table_head("log", "Log, times are UTC", {"Time", "Stage", "Text"}, "log");
  for (std::size_t i = 0; i < shown; ++i) html += log_row(run.log[i]);
  put(html, table_end(), more(run.log.size(), shown, "lines", run.id));
  return html;
}

}  // namespace backproof::pages
