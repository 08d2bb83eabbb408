// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/markdown.h"

#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using pages::markdown_html;

TEST_CASE("headings and paragraphs") {
  CHECK(markdown_html("# Title\n\nOne\ntwo.\n\nThree.\n") ==
        "<h1>Title</h1>\n<p>One\ntwo.</p>\n<p>Three.</p>\n");
  CHECK(markdown_html("###### six\n####### seven\n#none\n") ==
        "<h6>six</h6>\n<p>####### seven\n#none</p>\n");
  CHECK(markdown_html("") == "");
}

TEST_CASE("the title is the first heading") {
  CHECK(pages::markdown_title("<!-- x -->\n\n## A `b`\n# C\n") == "A `b`");
  CHECK(pages::markdown_title("text") == "");
}

TEST_CASE("no HTML passes through") {
  CHECK(markdown_html("<script>alert(1)</script> & \"x\"\n") ==
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;</p>\n");
  CHECK(markdown_html("# <b>\n- <i>\n\n| <u> |\n") ==
        "<h1>&lt;b&gt;</h1>\n<ul>\n<li>&lt;i&gt;</li>\n</ul>\n<div class=\"scroll\" "
        "role=\"region\" tabindex=\"0\" aria-label=\"Table\">\n<table>\n<tr><th "
        "scope=\"col\">&lt;u&gt;</th></tr>\n</table>\n</div>\n");
  CHECK(has(markdown_html("```html\n<b>&\n```\n"), "<code>&lt;b&gt;&amp;\n</code>"));
  CHECK(markdown_html("`<b>`\n") == "<p><code>&lt;b&gt;</code></p>\n");
}

TEST_CASE("code and strong words") {
  CHECK(markdown_html("a `b **c**` **d `e`** *f*\n") ==
        "<p>a <code>b **c**</code> <strong>d <code>e</code></strong> *f*</p>\n");
  CHECK(markdown_html("a ` b ** c\n") == "<p>a ` b ** c</p>\n");
  CHECK(markdown_html("```sh\none\n\n  two\n```\n") == "<pre><code>one\n\n  two\n</code></pre>\n");
}

TEST_CASE("links lead to the web, to our own paths and to runbooks") {
  CHECK(markdown_html("[a](https://example.org/?b=1&c=2)") ==
        "<p><a href=\"https://example.org/?b=1&amp;c=2\">a</a></p>\n");
  CHECK(markdown_html("[`a`](/schedule) [b](#c)") ==
        "<p><a href=\"/schedule\"><code>a</code></a> <a href=\"#c\">b</a></p>\n");
  CHECK(markdown_html("[x](BackproofNoBackup.md)") ==
        "<p><a href=\"/runbooks/BackproofNoBackup\">x</a></p>\n");
}

TEST_CASE("links that lead elsewhere are text") {
  for (const char* to : {"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
                         "//example.org/", "../secret.md", "a/b.md", ".md", "file.txt", "",
                         "&#106;avascript:alert(1)", "\" onclick=\"alert(1)"}) {
    INFO(to);
    CHECK_FALSE(has(markdown_html("[x](" + std::string(to) + ")"), "<a "));
  }
  CHECK_FALSE(has(markdown_html("[x](/\" onclick=\"alert(1))"), "\" onclick"));
}

TEST_CASE("lists go on in indented lines") {
  CHECK(markdown_html("- one\n  more\n- two\n") ==
        "<ul>\n<li>one\nmore</li>\n<li>two</li>\n</ul>\n");
  CHECK(markdown_html("1. a\n2. b\n") == "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n");
  CHECK(markdown_html("- a\n\n- b\n\ntext\n") ==
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>text</p>\n");
  CHECK(has(markdown_html("1. a\n\n   ```\n   x\n   ```\n"),
            "<li>a<pre><code>x\n</code></pre>\n</li>"));
}

TEST_CASE("tables have a head") {
  const std::string html = markdown_html("| a | `b` |\n| --- | :-: |\n| 1 | 2 |\n");
  CHECK(in_order(html, {"<tr><th scope=\"col\">a</th><th scope=\"col\"><code>b</code></th></tr>",
                        "<tr><td>1</td><td>2</td></tr>", "</table>"}));
  CHECK(count_of(html, "<tr>") == 2);
}
