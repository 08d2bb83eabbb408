// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <array>
#include <cmath>
#include <limits>

#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;

TEST_CASE("durations are read as they are written") {
  const std::array<std::pair<std::string_view, Duration>, 9> good{{{"0", 0s},
                                                                   {"0s", 0s},
                                                                   {"45s", 45s},
                                                                   {"250ms", 250ms},
                                                                   {"1h30m", 90min},
                                                                   {"7d", 168h},
                                                                   {"2w", 336h},
                                                                   {"1w2d3h4m5s6ms", 788645006ms},
                                                                   {"90m", 90min}}};
  for (const auto& [text, duration] : good) {
    INFO(text);
    REQUIRE(text::parse_duration(text));
    CHECK(*text::parse_duration(text) == duration);
  }
}

TEST_CASE("what is no duration is refused with an example") {
  for (const std::string_view text :
       {"", "5", "h", "1h1h", "30m1h", "1.5h", "-1h", "+1h", " 1h", "1h ", "1 h", "1H", "5 hours",
        "1h30", "1\0h", "99999999999999999999s"}) {
    INFO(text);
    REQUIRE_FALSE(text::parse_duration(text));
    CHECK(text::parse_duration(text).error().hint.find("1h30m") != std::string::npos);
  }
}

TEST_CASE("durations beyond 292 years are refused") {
  CHECK(text::parse_duration("106751d"));
  CHECK_FALSE(text::parse_duration("106752d"));
  CHECK_FALSE(text::parse_duration("106751d23h48m"));
  CHECK_FALSE(text::parse_duration("18446744073709551615w"));
}

TEST_CASE("durations are shown short") {
  CHECK(text::format_duration(0s) == "0s");
  CHECK(text::format_duration(90min) == "1h30m");
  CHECK(text::format_duration(1234ms) == "1.234s");
  CHECK(text::format_duration(12ms) == "12ms");
  CHECK(text::format_duration(Duration(1234)) == "1.234ms");
  CHECK(text::format_duration(Duration(999'600)) == "1s");
  CHECK(text::format_duration(Duration(9'999'600)) == "10s");
  CHECK(text::format_duration(24h * 90) == "90d");
  CHECK(text::format_duration(-90s) == "-1m30s");
  CHECK(text::format_duration(Duration::min()).starts_with('-'));
}

TEST_CASE("a shown duration of whole seconds is read back as the same") {
  test::Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const Duration d = std::chrono::seconds(random.below(1ULL << (1 + random.below(33))));
    INFO(text::format_duration(d));
    REQUIRE(text::parse_duration(text::format_duration(d)));
    CHECK(*text::parse_duration(text::format_duration(d)) == d);
  }
}

TEST_CASE("sizes are read with binary and decimal units") {
  CHECK(*text::parse_size("512") == 512);
  CHECK(*text::parse_size("0") == 0);
  CHECK(*text::parse_size("7B") == 7);
  CHECK(*text::parse_size("64KiB") == 65536);
  CHECK(*text::parse_size("1.5GiB") == 1610612736);
  CHECK(*text::parse_size("1.5 GiB") == 1610612736);
  CHECK(*text::parse_size("20GB") == 20'000'000'000);
  CHECK(*text::parse_size("18446744073709551615") == std::numeric_limits<std::uintmax_t>::max());
  for (const std::string_view text : {"", "GiB", "1.5", "1.GiB", ".5GiB", "-1", "1 ", " 1", "1g",
                                      "16EiB", "18446744073709551616", "1gib", "1  GiB"}) {
    INFO(text);
    CHECK_FALSE(text::parse_size(text));
  }
}

TEST_CASE("sizes are shown with three significant digits") {
  CHECK(text::format_size(0) == "0 B");
  CHECK(text::format_size(512) == "512 B");
  CHECK(text::format_size(1023) == "1023 B");
  CHECK(text::format_size(1024) == "1 KiB");
  CHECK(text::format_size(1610612736) == "1.5 GiB");
  CHECK(text::format_size(1293942784) == "1.21 GiB");
  CHECK(text::format_size((1U << 20U) - 1) == "1 MiB");
  CHECK(text::format_size(std::numeric_limits<std::uintmax_t>::max()) == "16 EiB");
}

TEST_CASE("counts are grouped by thousands") {
  CHECK(text::format_count(0) == "0");
  CHECK(text::format_count(999) == "999");
  CHECK(text::format_count(1000) == "1,000");
  CHECK(text::format_count(1234567) == "1,234,567");
}

TEST_CASE("times are RFC 3339 in both directions") {
  using namespace std::chrono;
  const TimePoint time = sys_days(2026y / 11 / 23) + 14h + 34min + 54s;
  CHECK(text::format_time(time) == "2026-11-23T14:34:54Z");
  CHECK(text::format_time(time + 250ms) == "2026-11-23T14:34:54.250Z");
  CHECK(text::format_time(time + 250us) == "2026-11-23T14:34:54.000250Z");
  CHECK(text::format_time(TimePoint{}) == "1970-01-01T00:00:00Z");
  CHECK(*text::parse_time("2026-11-23T14:34:54Z") == time);
  CHECK(*text::parse_time("2026-11-23t16:34:54.25+02:00") == time + 250ms);
  CHECK(*text::parse_time("2026-11-23 09:04:54-05:30") == time);
  CHECK(*text::parse_time("2016-12-31T23:59:60Z") == TimePoint(sys_days(2017y / 1 / 1)));
  for (const std::string_view text :
       {"", "2026-11-23", "2026-11-23T14:34:54", "2026-11-23T14:34Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T14:34:54.Z",
        "2026-11-23T14:34:54Z ", "2026-11-23T14:34:54+2:00", "1795444494"}) {
    INFO(text);
    CHECK_FALSE(text::parse_time(text));
  }
}

TEST_CASE("times that no calendar holds are shown as its end") {
  CHECK(text::format_time(TimePoint::max()) == "9999-12-31T23:59:59.999999Z");
  CHECK(text::format_time(TimePoint::min()) == "0000-01-01T00:00:00Z");
}

TEST_CASE("nothing that moves a terminal gets through printable") {
  CHECK(text::printable("plain, Grüße 数 \xf0\x9f\x98\x80") == "plain, Grüße 数 \xf0\x9f\x98\x80");
  CHECK(text::printable("a\nb\tc") == "a\\nb\\tc");
  CHECK(text::printable("\x1b[2J") == "\\x1b[2J");
  CHECK(text::printable("\x7f\r") == "\\x7f\\x0d");
  CHECK(text::printable("\xc2\x9b") == "\\xc2\\x9b");           // C1 control
  CHECK(text::printable("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // right-to-left override
  CHECK(text::printable("\xff\xc3") == "\\xff\\xc3");           // not UTF-8
  CHECK(text::printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  CHECK(text::printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(text::printable(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("printable cuts between characters and never above its limit") {
  CHECK(text::printable("abcdef", 6) == "abcdef");
  CHECK(text::printable("abcdefg", 6) == "abc...");
  CHECK(text::printable("ab\nüü", 7) == "ab\\n...");
  test::Random random(2);
  for (int i = 0; i < 500; ++i) {
    const std::string bytes = random.bytes(random.below(40));
    const std::size_t limit = random.below(40);
    const std::string out = text::printable(bytes, limit);
    REQUIRE(out.size() <= limit);
    CHECK(text::printable(out, 1000) == out);
  }
}

TEST_CASE("names are quoted for SQL and for a shell") {
  CHECK(text::quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(text::quote_shell("/var/lib/x-1.db") == "/var/lib/x-1.db");
  CHECK(text::quote_shell("") == "''");
  CHECK(text::quote_shell("it's") == "'it'\\''s'");
  CHECK(text::quote_shell("a b") == "'a b'");
  CHECK(text::quote_shell("a\n'\\") == "$'a\\n\\'\\\\'");
}

TEST_CASE("a shell reads a quoted word as the same bytes") {
  test::Random random(3);
  for (int i = 0; i < 20; ++i) {
    std::string word = random.bytes(12);
    for (char& c : word)
      if (c == '\0') c = '\'';
    CHECK(test::sh("printf %s " + text::quote_shell(word)) == word);
  }
}

TEST_CASE("a count is decimal digits and nothing else") {
  CHECK(text::parse_count("0") == 0);
  CHECK(text::parse_count("0042") == 42);
  CHECK(text::parse_count("18446744073709551615") == std::uint64_t{18446744073709551615U});
  for (const std::string_view s : {"", "-1", "+1", " 1", "1 ", "1x", "0x1", "18446744073709551616"})
    CHECK_FALSE(text::parse_count(s));
}

TEST_CASE("words are taken apart and put together") {
  CHECK(text::lower("AbZ-Ü") == "abz-Ü");
  CHECK(text::trim(" \t a b\r\n") == "a b");
  CHECK(text::trim(" \n") == "");
  CHECK(text::split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
  CHECK(text::split("", ',') == std::vector<std::string_view>{""});
  CHECK(text::join({"a", "", "b"}, ", ") == "a, , b");
  CHECK(text::join({}, ", ") == "");
}

TEST_CASE("nouns agree with their number") {
  CHECK(text::plural(1, "table") == "1 table");
  CHECK(text::plural(0, "table") == "0 tables");
  CHECK(text::plural(2345, "table") == "2,345 tables");
  CHECK(text::plural(2, "index") == "2 indexes");
  CHECK(text::plural(2, "entry") == "2 entries");
  CHECK(text::plural(2, "day") == "2 days");
}

TEST_CASE("the nearest known word is the one that was meant") {
  const std::vector<std::string> known{"schedule", "source", "rpo", "rto", "Europe/Berlin"};
  CHECK(text::nearest("shedule", known) == "schedule");
  CHECK(text::nearest("scheduel", known) == "schedule");
  CHECK(text::nearest("SCHEDULE", known) == "schedule");
  CHECK(text::nearest("europe/berln", known) == "Europe/Berlin");
  CHECK(text::nearest("rp", known) == "");  // half of it would be guessed
  CHECK(text::nearest("rpp", known) == "rpo");
  CHECK(text::nearest("timetable", known) == "");
  CHECK(text::nearest("", known) == "");
  CHECK(text::nearest(std::string(1000, 's'), known) == "");
}
