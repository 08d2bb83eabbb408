// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "exporter/pages/drill.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

// Pictures without text in them: what they say stands beside them, and so they may be as narrow as
// the screen is.
constexpr std::string_view picture =
    "viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";

std::string rect(std::string_view css, double from, double to,
                 std::string_view place = "y=\"0\" height=\"10\"") {
  const auto thousandths = [](double share) {
    return std::to_string(std::lround(1000 * std::clamp(share, 0.0, 1.0)));
  };
  // What took no time to speak of is still seen.
  const double begin = std::min(from, 0.994), end = std::max(to, begin + 0.006);
  std::string svg = "<rect class=\"";
  put(svg, css, "\" x=\"", thousandths(begin), "\" width=\"", thousandths(end - begin), "\" ",
      place, "/>");
  return svg;
}

std::string_view word_of(const Drill& drill, const DrillStageResult& stage) {
  if (stage.error) return "failed";
  const bool goes_on = !drill.finished && &stage == &drill.stages.back();
  return goes_on ? "running" : "passed";
}

std::string_view label_of(DrillStage stage) {
  switch (stage) {
    case DrillStage::canary:
      return "a marker is written before the backup";
    case DrillStage::backup:
      return "a backup is taken";
    case DrillStage::verify:
      return "it is verified";
    case DrillStage::lose:
      return "a stand-in of production is lost";
    case DrillStage::restore:
      return "the backup is restored into an empty place";
    case DrillStage::prove:
      return "what was restored is proven";
  }
  return "";
}

std::string stage_row(const Drill& drill, const DrillStageResult& stage, const std::string& bars) {
  std::string html = "<tr><th scope=\"row\">";
  put(html, backproof::name_of(stage.stage), "<small>", label_of(stage.stage), "</small></th><td>",
      "<svg class=\"bar\" ", picture, bars, "</svg></td><td class=\"n\">", span(stage.took),
      "</td><td>");
  const std::string_view word = word_of(drill, stage);
  if (stage.error)
    put(html, badge("failed", "stopped"), ' ', isolated(text::printable(stage.error->text)));
  else if (word == "running")
    html += badge("running", "running");
  else
    html += stage.note.empty() ? "done" : isolated(text::printable(stage.note));
  return html + "</td></tr>\n";
}

}  // namespace

std::string drill_stages(const Drill& drill) {
  if (drill.stages.empty()) return "<p>It ended before its first stage.</p>\n";
  Duration all{}, begun{};
  for (const DrillStageResult& stage : drill.stages) all += stage.took;
  const double whole = std::max(1e-6, seconds_of(std::max(all, drill.took)));
  const bool proven = drill.recovery > Duration{};
  const double lost = seconds_of(drill.lost - drill.started) / whole;
  const double back = lost + seconds_of(drill.recovery) / whole;
  const std::string scale = "When, in " + span(std::max(all, drill.took));
  std::string html = table_head(
      "stages",
      proven
          ? "Each bar begins where the one before ended; the line below is the recovery, from the "
            "loss until the restored data was proven"
          : "Each bar begins where the one before ended",
      {"Stage", scale, "#Took", "Result"}, "waterfall drill");
  for (const DrillStageResult& stage : drill.stages) {
    const double from = seconds_of(begun) / whole;
    begun += stage.took;
    const std::string below = proven ? rect("recovery", lost, back, "y=\"8\" height=\"2\"") : "";
    html += stage_row(drill, stage,
                      below + rect(word_of(drill, stage), from, seconds_of(begun) / whole,
                                   "y=\"0\" height=\"6\""));
  }
  html += table_end();
  return html;
}

std::string objective_chart(std::string_view what, std::optional<Duration> measured,
                            Duration objective, bool exceeded, std::string_view unknown) {
  const bool has_limit = objective > Duration{};
  const std::string_view css = exceeded ? "failed" : !measured || !has_limit ? "never" : "passed";
  const std::string_view word = exceeded     ? "missed"
                                : !measured  ? "not measured"
                                : !has_limit ? "no objective"
                                             : "met";
  std::string html = "<figure class=\"objective\">\n<figcaption>";
  put(html, what, ' ', badge(css, word), "</figcaption>\n<p><strong>",
      measured ? span(*measured) : std::string(unknown), "</strong> ",
      has_limit ? "objective " + span(objective) : "no objective is configured", "</p>\n");
  const double most = 1.08 * std::max(seconds_of(objective), measured ? seconds_of(*measured) : 0);
  if (most > 0 && has_limit) {
    put(html, "<svg class=\"bar\" ", picture);
    if (measured) html += rect(exceeded ? "failed" : "within", 0, seconds_of(*measured) / most);
    const double limit = seconds_of(objective) / most;
    put(html, rect("limit", limit, limit + 0.006), "</svg>\n<p><small>The mark is the objective",
        measured ? "; the bar is what was measured." : ".", "</small></p>\n");
  }
  return html + "</figure>\n";
}

}  // namespace backproof::pages
