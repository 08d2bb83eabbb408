// SPDX-License-Identifier: Apache-2.0
// The page as OpenMetrics, and what both formats make of odd values.
#include <limits>

#include "base/text.h"
#include "exporter/metrics/page.h"
#include "support/support.h"
#include "unit/exporter_samples.h"

using namespace backproof;
using namespace backproof::test;
using metrics::PageFormat;

namespace {

std::string page_of(const Snapshot& snapshot, PageFormat format) {
  const auto process = sample_process();
  return metrics::metrics_page({snapshot, &process}, format);
}

std::vector<std::string> samples_of(const std::string& page) {
  std::vector<std::string> samples;
  for (const auto line : text::split(page, '\n'))
    if (!line.empty() && !line.starts_with('#')) samples.emplace_back(line);
  return samples;
}

std::string written(double value) {
  metrics::Samples samples;
  samples.add(value);
  std::string page;
  samples.write("x", "", page);
  return page;
}

// Reads as the format's own reference parser does, which refuses what breaks its rules.
constexpr const char* reference = R"(/usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
families = list(read(open(sys.argv[1], encoding="utf-8").read()))
print(len(families), sum(len(f.samples) for f in families))
' )";

}  // namespace

TEST_CASE("both formats hold the same samples") {
  const Snapshot snapshot = sample_snapshot();
  CHECK(samples_of(page_of(snapshot, PageFormat::text)) ==
        samples_of(page_of(snapshot, PageFormat::open_metrics)));
}

TEST_CASE("OpenMetrics' own parser reads the page") {
  const Folder folder;
  for (const Snapshot& snapshot : {sample_snapshot(), Snapshot{}}) {
    const std::string page = page_of(snapshot, PageFormat::open_metrics);
    CHECK(page.ends_with("\n# EOF\n"));
    const Path file = folder.write("page", page);
    const std::string read = sh(reference + text::quote_shell(file.native()));
    CHECK(read.ends_with(" " + std::to_string(samples_of(page).size()) + "\n"));
  }
}

TEST_CASE("OpenMetrics names families without what the names of samples end with") {
  const std::string page = page_of(sample_snapshot(), PageFormat::open_metrics);
  for (const char* line :
       {"# TYPE backproof_runs counter\n", "# TYPE backproof_target info\n",
        "# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n",
        "# TYPE backproof_last_restore_bytes gauge\n# UNIT backproof_last_restore_bytes bytes\n"}) {
    INFO(line);
    CHECK(page.find(line) != std::string::npos);
  }
}

TEST_CASE("numbers are written so that they are read as the same") {
  CHECK(written(0) == "x 0\n");
  CHECK(written(-3) == "x -3\n");
  CHECK(written(0.1) == "x 0.1\n");
  CHECK(written(1764000000.123) == "x 1764000000.123\n");
  CHECK(written(9007199254740991) == "x 9007199254740991\n");
  CHECK(written(1e300) == "x 1e+300\n");
  CHECK(written(1e-9) == "x 1e-09\n");
  CHECK(written(std::numeric_limits<double>::infinity()) == "x +Inf\n");
  CHECK(written(-std::numeric_limits<double>::infinity()) == "x -Inf\n");
  CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "x NaN\n");
}

TEST_CASE("label values are escaped") {
  CHECK(metrics::label_text("a", "x") == "a=\"x\"");
  CHECK(metrics::label_text("a", "q\"b\\n\n\xff") == "a=\"q\\\"b\\\\n\\n\xef\xbf\xbd\"");
}
