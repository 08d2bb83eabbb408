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

TEST_CASE("what was gzipped in parts, however small, is the whole when it is unzipped") {
  const Folder folder;
  Random random(8);
  const std::string content = random.bytes(300'000) + std::string(2'000'000, 'x');
  for (const std::size_t part : {1U, 4099U, 1'000'000U}) {
    GzipWriter writer;
    for (std::size_t at = 0; at < content.size(); at += part)
      writer.add(std::string_view(content).substr(at, part));
    writer.add("");
    const Path file = folder.write("page.gz", writer.finish());
    CHECK(sh("gzip -dc '" + file.native() + "'") == content);
  }
}
