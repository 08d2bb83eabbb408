// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/family.h"

namespace backproof::metrics {

// Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/) and
// OpenMetrics 1.0 (https://github.com/prometheus/OpenMetrics).
enum class PageFormat { text, open_metrics };

// Which of them the header Accept asks for: OpenMetrics where it is named and not liked less.
PageFormat wanted_format(std::string_view accept);
// Prometheus 3 refuses pages without a type it knows.
const char* content_type(PageFormat format);

// The page: families and samples sorted, no timestamps, families without samples left out. Pure:
// no lock, no disk, no database.
std::string metrics_page(const PageInput& input, PageFormat format = PageFormat::text);
// The same in parts, in their order: with ten thousand targets the whole is 80 MB.
void write_metrics_page(const PageInput& input, PageFormat format,
                        const std::function<void(std::string_view part)>& write);

// Only what is said of each target, in the text format: for node_exporter's textfile collector,
// whose own process has the other series.
std::string target_page(const Snapshot& snapshot);

// All families by name.
std::vector<const Family*> all_families();
// They as a table in Markdown: the README's metric table is this text.
std::string metric_table();

}  // namespace backproof::metrics
