// SPDX-License-Identifier: Apache-2.0
#include "engines/unknown.h"

#include "support/support.h"

using namespace backproof;

TEST_CASE("an encrypted or foreign file is inconclusive, because another tool could tell") {
  for (const std::string head :
       {"age-encryption.org/v1\n-> X25519", "Salted__12345678", "-----BEGIN PGP MESSAGE-----\n",
        "PGDMP\x01", "--\n-- PostgreSQL database dump\n--", "-- MySQL dump 10.13"}) {
    INFO(head);
    CHECK(unknown_content(as_bytes(head)).cause == Cause::missing_tool);
  }
}

TEST_CASE("content that is nothing known is no backup") {
  CHECK(unknown_content(as_bytes("<html>404 not found</html>")).cause == Cause::wrong_format);
  CHECK(unknown_content(as_bytes(std::string(5000, '\0'))).text.find("zero") != std::string::npos);
  const Error random = unknown_content(as_bytes(test::Random(1).bytes(65536)));
  CHECK(random.cause == Cause::wrong_format);
  CHECK(random.text.find("random") != std::string::npos);
}

TEST_CASE("compressions that are not read and UTF-16 text are named, not called wrong") {
  using namespace std::string_literals;
  for (const auto& [head, part] :
       std::vector<std::pair<std::string, std::string>>{{"\x02\x21\x4c\x18rest", "lz4 -l"},
                                                        {"\x5d\0\0\x80"s, "lzma"},
                                                        {"\x1f\x9d\x90", "compress"},
                                                        {"LZIP\x01", "lzip"},
                                                        {"\xff\xfeP\0R\0"s, "UTF-16"},
                                                        {"\xfe\xff\0P\0R"s, "UTF-16"}}) {
    const Error error = unknown_content(as_bytes(head));
    INFO(part << error.text);
    CHECK(error.cause == Cause::missing_tool);
    CHECK(error.text.find(part) != std::string::npos);
  }
  CHECK(unknown_content(as_bytes("\xff\xfe\xff\xff")).cause == Cause::wrong_format);
}
