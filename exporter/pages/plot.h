// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/run.h"

namespace backproof::pages {

// Steps of an axis that people count in: minutes and hours, powers of two, or tens.
enum class Unit { seconds, bytes, count };
// "12 min", "1.5 GiB", "1,234".
std::string unit_text(Unit unit, double value);

struct Point {
  TimePoint at;
  double value = 0;
  Verdict verdict = Verdict::passed;
};

// A trend over time. Values are not negative.
struct Plot {
  std::string_view id;     // for the elements that name it; unique on its page
  std::string_view title;  // "Restore time"
  Unit unit = Unit::count;
  std::vector<Point> points;        // oldest first
  double objective = 0;             // a dashed line; 0 = none
  std::string_view objective_name;  // "RTO"
};

// As an SVG with title and description, for style.css to colour; a sentence when there are no
// points. The numbers behind it have to stand in a table nearby.
std::string plot_html(const Plot& plot);

}  // namespace backproof::pages
