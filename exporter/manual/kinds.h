// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/options.h"

namespace backproof::manual {

// A source, an engine or a check, with the options that its own code asked for.
struct Kind {
  std::string_view name, summary, example;  // example: TOML, may be empty
  std::vector<KnownOption> options;
};
struct KindGroup {
  std::string_view name;     // "sources"
  std::string_view meaning;  // "where backups appear"
  std::vector<Kind> kinds;
};
// Sources, engines, checks, in this order.
std::vector<KindGroup> kind_groups();

// "min (integer, 1 unless given)".
std::string shown(const KnownOption& option);

}  // namespace backproof::manual
