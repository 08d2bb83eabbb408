// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/plot.h"

#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;
using pages::Plot;
using pages::Unit;

namespace {

// One point a day.
Plot plot_of(Unit unit, std::initializer_list<double> values, double objective = 0) {
  Plot plot{"p", "Title", unit, {}, objective, "RTO"};
  TimePoint day = at("2026-11-20T06:00:00Z");
  for (const double value : values) {
    plot.points.push_back({day, value, Verdict::passed});
    day += 24h;
  }
  return plot;
}

}  // namespace

TEST_CASE("a plot without points is a sentence") {
  const std::string html = pages::plot_html(plot_of(Unit::count, {}));
  CHECK(has(html, "Nothing measured yet."));
  CHECK_FALSE(has(html, "<svg"));
}

TEST_CASE("a plot is named and described") {
  const std::string html = pages::plot_html(plot_of(Unit::seconds, {60, 90, 75}, 120));
  CHECK(has(html, "aria-labelledby=\"p-title p-desc\"><title id=\"p-title\">Title</title>"));
  CHECK(has(html,
            "<desc id=\"p-desc\">3 runs, from 1 min to 1 min 30 s; the last one 1 min 15 s; "
            "RTO 2 min.</desc>"));
  CHECK(has(html, "<small>last 1 min 15 s, RTO 2 min</small>"));
}

TEST_CASE("a plot's axis has steps that people count in") {
  CHECK(in_order(pages::plot_html(plot_of(Unit::seconds, {3000})),
                 {">0 s</text>", ">20 min</text>", ">40 min</text>", ">1 h</text>"}));
  CHECK(in_order(pages::plot_html(plot_of(Unit::count, {47})),
                 {">0</text>", ">20</text>", ">40</text>", ">60</text>"}));
  CHECK(in_order(pages::plot_html(plot_of(Unit::bytes, {3'000'000})),
                 {">0 B</text>", ">1 MiB</text>", ">2 MiB</text>", ">3 MiB</text>"}));
  CHECK(
      in_order(pages::plot_html(plot_of(Unit::seconds, {0.004})), {">0 s</text>", ">1 ms</text>"}));
}

TEST_CASE("a plot of zeros has an axis, too") {
  const std::string html = pages::plot_html(plot_of(Unit::count, {0, 0}));
  CHECK(has(html, ">1</text>"));
  CHECK_FALSE(has(html, "nan"));
}

TEST_CASE("an objective within reach is a line") {
  const std::string html = pages::plot_html(plot_of(Unit::seconds, {60, 70}, 120));
  CHECK(has(html, "<line class=\"objective\""));
  CHECK(has(html, "class=\"objective-name\">RTO 2 min</text>"));
  CHECK_FALSE(has(pages::plot_html(plot_of(Unit::seconds, {60, 70})), "objective"));
}

TEST_CASE("an objective far above does not press the values to the ground") {
  const std::string html = pages::plot_html(plot_of(Unit::seconds, {1, 2}, 86400));
  CHECK_FALSE(has(html, "<line class=\"objective\""));
  CHECK(has(html, ">RTO 1 d is far above</text>"));
  CHECK(has(html, ">2 s</text>"));
}

TEST_CASE("a single point stands in the middle") {
  const std::string html = pages::plot_html(plot_of(Unit::count, {5}));
  CHECK(has(html, "<circle class=\"passed\" cx=\"243.0\""));
  CHECK(has(html, "text-anchor=\"middle\">2026-11-20 06:00</text>"));
}

TEST_CASE("points lie in their order within the plot, each with its words") {
  Plot plot = plot_of(Unit::count, {0, 100});
  plot.points.back().verdict = Verdict::failed;
  const std::string html = pages::plot_html(plot);
  CHECK(has(html, "<polyline class=\"trend\" points=\"74.0,136.0 412.0,22.0 \"/>"));
  CHECK(has(html,
            "<circle class=\"failed\" cx=\"412.0\" cy=\"22.0\" r=\"3\"><title>2026-11-21 "
            "06:00:00 UTC: 100, failed</title></circle>"));
  CHECK(in_order(html, {">2026-11-20</text>", ">2026-11-21</text>"}));
}

TEST_CASE("a plot of one day has hours") {
  Plot plot = plot_of(Unit::count, {1, 2});
  plot.points.back().at = plot.points.front().at + 2h;
  CHECK(in_order(pages::plot_html(plot), {">06:00</text>", ">08:00</text>"}));
}
