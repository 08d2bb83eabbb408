// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/manual/syntax.h"

namespace backproof::manual {

// The manual pages in man(7). `date` is that of the sources, as 2026-11-20; empty: none.
std::string program_page(const Program& program, std::string_view date);  // backproof(8)
std::string config_page(std::string_view date);                           // backproof.toml(5)
// The configuration that the second page shows.
std::string_view config_example();

}  // namespace backproof::manual
