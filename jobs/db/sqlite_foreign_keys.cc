// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_foreign_keys.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

std::optional<int> column_named(const SqliteTable& table, const std::string& name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (same_name(table.columns[i].name, name)) return static_cast<int>(i);
  return std::nullopt;
}

std::optional<std::vector<int>> columns_named(const SqliteTable& table,
                                              const std::vector<std::string>& names) {
  std::vector<int> columns;
  for (const std::string& name : names) {
    const auto column = column_named(table, name);
    if (!column) return std::nullopt;
    columns.push_back(*column);
  }
  return columns;
}

// The collation of each column in the first columns of the index, in the order of `columns`;
// nothing when these are not exactly the first columns.
std::optional<std::vector<std::string>> leading_collations(const SqliteIndex& index,
                                                           const std::vector<int>& columns) {
  if (index.is_partial || index.columns.size() < columns.size()) return std::nullopt;
  const auto end = index.columns.begin() + static_cast<std::ptrdiff_t>(columns.size());
  std::vector<std::string> collations;
  for (const int column : columns) {
    const auto found = std::find_if(index.columns.begin(), end,
                                    [&](const SqliteIndexColumn& c) { return c.column == column; });
    if (found == end) return std::nullopt;
    collations.push_back(found->collation);
  }
  return collations;
}

// One foreign key with both sides known well enough that SQL compares as foreign_key_check does.
struct Provable {
  std::vector<int> from, to;
  std::string index;  // of the child, begins with the key
};

bool is_rowid(const SqliteTable& parent, const std::vector<int>& to) {
  return to.size() == 1 && to.front() == parent.rowid_column;
}

// The collations under which the parent's key is unique; nothing where there is no such key.
std::optional<std::vector<std::string>> parent_collations(const SqliteTable& parent,
                                                          const std::vector<int>& to) {
  if (is_rowid(parent, to)) return std::vector<std::string>{"binary"};
  for (const SqliteIndex& index : parent.indexes) {
    const auto keys = std::ranges::count_if(index.columns, &SqliteIndexColumn::is_key);
    if (!index.is_unique || static_cast<std::size_t>(keys) != to.size()) continue;
    if (auto collations = leading_collations(index, to)) return collations;
  }
  return std::nullopt;
}

std::optional<Provable> provable(const SqliteTable& child, const SqliteTable& parent,
                                 const SqliteForeignKey& key) {
  const auto from = columns_named(child, key.from);
  const auto to =
      key.to.empty() ? std::optional(parent.primary_key) : columns_named(parent, key.to);
  if (!from || !to || from->size() != to->size() || parent.is_virtual) return std::nullopt;
  for (auto column = to->begin(); column != to->end(); ++column)
    if (std::find(to->begin(), column, *column) != column) return std::nullopt;
  for (std::size_t i = 0; i < from->size(); ++i)
    if (child.columns[static_cast<std::size_t>((*from)[i])].affinity !=
        parent.columns[static_cast<std::size_t>((*to)[i])].affinity)
      return std::nullopt;
  const auto wanted = parent_collations(parent, *to);
  if (!wanted) return std::nullopt;
  for (const SqliteIndex& index : child.indexes)
    if (leading_collations(index, *from) == wanted) return Provable{*from, *to, index.name};
  return std::nullopt;
}

// A query that gives a row when some key of the child has no parent.
std::string orphan_sql(const SqliteTable& child, const SqliteTable& parent, const Provable& proof) {
  const auto name = [](const SqliteTable& table, int column) {
    return text::quote_identifier(table.columns[static_cast<std::size_t>(column)].name);
  };
  std::string keys, present, match;
  for (std::size_t i = 0; i < proof.from.size(); ++i) {
    const std::string from = name(child, proof.from[i]);
    const std::string alias = "k" + std::to_string(i);
    keys += (i == 0 ? "" : ", ") + from + " AS " + alias;
    present += (i == 0 ? "" : " AND ") + from + " IS NOT NULL";
    // The parent stands on the left: its collation decides.
    match += (i == 0 ? "p." : " AND p.") + name(parent, proof.to[i]) + " = c." + alias;
  }
  return "SELECT 1 FROM (SELECT DISTINCT " + keys + " FROM main." +
         text::quote_identifier(child.name) + " INDEXED BY " + text::quote_identifier(proof.index) +
         " WHERE " + present + ") AS c WHERE NOT EXISTS (SELECT 1 FROM main." +
         text::quote_identifier(parent.name) + " AS p WHERE " + match + ") LIMIT 1";
}

}  // namespace

bool prove_foreign_keys(sqlite::Connection& connection, const SqliteCatalog& catalog,
                        const SqliteTable& table) {
  // Preparing it finds every key that does not fit its parent ("foreign key mismatch").
  if (!connection.prepare(table_pragma("foreign_key_check", table.name))) return false;
  return std::ranges::all_of(table.foreign_keys, [&](const SqliteForeignKey& key) {
    const SqliteTable* const parent = catalog.find(key.parent);
    const auto proof = parent == nullptr ? std::nullopt : provable(table, *parent, key);
    if (!proof) return false;
    auto statement = connection.prepare(orphan_sql(table, *parent, *proof));
    if (!statement) return false;
    const auto orphan = statement->step();
    return orphan && !*orphan;
  });
}

}  // namespace backproof
