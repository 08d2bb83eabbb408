// SPDX-License-Identifier: Apache-2.0
// Which format a client gets.
#include <algorithm>

#include "exporter/accept.h"
#include "exporter/metrics/page.h"

namespace backproof::metrics {
namespace {

// Versions of OpenMetrics before 1.0 are another format.
bool names_open_metrics(const Accepted& type) {
  const auto version = type.parameters.find("version");
  return type.name == "application/openmetrics-text" &&
         (version == type.parameters.end() || version->second == "1.0.0");
}

// Versions of the text format since 1.0.0 say how names are escaped, and need not be: ours are
// those of version 0.0.4.
bool names_text(const Accepted& type) {
  return type.name == "text/plain" || type.name == "text/*" || type.name == "*/*";
}

}  // namespace

PageFormat wanted_format(std::string_view accept) {
  double open_metrics = 0, text = 0;
  for (const Accepted& type : parse_accept(accept)) {
    if (names_open_metrics(type)) open_metrics = std::max(open_metrics, type.weight);
    if (names_text(type)) text = std::max(text, type.weight);
  }
  return open_metrics > 0 && open_metrics >= text ? PageFormat::open_metrics : PageFormat::text;
}

const char* content_type(PageFormat format) {
  return format == PageFormat::open_metrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace backproof::metrics
