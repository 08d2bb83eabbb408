// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backproof {

// The parts of a CREATE INDEX statement as SQLite stores it, because no PRAGMA tells them.
struct IndexText {
  std::string name;                  // without quotes
  std::vector<std::string> columns;  // each an expression, ASC and DESC taken off
  std::string where;                 // the predicate of a partial index; may be empty
};

// Nothing when the text is not one that this reading understands.
std::optional<IndexText> parse_index_text(std::string_view sql);

}  // namespace backproof
