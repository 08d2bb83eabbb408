// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

// Values as people read them, and where their pages are. Everything returned is ready for a page.
namespace backproof::pages {

// "1.25 s", "45 s", "12 min 5 s", "9 h 58 min", "3 d 4 h": at most two units and the same
// everywhere, so that an age and its limit compare at a glance.
std::string span(Duration d);

// <time>9 h 58 min ago</time> or <time>in 2 d</time>, with the absolute time as its title and for
// programs; "never" for 1970.
std::string when(TimePoint t, TimePoint now);
// <time>2026-11-23 02:01:13</time>, UTC; "–" for 1970.
std::string moment(TimePoint t);
// "2026-11-23 02:01:13".
std::string clock_text(TimePoint t);

// <a href="/targets/NAME">NAME</a>
std::string target_link(std::string_view name);
std::string target_path(std::string_view name);
// <a href="/runs/ID">label</a>; the label is HTML.
std::string run_link(std::string_view id, std::string_view label);

}  // namespace backproof::pages
