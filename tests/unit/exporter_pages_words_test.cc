// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/words.h"

#include "exporter/pages/html.h"
#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("a span has at most two units") {
  CHECK(pages::span(0s) == "0 s");
  CHECK(pages::span(-5s) == "0 s");
  CHECK(pages::span(1us) == "< 1 ms");
  CHECK(pages::span(250ms) == "250 ms");
  CHECK(pages::span(1250ms) == "1.25 s");
  CHECK(pages::span(9s) == "9 s");
  CHECK(pages::span(59s + 999ms) == "59 s");
  CHECK(pages::span(12min) == "12 min");
  CHECK(pages::span(12min + 5s) == "12 min 5 s");
  CHECK(pages::span(9h + 58min + 59s) == "9 h 58 min");
  CHECK(pages::span(76h) == "3 d 4 h");
  CHECK(pages::span(24h * 100 + 5h) == "100 d");
}

TEST_CASE("a time is an age with the moment behind it") {
  const TimePoint now = sample_now();
  CHECK(pages::when(now - 90s, now) ==
        "<time datetime=\"2026-11-23T11:58:30Z\" title=\"2026-11-23 11:58:30 UTC\">1 min 30 s "
        "ago</time>");
  CHECK(has(pages::when(now + 48h, now), ">in 2 d</time>"));
  CHECK(has(pages::when(now - 2500ms, now), ">2 s ago</time>"));
  CHECK(pages::when({}, now) == "never");
}

TEST_CASE("a moment is UTC in whole seconds") {
  CHECK(pages::moment(at("2026-11-23T02:01:13.75Z")) ==
        "<time datetime=\"2026-11-23T02:01:13Z\">2026-11-23 02:01:13</time>");
  CHECK(pages::moment({}) == "–");
}

TEST_CASE("any name has a link that leads to it") {
  CHECK(pages::target_path("shop-1_a.b~c") == "/targets/shop-1_a.b~c");
  CHECK(pages::target_path("a/../b?c#d%2e") == "/targets/a%2F..%2Fb%3Fc%23d%252e");
  CHECK(pages::target_path("new\nline") == "/targets/new%0Aline");
  CHECK(pages::target_path("ü") == "/targets/%C3%BC");
  CHECK(pages::target_path("...") == "/targets/...");
}

TEST_CASE("names that clients take for folders go through the query") {
  CHECK(pages::target_path(".") == "/targets/?name=.");
  CHECK(pages::target_path("..") == "/targets/?name=..");
}

TEST_CASE("a link shows the name as text") {
  CHECK(pages::target_link("<b>&\"'") ==
        "<a href=\"/targets/%3Cb%3E%26%22%27\"><bdi>&lt;b&gt;&amp;&quot;&#39;</bdi></a>");
}

TEST_CASE("escaped text holds no markup, no control characters and only UTF-8") {
  CHECK(pages::escape("<a href=\"x\">'&'</a>") ==
        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  CHECK(pages::escape("a\x01"
                      "b\x7f") ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd");
  CHECK(pages::escape("tab\tline\n") == "tab\tline\n");
  CHECK(pages::escape(std::string_view("\0", 1)) == "\xef\xbf\xbd");
  CHECK_FALSE(has(pages::escape("\xc3\x28"), "\xc3\x28"));
}
