// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/unistr.h"

#include "support/support.h"

using namespace backproof;

TEST_CASE("every form of a Unicode escape is resolved") {
  CHECK(unescape_unicode("plain") == "plain");
  CHECK(unescape_unicode("") == "");
  CHECK(unescape_unicode("a\\u000ab\\\\c") == "a\nb\\c");
  CHECK(unescape_unicode("\\00e4\\u00E4") == "ää");
  CHECK(unescape_unicode("\\+01F600\\U0001F600\\20ac") == "😀😀€");
}

TEST_CASE("a malformed Unicode escape is none") {
  for (const char* text : {"\\", "a\\u00", "\\x", "\\u00g1", "\\+1F60", "\\U0001F60", "\\-001"})
    CHECK_FALSE(unescape_unicode(text));
}

TEST_CASE("unistr is there in a connection that asks for it") {
  const test::Folder folder;
  auto db = sqlite::Connection::open((folder / "a.db").native()).value();
  REQUIRE(provide_unistr(db));
  CHECK(db.text("SELECT unistr('a\\u0009b')").value() == "a\tb");
  CHECK(db.integer("SELECT unistr(NULL) IS NULL").value() == 1);
  CHECK_FALSE(db.text("SELECT unistr('\\u00')"));
}
