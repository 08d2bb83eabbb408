// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Text for man(7). What is given is taken literally, whatever characters it holds.
namespace backproof::manual::roff {

// A line of prose: `code` becomes bold, and a Markdown link its text in quotes.
std::string prose(std::string_view text);
std::string bold(std::string_view text);
std::string italic(std::string_view text);
// Lines as they are, indented, with a fixed pitch.
std::string example(std::string_view lines);

std::string header(std::string_view title, int section, std::string_view date);
std::string section(std::string_view title);
std::string subsection(std::string_view title);
// A paragraph with a tag, both ready for roff.
std::string item(std::string_view tag, std::string_view body);

}  // namespace backproof::manual::roff
