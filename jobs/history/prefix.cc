// SPDX-License-Identifier: Apache-2.0
#include "history/prefix.h"

#include "base/text.h"

namespace backproof::history {
namespace {

// The first text that sorts after everything beginning with `prefix`; empty when there is none.
std::string after(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace

Result<Matches> beginning_with(sqlite::Connection& db, std::string_view table,
                               const std::string& prefix) {
  const std::string end = after(prefix);
  const std::string range =
      " FROM " + std::string(table) + " WHERE id >= ?1 AND (?2 = '' OR id < ?2)";
  Matches found;
  TRY_ASSIGN(auto count, db.prepare("SELECT count(*)" + range));
  count.bind(1, std::string_view(prefix)).bind(2, std::string_view(end));
  TRY(count.step());
  found.rows = count.integer(0);
  TRY_ASSIGN(auto first, db.prepare("SELECT document, id" + range + " ORDER BY id LIMIT 1"));
  first.bind(1, std::string_view(prefix)).bind(2, std::string_view(end));
  TRY_ASSIGN(const bool there, first.step());
  if (!there) return found;
  found.first = first.text(0);
  if (first.text(1) == prefix) found.rows = 1;
  return found;
}

Result<void> at_most_one(const Matches& found, std::string_view table, std::string_view prefix) {
  if (found.rows <= 1) return {};
  return Error{Cause::internal,
               std::to_string(found.rows) + " " + std::string(table) +
                   " have an id that begins with " + text::printable(prefix, 80),
               "give more of the id"};
}

}  // namespace backproof::history
