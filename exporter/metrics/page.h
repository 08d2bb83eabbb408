// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/metrics/family.h"

namespace backproof::metrics {

// The content type of metrics_page(): Prometheus 3 refuses pages without a type it knows.
inline constexpr const char* page_content_type = "text/plain; version=0.0.4; charset=utf-8";

// The page in Prometheus' text format: families and samples sorted, no timestamps, families
// without samples left out. Pure: no lock, no disk, no database.
std::string metrics_page(const Snapshot& snapshot, const ProcessStats* process);

// All families by name.
std::vector<const Family*> all_families();
// They as a table in Markdown: the README's metric table is this text.
std::string metric_table();

}  // namespace backproof::metrics
