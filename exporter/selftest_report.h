// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "model/selftest.h"

// A self-test for a terminal, in pieces as it goes on: head, a line each damage, end.
namespace backproof {

std::string report_head(std::string_view target, std::uint64_t seed);
std::string report_line(const Trial& trial);
std::string report_end(const Selftest& selftest);

}  // namespace backproof
