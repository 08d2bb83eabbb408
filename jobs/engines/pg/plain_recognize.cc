// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "engines/pg/plain_comments.h"
#include "engines/pg/plain_reader.h"

namespace backproof {
namespace {

// Without every other byte where the text is UTF-16.
std::string narrow(std::string_view head) {
  std::string text(head);
  if (!head.starts_with("\xff\xfe") && !head.starts_with("\xfe\xff")) return text;
  std::erase(text, '\0');
  return text;
}

}  // namespace

bool is_plain_dump(ByteView head) {
  const std::string text = narrow(as_text(head));
  std::string_view before;
  for (std::string_view line : text::split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const PlainComment::Kind kind = read_comment(line).kind;
    const bool names =
        kind == PlainComment::Kind::dump_head || kind == PlainComment::Kind::cluster_head;
    if (names && before.ends_with("--")) return true;
    before = line;
  }
  return false;
}

}  // namespace backproof
