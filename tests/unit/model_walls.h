// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <ctime>
#include <vector>

#include "support/support.h"

// What the wall clocks of a zone show in a year, by the C library: slow, and a second opinion.
namespace backproof::test {

struct Shown {
  std::time_t utc;   // the minute of the world
  std::time_t wall;  // what the wall shows then, as if it were UTC
};

// Each minute of 366 days.
inline std::vector<Shown> walls_of(const char* zone, TimePoint from) {
  REQUIRE(::setenv("TZ", zone, 1) == 0);
  ::tzset();
  std::vector<Shown> out;
  const auto first = std::chrono::floor<std::chrono::seconds>(from).time_since_epoch().count();
  for (std::time_t utc = first; utc < first + std::time_t{366} * 86400; utc += 60) {
    std::tm t{};
    ::localtime_r(&utc, &t);
    out.push_back({utc, utc + t.tm_gmtoff});
  }
  REQUIRE(::unsetenv("TZ") == 0);
  ::tzset();
  return out;
}

inline TimePoint time_of(std::time_t utc) {
  return TimePoint{std::chrono::seconds(utc)};
}

inline int pick(Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

}  // namespace backproof::test
