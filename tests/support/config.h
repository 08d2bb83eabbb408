// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/config.h"

// Configurations as their tests write them.
namespace backproof::test {

// All problems, one a line, as `check-config` prints them of a file c.toml.
std::string shown(const Problems& problems);

// The text as of the file /etc/backproof/c.toml.
ParsedConfig parse(const std::string& toml);
// Its problems, shown.
std::string problems_of(const std::string& toml);

// A whole file with one target, "crm", that has `lines` from line 4 on.
std::string with_target(const std::string& lines);
// That target; fails the test when anything is wrong with the file.
Target target_of(const std::string& lines);

bool has(const std::string& text, std::string_view part);

}  // namespace backproof::test
