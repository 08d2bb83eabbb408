// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "exporter/pages/layout.h"
#include "unit/exporter_samples.h"

namespace backproof::test {

// What a page is made from: sample_snapshot(), to be changed before view() is asked for.
struct Seen {
  Snapshot snapshot = sample_snapshot();
  std::string metrics_path = "/metrics";

  pages::View view() const { return {snapshot, sample_now(), metrics_path}; }
  TargetState& target(std::string_view name);
};

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
// Whether the parts occur in this order.
bool in_order(std::string_view text, std::initializer_list<std::string_view> parts);
std::size_t count_of(std::string_view text, std::string_view part);

}  // namespace backproof::test
