// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "model/run.h"

namespace backproof {

// A run as text for a person: the verdict first, then what it rests on. Nothing in it can move a
// terminal's cursor. Ends with a newline.
std::string report(const Run& run);
// The log of a run, a line each; empty where none is kept.
std::string report_log(const Run& run, log::Format format);
// Runs as a table, one line each, with a heading.
std::string report_table(const std::vector<Run>& runs);

}  // namespace backproof
