// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/pages/layout.h"
#include "model/drill.h"

namespace backproof {

// A drill as a document of its own: style and charts are in it, so that it may be kept, sent and
// printed without the program. `navigation` is HTML above its heading, for whoever serves it. Pure.
std::string drill_report_html(const Drill& drill, std::string_view navigation = "");

namespace pages {

// "/drills/ID": that document. Pure.
Response drill(const View& view, const Drill& drill);

// <a href="/drills/ID">label</a>; the label is HTML.
std::string drill_link(std::string_view id, std::string_view label);

// What came of a drill, and why where it did not pass: "failed restore".
std::string drill_badge(const Drill& drill);

// The charts (drill_charts.cc): the stages by time with the recovery below them, and a measured
// time beside its objective.
std::string drill_stages(const Drill& drill);
std::string objective_chart(std::string_view what, std::optional<Duration> measured,
                            Duration objective, bool exceeded, std::string_view unknown);

}  // namespace pages
}  // namespace backproof
