// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "model/selftest.h"

// A self-test for a terminal, in pieces as it goes on: head, a line each damage, end.
namespace backproof {

// "caught", "passed", "MISSED", "not applicable", "not tried".
std::string_view word_for(TrialResult result);
// What the verdict rests on, or why there is none; reasons are cut at `limit` bytes. Fit for a
// terminal.
std::string detail_of(const Trial& trial, std::size_t limit);

std::string report_head(std::string_view target, std::uint64_t seed);
std::string report_line(const Trial& trial);
std::string report_end(const Selftest& selftest);

}  // namespace backproof
