// SPDX-License-Identifier: Apache-2.0
#include "exporter/accept.h"

#include "exporter/metrics/page.h"
#include "support/catch.h"

using namespace backproof;
using metrics::PageFormat;

TEST_CASE("a header Accept is read item by item") {
  const auto items = parse_accept("Text/Plain;Version=0.0.4; q=0.5 , */* ;q=0.1,gzip");
  REQUIRE(items.size() == 3);
  CHECK(items[0].name == "text/plain");
  CHECK(items[0].parameters.at("version") == "0.0.4");
  CHECK(items[0].weight == 0.5);
  CHECK(items[1].name == "*/*");
  CHECK(items[1].weight == 0.1);
  CHECK(items[2].weight == 1);
  CHECK(parse_accept("").empty());
  CHECK(parse_accept(" , ;q=1,").empty());
}

TEST_CASE("a weight that is none means that the item is not wanted") {
  for (const char* weight : {"", "x", "-1", "2", "0.5x", "nan", "inf", "1e0", "0", "0.000"}) {
    INFO(weight);
    CHECK(parse_accept(std::string("a;q=") + weight).at(0).weight == 0);
  }
}

TEST_CASE("OpenMetrics is for those who name it and like it as much") {
  // Prometheus 2.42, 2.5x and 3.
  for (const char* accept :
       {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
        "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
        "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        "application/openmetrics-text",
        "application/openmetrics-text; version=1.0.0; charset=utf-8"}) {
    INFO(accept);
    CHECK(metrics::wanted_format(accept) == PageFormat::open_metrics);
  }
  for (const char* accept :
       {"", "*/*", "text/plain", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json",
        "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=0.4,text/plain;q=0.5"}) {
    INFO(accept);
    CHECK(metrics::wanted_format(accept) == PageFormat::text);
  }
}
