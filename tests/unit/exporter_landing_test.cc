// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/landing.h"

#include "base/text.h"
#include "exporter/pages/html.h"
#include "support/support.h"
#include "unit/exporter_samples.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::string_literals;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

}  // namespace

TEST_CASE("text is escaped for HTML") {
  CHECK(pages::escape("<a href='x' title=\"y\">&amp;</a>") ==
        "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;&lt;/a&gt;");
  CHECK(pages::escape("ä\n\t") == "ä\n\t");
  CHECK(pages::escape("\x1b[31m\x7f\xff\0"s) ==
        "\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("the landing page shows every target and links to everything") {
  const auto response = pages::landing(sample_snapshot(), sample_now());
  CHECK(response.status == 200);
  CHECK(response.content_type == "text/html; charset=utf-8");
  for (const char* part : {"<bdi>passing</bdi>",
                           "sqlite_file",
                           "<span class=\"passed\">passed</span>",
                           "<span class=\"failed\">failed</span>",
                           "<span class=\"inconclusive\">inconclusive</span>",
                           "<span class=\"none\">never ran</span>",
                           "running: restore",
                           "waiting for a worker",
                           "disabled",
                           "<code>truncated</code>",
                           "datetime=\"2026-11-23T02:01:13Z\"",
                           "9 h ago",
                           "in 14 h",
                           "Version 0.1.0, revision 0123456789ab",
                           "permission denied",
                           "href=\"/metrics\"",
                           "href=\"/api/v1/targets\"",
                           "href=\"/api/v1/runs\"",
                           "href=\"/-/healthy\"",
                           "check integrity took longer than 6h"}) {
    INFO(part);
    CHECK(contains(response.body, part));
  }
}

TEST_CASE("hostile names and reasons are text on the landing page") {
  const auto html = pages::landing(sample_snapshot(), sample_now()).body;
  CHECK_FALSE(contains(html, "<script"));
  CHECK_FALSE(contains(html, "<b>"));
  CHECK_FALSE(contains(html, "<again>"));
  CHECK(contains(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot; &amp; &#39;friends&#39;"));
  CHECK(contains(html, "ev&quot;il\\ &lt;b&gt;&amp;&#39;"));
}

TEST_CASE("the page is well-formed") {
  const Folder folder;
  const Path file = folder.write("page.html", pages::landing(sample_snapshot(), sample_now()).body);
  // Python's parser with a stack: every element that is opened is closed, in order.
  const Path script = folder.write("check.py", R"(import sys
from html.parser import HTMLParser
class Stack(HTMLParser):
    open = []
    def handle_starttag(self, tag, attributes):
        if tag not in ('meta', 'br'): self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
stack = Stack()
stack.feed(open(sys.argv[1], encoding='utf-8').read())
stack.close()
print(len(stack.open))
)");
  CHECK(sh("python3 '" + script.native() + "' '" + file.native() + "'") == "0\n");
}

TEST_CASE("a browser may use the page's style and nothing else") {
  const auto response = pages::landing({}, sample_now());
  const std::string policy = header_of(response, "Content-Security-Policy");
  CHECK(contains(policy, "default-src 'none'; style-src 'sha256-"));
  CHECK_FALSE(contains(policy, "unsafe"));
  const Folder folder;
  const Path file = folder.write("style", pages::style());
  CHECK("'sha256-" +
            std::string(text::trim(
                sh("openssl dgst -sha256 -binary '" + file.native() + "' | openssl base64"))) +
            "'" ==
        pages::style_source());
  CHECK(contains(response.body, "<style>" + std::string(pages::style()) + "</style>"));
  CHECK(contains(response.body, "No targets are configured."));
}
