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
