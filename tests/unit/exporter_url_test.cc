// SPDX-License-Identifier: Apache-2.0
#include "exporter/url.h"

#include "exporter/utf8.h"
#include "support/support.h"

using namespace backproof;
using namespace std::string_literals;

TEST_CASE("percent-encoding is decoded strictly") {
  CHECK(decode_percent("/a%20b+c", Plus::is_plus) == "/a b+c");
  CHECK(decode_percent("a+b%2Bc", Plus::is_space) == "a b+c");
  CHECK(decode_percent("%c3%A4", Plus::is_plus) == "ä");
  CHECK(decode_percent("%00", Plus::is_plus) == "\0"s);
  CHECK_FALSE(decode_percent("%", Plus::is_plus));
  CHECK_FALSE(decode_percent("%4", Plus::is_plus));
  CHECK_FALSE(decode_percent("a%4", Plus::is_plus));
  CHECK_FALSE(decode_percent("%4g", Plus::is_plus));
  CHECK_FALSE(decode_percent("%-1", Plus::is_plus));
  CHECK(decode_percent("%41", Plus::is_plus) == "A");
}

TEST_CASE("a query becomes parameters") {
  const auto query = parse_query("target=a%26b%3Dc&limit=5&flag&&empty=");
  REQUIRE(query);
  CHECK(*query == Query{{"target", "a&b=c"}, {"limit", "5"}, {"flag", ""}, {"empty", ""}});
  CHECK(parse_query("")->empty());
}

TEST_CASE("a query that cannot be meant so is refused with a reason") {
  const auto reason = [](const std::string& query) {
    const auto parsed = parse_query(query);
    return parsed ? "" : parsed.error().text;
  };
  CHECK(reason("target=%zz") == "the query is not valid percent-encoding");
  CHECK(reason("target=%ff") == "the query is not valid UTF-8");
  CHECK(reason("target=a%00b") == "the query holds a NUL");
  CHECK(reason("a=1&a=2") == "query parameter \"a\" is given twice");
  CHECK(reason("a=" + std::string(1025, 'x')) == "a query parameter is longer than 1024 bytes");
  CHECK(reason("a=" + std::string(1024, 'x')).empty());
  std::string many;
  for (int i = 0; i < 17; ++i) many += "p" + std::to_string(i) + "=1&";
  CHECK(reason(many) == "the query has too many parameters");
}

TEST_CASE("ill-formed UTF-8 is told from well-formed") {
  for (const std::string good : {"", "abc", "ä", "€", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf",
                                 "\xed\x9f\xbf", "\xee\x80\x80"})
    CHECK(is_utf8(good));
  // A lone continuation, overlong forms, surrogates, beyond U+10FFFF, cut short.
  for (const std::string bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xf0\x9f\x98", "\xc3("})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("ill-formed parts and NULs become replacement characters") {
  CHECK(valid_utf8("aä€") == "aä€");
  CHECK(valid_utf8("a\xff\xfe"s + "b") == "a\xef\xbf\xbd\xef\xbf\xbd"s + "b");
  CHECK(valid_utf8("\xe2\x82(") == "\xef\xbf\xbd("s);
  CHECK(valid_utf8("\xf0\x9f\x98") == "\xef\xbf\xbd");
  CHECK(valid_utf8("a\0b"s) == "a\xef\xbf\xbd"s + "b");
  test::Random random(1);
  for (int i = 0; i < 1000; ++i) CHECK(is_utf8(valid_utf8(random.bytes(random.below(40)))));
}
