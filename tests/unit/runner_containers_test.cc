// SPDX-License-Identifier: Apache-2.0
#include "runner/containers.h"

#include "support/support.h"

using namespace backproof;

namespace {

std::string said_of(const char* name, const char* containers, const char* format) {
  return name_disagreement(name, {format, containers, "", "", "", "", ""});
}

}  // namespace

TEST_CASE("a name that says what the content is gives no finding") {
  CHECK(said_of("a.db.gz", "gzip", "sqlite database").empty());
  CHECK(said_of("a.SQLITE.ZST", "zstd", "sqlite database").empty());
  CHECK(said_of("a.sql.gz.xz", "xz+gzip", "sqlite dump").empty());
  CHECK(said_of("backup", "", "sqlite database").empty());
  CHECK(said_of("a.2026-11-23", "", "sqlite dump").empty());
}

TEST_CASE("a name that promises another container or format is a finding") {
  CHECK(said_of("a.db.gz", "", "sqlite database") ==
        "the name says gzip but the content is uncompressed");
  CHECK(said_of("a.db", "zstd", "sqlite database") ==
        "the name says uncompressed but the content is zstd");
  CHECK(said_of("a.db", "", "sqlite dump") ==
        "the name ends in .db but the content is a sqlite dump");
}

TEST_CASE(
    "layers become findings: wrong trailer fails, trailing bytes and missing checksums warn") {
  Layer layer;
  layer.compression = Compression::lz4;
  layer.whole = true;
  layer.checksummed = false;
  layer.trailing = 1;
  std::vector<Finding> findings;
  report_layers({layer}, findings);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].text == "1 byte of something else after the end of the lz4 data");
  CHECK(findings[1].text == "the lz4 data carries no checksum of its content");
  layer.trailing_zeros = true;
  layer.trailing = 512;
  layer.checksummed = true;
  layer.trailer = Error{Cause::damaged, "crc differs", ""};
  findings.clear();
  report_layers({layer}, findings);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0] == Finding{Severity::failure, Cause::damaged, "crc differs"});
  CHECK(findings[1].text == "512 zero bytes of padding after the end of the lz4 data");
}
