// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/drill.h"

#include <algorithm>

#include "base/text.h"
#include "drill/canary.h"
#include "exporter/pages/assets.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/run.h"
#include "exporter/pages/words.h"

namespace backproof {
namespace {

using namespace pages;

// The document has its style in it, no script, and nothing from elsewhere.
constexpr std::string_view policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string_view sentence_of(const Drill& drill) {
  if (!drill.finished) return "The drill has no result yet.";
  switch (drill.result) {
    case Verdict::passed:
      return exceeds_rto(drill) || exceeds_rpo(drill)
                 ? "The backup was restored and proven, but an objective was missed."
                 : "The backup was restored, and what was restored was proven.";
    case Verdict::failed:
      return "The recovery that was drilled does not work.";
    case Verdict::inconclusive:
      return "Whether the recovery works could not be told.";
  }
  return "";
}

std::string verdict(const Drill& drill) {
  std::string html = "<p class=\"verdict ";
  put(html, drill.finished ? backproof::name_of(drill.result) : "never", "\" role=\"status\">",
      drill_badge(drill), ' ', sentence_of(drill), "</p>\n");
  if (!drill.finished) return html;
  if (!drill.reason.empty())
    put(html, "<p class=\"reason\"><b>Reason:</b> ", isolated(text::printable(drill.reason)),
        "</p>\n");
  if (!drill.hint.empty())
    put(html, "<p class=\"hint\"><b>Hint:</b> ", isolated(text::printable(drill.hint)), "</p>\n");
  return html;
}

std::string objectives(const Drill& drill) {
  const bool proven = drill.recovery > Duration{};
  std::string html = "<div class=\"plots\">\n";
  put(html,
      objective_chart("Recovery time (RTO), from the loss until it was proven",
                      proven ? std::optional(drill.recovery) : std::nullopt, drill.rto_objective,
                      exceeds_rto(drill), "not proven"),
      objective_chart("Data loss (RPO), from the newest recovered data to the loss",
                      data_loss_of(drill), drill.rpo_objective, exceeds_rpo(drill), "not known"),
      "</div>\n");
  return html;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "<code>" + escape(text::printable(text, 4000)) + "</code>";
}

std::string utc(TimePoint t) {
  return t == TimePoint{} ? "" : moment(t) + " UTC";
}

std::string lost(const Drill& drill) {
  if (drill.lost == TimePoint{}) return "<p>Nothing: it did not come to that.</p>\n";
  return facts({{"Stand-in", isolated(text::printable(drill.stand_in))},
                {"Lost at", utc(drill.lost)},
                {"Production", "was not touched, but for a canary that you allow"}});
}

std::string restored(const Drill& drill) {
  if (drill.backup.empty()) return "<p>Nothing: it did not come to that.</p>\n";
  const bool came_back = drill.proof && drill.proof->restored;
  const std::string amount = came_back
                                 ? text::format_size(drill.proof->restored_bytes) + ", " +
                                       text::plural(drill.proof->tables.size(), "table") + ", " +
                                       text::format_count(total_rows(*drill.proof)) + " rows"
                                 : "";
  std::string newest = utc(drill.newest);
  if (!newest.empty() && !drill.newest_by.empty())
    newest += ", as says " + isolated(text::printable(drill.newest_by));
  return facts({{"Backup", code(drill.backup.native())},
                {"Made", utc(drill.backup_created)},
                {"Restored", drill.by_command ? "by the team's own command" : "by backproof"},
                {"What came back", amount},
                {"Newest data", newest},
                {"Compared with a manifest", !drill.proof          ? ""
                                             : drill.with_manifest ? "yes"
                                                                   : "no: none lies beside it"}});
}

std::string canaries(const Drill& drill) {
  const bool written = std::ranges::any_of(drill.stages, [](const DrillStageResult& stage) {
    return stage.stage == DrillStage::canary && !stage.error;
  });
  if (!written) return "<p>None was written.</p>\n";
  std::string html;
  if (drill.proof)
    for (const CheckResult& check : drill.proof->checks)
      if (drill::is_canary_check(check))
        put(html, "<li>", badge(check.verdict), ' ', isolated(check.subject), "</li>\n");
  if (html.empty())
    return "<p>One was written before the backup; it did not come to the question whether it is "
           "there again.</p>\n";
  return "<ul class=\"findings\">\n" + html + "</ul>\n";
}

std::string proof(const Drill& drill) {
  if (!drill.proof) return "<p>Nothing was proven.</p>\n";
  const Run& run = *drill.proof;
  std::string html = "<p>" + badge(run.verdict);
  if (run.cause != Cause::none) put(html, " <code>", backproof::name_of(run.cause), "</code>");
  put(html, run.reason.empty() ? "" : " " + isolated(text::printable(run.reason)), "</p>\n");
  return html + checks_table(run);
}

std::string list(const std::vector<std::string>& all, std::string_view css) {
  std::string html = "<ul class=\"";
  put(html, css, "\">\n");
  for (const std::string& one : all)
    put(html, "<li>", isolated(text::printable(one, 1000)), "</li>\n");
  return html + "</ul>\n";
}

std::string head(const Drill& drill) {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Recovery drill of ";
  put(html, escape(text::printable(drill.target)), ", ", clock_text(drill.started),
      "</title>\n<style>\n", find_asset("static/style.css").value_or(""),
      "</style>\n</head>\n<body>\n<header>\n<span class=\"brand\">backproof</span>\n</header>\n");
  return html;
}

}  // namespace

std::string drill_report_html(const Drill& drill, std::string_view navigation) {
  std::string html = head(drill);
  put(html, "<main id=\"main\">\n", navigation, "<h1>Recovery drill of ",
      isolated(text::printable(drill.target)), ", ", clock_text(drill.started), " UTC</h1>\n",
      verdict(drill), "<h2>Against the objectives</h2>\n", objectives(drill), "<h2>Stages</h2>\n",
      drill_stages(drill), "<h2>What was lost</h2>\n", lost(drill), "<h2>What was restored</h2>\n",
      restored(drill), "<h2>Canaries</h2>\n", canaries(drill), "<h2>The proof</h2>\n",
      proof(drill));
  if (!drill.warnings.empty()) put(html, "<h2>Warnings</h2>\n", list(drill.warnings, "notices"));
  put(html, "<h2>What was not drilled</h2>\n",
      drill.not_drilled.empty() ? "<p>Nothing is named.</p>\n"
                                : list(drill.not_drilled, "not-drilled"),
      "</main>\n<footer>\n<p>Drill <code>", escape(drill.id), "</code>, ",
      drill.trigger == "schedule" ? "by schedule" : "by hand",
      drill.finished ? ", took " + span(drill.took) : "",
      ". Made by backproof; all times are UTC.</p>\n</footer>\n</body>\n</html>\n");
  return html;
}

Response pages::drill(const View& view, const Drill& drill) {
  const bool is_configured = find_target(view.snapshot, drill.target) != nullptr;
  std::string navigation =
      "<nav class=\"path\" aria-label=\"Where this is\"><a href=\"/\">Overview</a> / ";
  put(navigation, is_configured ? target_link(drill.target) : isolated(drill.target),
      " · <a href=\"/api/v1/drills/", encode_segment(drill.id), "\">as JSON</a></nav>\n");
  return {200,
          "text/html; charset=utf-8",
          drill_report_html(drill, navigation),
          {{"Content-Security-Policy", std::string(policy)}, {"Referrer-Policy", "no-referrer"}}};
}

std::string pages::drill_link(std::string_view id, std::string_view label) {
  return "<a href=\"/drills/" + encode_segment(id) + "\">" + std::string(label) + "</a>";
}

std::string pages::drill_badge(const Drill& drill) {
  if (!drill.finished) return badge("never", "unfinished");
  std::string html = badge(drill.result);
  if (drill.cause) put(html, " <code>", backproof::name_of(*drill.cause), "</code>");
  return html;
}

}  // namespace backproof
