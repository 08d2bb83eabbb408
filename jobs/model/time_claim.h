// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace backproof {

// What a text says of the time at which something was made. Times are often written without a zone
// or as a date alone: then it lies somewhere between `earliest` and `latest`, and `at` is the time
// when the text means UTC. Plain value.
struct TimeClaim {
  TimePoint at, earliest, latest;

  bool is_exact() const { return earliest == latest; }
  bool operator==(const TimeClaim&) const = default;
};

TimeClaim exactly(TimePoint t);
// `t` as a clock of an unknown zone showed it: from 14 h before (zones east) to 12 h after.
TimeClaim somewhere(TimePoint t);

// Whether it can be believed at all: not before 1990, and not more than 5 minutes in the future in
// every zone.
bool is_believable(const TimeClaim& claim, TimePoint now);

// The best guess from a believable claim and the time of modification. Where a claim without a zone
// does not contradict `modified`, that is it: exact, and vouched for. Else the claim counts, and a
// copy with a new time of modification is as old as what it is a copy of.
TimePoint resolved(const TimeClaim& claim, TimePoint modified, TimePoint now);

// "2026-11-23 20:52:03", then nothing, "UTC", "GMT", "Z" or an offset ("+02", "-0330", "+05:30");
// any other zone's name is taken for no zone: CST is in America, China and Cuba.
std::optional<TimeClaim> claim_of(std::string_view written);

// The time in a file's name: 20261120T030000Z, 2026-11-20_03-00, 2026-11-20T03:00:00+01:00,
// 20261120-0300, 202611200300, 20261120, 2026.11.20, and seconds since 1970 as ten digits; of
// several the most precise. No digit stands directly before or behind it.
std::optional<TimeClaim> claim_of_name(std::string_view name);

}  // namespace backproof
