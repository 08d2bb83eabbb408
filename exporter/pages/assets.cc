// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/assets.h"

#include <algorithm>

namespace backproof::pages {

std::optional<std::string_view> find_asset(std::string_view name) {
  const auto all = assets();
  const auto found = std::ranges::find(all, name, &Asset::name);
  if (found == all.end()) return std::nullopt;
  return found->content;
}

}  // namespace backproof::pages
