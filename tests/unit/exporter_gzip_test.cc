// SPDX-License-Identifier: Apache-2.0
#include "exporter/gzip.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("gzip is used only where the client allows it") {
  for (const char* yes : {"gzip", "GZIP", "deflate, gzip", "gzip;q=1", "gzip;q=0.001", "x-gzip",
                          "gzip ; q=0.5", "*", "*;q=0.1", "br;q=1.0, gzip;q=0.8, *;q=0"}) {
    INFO(yes);
    CHECK(accepts_gzip(yes));
  }
  for (const char* no :
       {"", "identity", "gzip;q=0", "gzip;q=0.000", "gzip; q=0", "gzip;q=", "gzip;q=x", "gzipped",
        "*;q=0", "*, gzip;q=0", "deflate", "gzip;level=9"}) {
    INFO(no);
    CHECK_FALSE(accepts_gzip(no));
  }
}

TEST_CASE("what was gzipped is unzipped by gzip itself") {
  const Folder folder;
  Random random(7);
  for (const std::size_t size : {0U, 1U, 100'000U}) {
    const std::string content = random.bytes(size);
    const Path file = folder.write("page.gz", gzip(content));
    CHECK(sh("gzip -dc '" + file.native() + "'") == content);
  }
}
