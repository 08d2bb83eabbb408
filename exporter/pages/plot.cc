// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

// Units of the picture; its size on the page is the page's business.
constexpr double width = 420, height = 160, left = 74, right = 412, top = 22, bottom = 136;

// An objective further above the values than this would press them to the ground.
constexpr double farthest_objective = 4;

double step_of_tens(double least) {
  const double ten = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * ten >= least) return factor * ten;
  return 10 * ten;
}

// The smallest step that people count in and that is not below `least`, which is above zero.
double step_of(Unit unit, double least) {
  if (unit == Unit::bytes) return std::exp2(std::ceil(std::log2(std::max(1.0, least))));
  if (unit == Unit::count) return step_of_tens(std::max(1.0, least));
  constexpr double minute = 60, hour = 3600, day = 86400;
  if (least <= 1) return step_of_tens(least);
  for (const double step :
       {2.0, 5.0, 10.0, 20.0, 30.0, minute, 2 * minute, 5 * minute, 10 * minute, 20 * minute,
        30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 5 * day})
    if (step >= least) return step;
  return day * step_of_tens(least / day);
}

// A coordinate with one digit behind the point: more is below what a screen shows.
std::string number(double value) {
  const auto tenths = static_cast<long>(std::lround(value * 10));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

struct Scale {
  TimePoint first, last;
  double step = 1, most = 1;

  double x(TimePoint t) const {
    if (last <= first) return (left + right) / 2;
    return left + (right - left) * seconds_of(t - first) / seconds_of(last - first);
  }
  double y(double value) const { return bottom - (bottom - top) * std::min(1.0, value / most); }
};

double highest(const Plot& plot) {
  return std::ranges::max_element(plot.points, {}, &Point::value)->value;
}

bool shows_objective(const Plot& plot) {
  return plot.objective > 0 && plot.objective <= farthest_objective * highest(plot);
}

Scale scale_of(const Plot& plot) {
  Scale scale;
  const auto [first, last] = std::ranges::minmax_element(plot.points, {}, &Point::at);
  scale.first = first->at;
  scale.last = last->at;
  double most = highest(plot);
  if (shows_objective(plot)) most = std::max(most, plot.objective * 1.1);
  scale.step = step_of(plot.unit, most > 0 ? most / 4 : 1);
  scale.most = scale.step * std::max(1.0, std::ceil(most / scale.step));
  return scale;
}

void put_text(std::string& svg, double x, double y, std::string_view anchor,
              const std::string& label, std::string_view css = "") {
  put(svg, "<text x=\"", number(x), "\" y=\"", number(y), "\" text-anchor=\"", anchor, "\"");
  if (!css.empty()) put(svg, " class=\"", css, '"');
  put(svg, '>', label, "</text>");
}

void put_line(std::string& svg, std::string_view css, double y) {
  put(svg, "<line class=\"", css, "\" x1=\"", number(left), "\" x2=\"", number(right), "\" y1=\"",
      number(y), "\" y2=\"", number(y), "\"/>");
}

void put_axes(std::string& svg, const Plot& plot, const Scale& scale) {
  for (double value = 0; value <= scale.most * 1.001; value += scale.step) {
    put_line(svg, "grid", scale.y(value));
    put_text(svg, left - 6, scale.y(value) + 4, "end", unit_text(plot.unit, value));
  }
  // Days, or hours where all of it is of one day.
  const std::string from = clock_text(scale.first), to = clock_text(scale.last);
  const bool one_day = from.substr(0, 10) == to.substr(0, 10);
  const auto label = [one_day](const std::string& text) {
    return one_day ? text.substr(11, 5) : text.substr(0, 10);
  };
  if (scale.first == scale.last) {
    put_text(svg, scale.x(scale.first), bottom + 18, "middle", from.substr(0, 16));
    return;
  }
  put_text(svg, left, bottom + 18, "start", label(from));
  put_text(svg, right, bottom + 18, "end", label(to));
}

void put_points(std::string& svg, const Plot& plot, const Scale& scale) {
  svg += "<polyline class=\"trend\" points=\"";
  for (const Point& point : plot.points)
    put(svg, number(scale.x(point.at)), ',', number(scale.y(point.value)), ' ');
  svg += "\"/>";
  for (const Point& point : plot.points)
    put(svg, "<circle class=\"", name_of(point.verdict), "\" cx=\"", number(scale.x(point.at)),
        "\" cy=\"", number(scale.y(point.value)), "\" r=\"3\"><title>", clock_text(point.at),
        " UTC: ", unit_text(plot.unit, point.value), ", ", name_of(point.verdict),
        "</title></circle>");
}

std::string objective_text(const Plot& plot) {
  return std::string(plot.objective_name) + ' ' + unit_text(plot.unit, plot.objective);
}

std::string description(const Plot& plot) {
  const auto [least, most] = std::ranges::minmax_element(plot.points, {}, &Point::value);
  std::string text = text::plural(plot.points.size(), "run");
  put(text, ", from ", unit_text(plot.unit, least->value), " to ",
      unit_text(plot.unit, most->value), "; the last one ",
      unit_text(plot.unit, plot.points.back().value));
  if (plot.objective > 0) put(text, "; ", objective_text(plot));
  return text + ".";
}

}  // namespace

std::string unit_text(Unit unit, double value) {
  switch (unit) {
    case Unit::seconds:
      return span(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value)));
    case Unit::bytes:
      return text::format_size(static_cast<std::uintmax_t>(value));
    case Unit::count:
      return text::format_count(static_cast<std::uint64_t>(value));
  }
  return "";
}

std::string plot_html(const Plot& plot) {
  std::string html = "<figure class=\"plot\">\n<figcaption>";
  put(html, plot.title);
  if (plot.points.empty()) return html + "</figcaption>\n<p>Nothing measured yet.</p>\n</figure>\n";
  put(html, " <small>last ", unit_text(plot.unit, plot.points.back().value));
  if (plot.objective > 0) put(html, ", ", objective_text(plot));
  const std::string id(plot.id);
  put(html, "</small></figcaption>\n<svg role=\"img\" viewBox=\"0 0 ", number(width), ' ',
      number(height), "\" aria-labelledby=\"", id, "-title ", id, "-desc\"><title id=\"", id,
      "-title\">", plot.title, "</title><desc id=\"", id, "-desc\">", description(plot), "</desc>");
  const Scale scale = scale_of(plot);
  put_axes(html, plot, scale);
  if (shows_objective(plot)) {
    const double y = scale.y(plot.objective);
    put_line(html, "objective", y);
    put_text(html, right, y - 4, "end", objective_text(plot), "objective-name");
  } else if (plot.objective > 0) {
    put_text(html, right, top - 10, "end", objective_text(plot) + " is far above",
             "objective-name");
  }
  put_points(html, plot, scale);
  return html + "</svg>\n</figure>\n";
}

}  // namespace backproof::pages
