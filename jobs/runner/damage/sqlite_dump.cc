// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/sqlite_dump.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "engines/sql_splitter.h"
#include "runner/damage/sqlite_sql.h"

namespace backproof::damage {
namespace {

constexpr std::string_view begin_mark = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n";
constexpr std::string_view end_mark = "COMMIT;\n";
constexpr std::size_t longest_row = 64U << 10U;  // in which a text is looked for
constexpr std::string_view shell_command = ".shell touch /tmp/backproof-selftest\n";

struct Statement {
  std::size_t begin = 0, end = 0;  // without the blanks before it; with its semicolon
  std::string_view sql;
};

// Calls `visit` for every statement, in their order.
template <typename Visit>
void for_each_statement(std::string_view dump, const Visit& visit) {
  SqlSplitter splitter;
  for (std::size_t at = 0; at < dump.size(); splitter.restart()) {
    while (at < dump.size() && (dump[at] == '\n' || dump[at] == ' ' || dump[at] == '\r')) ++at;
    const auto length = splitter.end_of(dump.substr(at));
    if (!length) return;
    visit(Statement{at, at + *length, dump.substr(at, *length)});
    at += *length;
  }
}

// What follows the words, or nothing where the statement does not begin with them.
std::optional<std::string_view> after_words(std::string_view sql,
                                            std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text::lower(sql.substr(0, word.size())) != word) return std::nullopt;
    sql.remove_prefix(word.size());
    const std::size_t next = sql.find_first_not_of(" \n");
    if (next == 0 || next == std::string_view::npos) return std::nullopt;
    sql.remove_prefix(next);
  }
  return sql;
}

// The name that `sql` begins with, without its quotes, in small letters.
std::string name_at(std::string_view sql) {
  if (sql.empty()) return "";
  static constexpr std::string_view opening = "\"'`[", closing = "\"'`]";
  const std::size_t quote = opening.find(sql[0]);
  if (quote == std::string_view::npos)
    return text::lower(sql.substr(0, sql.find_first_of("( \n;")));
  std::string name;
  for (std::size_t i = 1; i < sql.size(); ++i) {
    if (sql[i] == closing[quote] && (i + 1 >= sql.size() || sql[i + 1] != sql[i])) break;
    if (sql[i] == closing[quote]) ++i;
    name += sql[i];
  }
  return text::lower(name);
}

std::string made_table(std::string_view sql) {
  if (const auto name = after_words(sql, {"create", "table", "if", "not", "exists"}))
    return name_at(*name);
  const auto name = after_words(sql, {"create", "table"});
  return name ? name_at(*name) : "";
}

std::string filled_table(std::string_view sql) {
  const auto name = after_words(sql, {"insert", "into"});
  return name ? name_at(*name) : "";
}

bool makes_index(std::string_view sql) {
  return after_words(sql, {"create", "index"}) || after_words(sql, {"create", "unique", "index"});
}

std::string indexed_table(std::string_view sql) {
  const std::size_t on = text::lower(sql).find(" on ");
  return makes_index(sql) && on != std::string::npos ? name_at(sql.substr(on + 4)) : "";
}

bool is_internal(const std::string& table) {
  return table.starts_with("sqlite_");
}

// What one pass over the dump tells.
struct Dump {
  std::map<std::string, std::uint64_t> rows;  // by table that is made here
  std::vector<Statement> tables, indexes;
  std::optional<Statement> commit;  // the last
};

Dump survey(std::string_view dump) {
  Dump found;
  for_each_statement(dump, [&](const Statement& statement) {
    if (const std::string filled = filled_table(statement.sql); !filled.empty()) {
      if (const auto table = found.rows.find(filled); table != found.rows.end()) ++table->second;
    } else if (const std::string made = made_table(statement.sql); !made.empty()) {
      if (is_internal(made)) return;
      found.rows.emplace(made, 0);
      found.tables.push_back(statement);
    } else if (makes_index(statement.sql)) {
      found.indexes.push_back(statement);
    } else if (text::lower(statement.sql) == "commit;") {
      found.commit = statement;
    }
  });
  return found;
}

Result<std::string> some_table(const Dump& dump, Dice& dice, std::uint64_t least) {
  std::vector<std::string> fit;
  for (const auto& [name, rows] : dump.rows)
    if (rows >= least) fit.push_back(name);
  if (fit.empty()) return not_applicable("no table has " + text::plural(least, "row"));
  return fit[dice.below(fit.size())];
}

Edit without(const Statement& statement, std::string_view dump) {
  const bool line = statement.end < dump.size() && dump[statement.end] == '\n';
  return {statement.begin, statement.end - statement.begin + (line ? 1 : 0)};
}

// Of the rows that hold a text any is chosen with the same chance.
Result<Edits> flip_data(std::string_view dump, const Dump& found, Dice& dice) {
  Edits flip;
  std::uint64_t fitting = 0;
  for_each_statement(dump, [&](const Statement& statement) {
    if (!found.rows.contains(filled_table(statement.sql))) return;
    const std::size_t quote = statement.sql.find('\'');
    if (quote == std::string_view::npos || statement.sql.size() > longest_row) return;
    const auto values = statement.sql.substr(quote);
    const auto may = [&](std::size_t i) {
      return std::count(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), '\'') %
                 2 ==
             1;
    };
    if (dice.below(++fitting) != 0) return;
    auto edit = flip_bit(values, dice, may);
    if (!edit) return;
    edit->at += statement.begin + quote;
    flip = {*std::move(edit)};
  });
  if (flip.empty())
    return not_applicable("no row that was looked at holds a text with a word in it");
  return flip;
}

Result<Edits> drop_table(std::string_view dump, const Dump& found, Dice& dice) {
  auto chosen = some_table(found, dice, 1);
  if (!chosen) chosen = some_table(found, dice, 0);
  if (!chosen) return not_applicable("the dump makes no table");
  const std::string& table = *chosen;
  Edits edits;
  for_each_statement(dump, [&](const Statement& statement) {
    if (made_table(statement.sql) == table || filled_table(statement.sql) == table ||
        indexed_table(statement.sql) == table)
      edits.push_back(without(statement, dump));
  });
  return edits;
}

Result<Edits> drop_rows(std::string_view dump, const Dump& found, Dice& dice, bool only_last) {
  TRY_ASSIGN(const std::string table, some_table(found, dice, only_last ? 1 : 10));
  const std::uint64_t rows = found.rows.at(table), rest = dice.below(10);
  std::uint64_t n = 0;
  Edits edits;
  for_each_statement(dump, [&](const Statement& statement) {
    if (filled_table(statement.sql) != table) return;
    if (only_last ? n + 1 == rows : n % 10 == rest) edits.push_back(without(statement, dump));
    ++n;
  });
  return edits;
}

// SQLite reads the declarations; the rows stay where they are, and a statement at the dump's end
// makes one an orphan.
Result<Edits> orphan_row(const Dump& found, Dice& dice) {
  if (!found.commit)
    return not_applicable("the dump has no COMMIT before which a row could change");
  TRY_ASSIGN(sqlite::Connection db, sqlite::Connection::open(":memory:"));
  TRY(db.run("PRAGMA trusted_schema=OFF"));
  for (const Statement& table : found.tables) std::ignore = db.run(table.sql);
  TRY_ASSIGN(const SqliteCatalog catalog, read_catalog(db, Roots::of_none));
  std::vector<std::string> possible;
  for (const SqliteTable& table : catalog.tables) {
    const auto rows = found.rows.find(text::lower(table.name));
    if (table.without_rowid || rows == found.rows.end() || rows->second == 0) continue;
    for (const SqliteForeignKey& key : table.foreign_keys)
      if (catalog.find(key.parent) != nullptr) possible.push_back(orphan_sql(table, key, catalog));
  }
  if (possible.empty()) return not_applicable("no table with rows declares a foreign key");
  return Edits{{found.commit->begin, 0, possible[dice.below(possible.size())]}};
}

Result<Edits> drop_constraint(const Dump& found, Dice& dice) {
  for (const std::size_t n : dice.order_of(found.tables.size()))
    if (auto edit = constraint_in(found.tables[n].sql)) {
      edit->at += found.tables[n].begin;
      return Edits{*std::move(edit)};
    }
  return not_applicable("no table has a NOT NULL or a CHECK");
}

Result<Edits> meta_command(std::string_view dump, const Dump& found, Dice& dice) {
  if (found.tables.empty()) return not_applicable("the dump makes no table");
  const Statement& table = found.tables[dice.below(found.tables.size())];
  const bool line = table.end < dump.size() && dump[table.end] == '\n';
  return Edits{{table.end + (line ? 1 : 0), 0, (line ? "" : "\n") + std::string(shell_command)}};
}

// Behind a statement, so that every one that is left is whole.
Result<Edits> cut(std::string_view dump, Dice& dice) {
  const std::size_t wanted = dump.size() / 4 + dice.below(dump.size() * 6 / 10);
  std::size_t at = 0, last = 0;
  for_each_statement(dump, [&](const Statement& statement) {
    if (at == 0 && statement.end > wanted) at = statement.end;
    last = statement.end;
  });
  if (at == 0 || at == last) return not_applicable("the dump has too few statements");
  return Edits{{at, dump.size() - at, "\n"}};
}

}  // namespace

Result<Edits> damage_sqlite_dump(DamageKind kind, std::string_view dump, Dice& dice) {
  const std::string begin(begin_mark), end(end_mark);
  if (kind == DamageKind::cut_content) return cut(dump, dice);
  if (kind == DamageKind::empty_database) return Edits{{0, dump.size(), begin + end}};
  if (kind == DamageKind::other_database)
    return Edits{{0, dump.size(), begin + std::string(sqlite_other_sql) + end}};
  if (kind == DamageKind::flip_index)
    return not_applicable("a dump holds no index, a restore makes it");
  const Dump found = survey(dump);
  switch (kind) {
    case DamageKind::flip_data:
      return flip_data(dump, found, dice);
    case DamageKind::drop_table:
      return drop_table(dump, found, dice);
    case DamageKind::drop_tenth:
      return drop_rows(dump, found, dice, false);
    case DamageKind::drop_last_row:
      return drop_rows(dump, found, dice, true);
    case DamageKind::orphan_row:
      return orphan_row(found, dice);
    case DamageKind::drop_index:
      if (found.indexes.empty()) return not_applicable("the dump makes no index");
      return Edits{without(found.indexes[dice.below(found.indexes.size())], dump)};
    case DamageKind::drop_constraint:
      return drop_constraint(found, dice);
    case DamageKind::meta_command:
      return meta_command(dump, found, dice);
    case DamageKind::cut_container:
    case DamageKind::cut_content:
    case DamageKind::flip_index:
    case DamageKind::stale_copy:
    case DamageKind::empty_database:
    case DamageKind::other_database:
    case DamageKind::appended_junk:
      break;
  }
  return Error{Cause::internal, "this damage is not one of a dump's content", ""};
}

}  // namespace backproof::damage
