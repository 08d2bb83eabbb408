// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

#include "history_runs.h"

// Damages to the file of a history, made of whole bytes.
namespace backproof::test {

constexpr std::size_t history_page = 4096;

// `count` runs of two targets, every seventh bad, with a log each.
inline std::vector<Run> fill_history(const Path& file, int count) {
  const auto store = history_at(file);
  std::vector<Run> runs;
  for (int i = 0; i < count; ++i) {
    const TimePoint time = start + i * std::chrono::hours(1);
    const std::string target = i % 2 == 0 ? "crm" : "erp";
    runs.push_back(i % 7 == 3 ? failed_at(time, target) : passed_at(time, target));
    REQUIRE(store->sight(target, start));
    REQUIRE(store->begin(runs.back()));
    REQUIRE(store->finish(runs.back()));
  }
  return runs;
}

inline std::string with_noise(std::string bytes, std::size_t from, std::size_t count) {
  Random random(from + 1);
  const std::string noise = random.bytes(std::min(count, bytes.size() - from));
  return bytes.replace(from, noise.size(), noise);
}

inline std::string with_zeros(std::string bytes, std::size_t from, std::size_t count) {
  return bytes.replace(from, count, count, '\0');
}

}  // namespace backproof::test
