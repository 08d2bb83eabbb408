// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/pages/layout.h"

namespace backproof::pages {

// "/runs/ID": everything that is recorded of one run, or how far it is. Pure.
Response run(const View& view, const Run& run);

// The tables of its page (run_tables.cc); empty where there is nothing to show.
std::string stages_table(const Run& run);
std::string running_table(const RunningJob& running);
std::string checks_table(const Run& run);
std::string tables_table(const Run& run);
std::string log_table(const Run& run);

}  // namespace backproof::pages
