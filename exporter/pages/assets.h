// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace backproof::pages {

// A file of the sources as it was when the program was built (exporter/pages/embed.cmake), so that
// it is there wherever the program is.
struct Asset {
  std::string_view name;  // "static/style.css", "runbooks/BackproofBackupFailed.md"
  std::string_view content;
};

// Sorted by name. Lives as long as the program.
std::span<const Asset> assets();

std::optional<std::string_view> find_asset(std::string_view name);

}  // namespace backproof::pages
