// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof::pages {

// The part of Markdown that our runbooks use, as HTML: headings, paragraphs, lists of one level
// with lines that go on, tables without alignment, fenced code, `code`, **strong** and
// [links](to). All of the text is escaped before anything is made of it; links lead to http, https,
// a path or a fragment, to NAME.md as to a page beside this one, and nowhere else.
std::string markdown_html(std::string_view markdown);

// The text of the first heading, or empty.
std::string markdown_title(std::string_view markdown);

}  // namespace backproof::pages
