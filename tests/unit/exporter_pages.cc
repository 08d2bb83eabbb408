// SPDX-License-Identifier: Apache-2.0
#include "unit/exporter_pages.h"

#include <algorithm>

#include "support/support.h"

namespace backproof::test {

TargetState& Seen::target(std::string_view name) {
  std::size_t i = 0;
  while (i < snapshot.targets.size() && snapshot.targets[i].target->name != name) ++i;
  REQUIRE(i < snapshot.targets.size());
  return snapshot.targets.own(i);
}

bool in_order(std::string_view text, std::initializer_list<std::string_view> parts) {
  std::size_t at = 0;
  for (const std::string_view part : parts) {
    const std::size_t found = text.find(part, at);
    if (found == std::string_view::npos) return false;
    at = found + part.size();
  }
  return true;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

}  // namespace backproof::test
