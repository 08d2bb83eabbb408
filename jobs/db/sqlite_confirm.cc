// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_confirm.h"

#include <array>

#include "base/text.h"

namespace backproof {
namespace {

struct Kind {
  std::string_view finding;    // followed by TABLE.COLUMN
  std::string_view condition;  // of such a row; ? is the column. typeof() is not folded by the
                               // planner, which believes in NOT NULL.
};
constexpr std::array kinds{
    Kind{"NULL value in ", "typeof(?) = 'null'"},
    Kind{"NUMERIC value in ", "typeof(?) IN ('integer', 'real')"},
    // Only text that the column's affinity would have made a number is wrong there.
    Kind{"TEXT value in ", "typeof(?) = 'text' AND ? = CAST(? AS NUMERIC)"},
    Kind{"non-INT value in ", "typeof(?) NOT IN ('null', 'integer')"},
    Kind{"non-INTEGER value in ", "typeof(?) NOT IN ('null', 'integer')"},
    Kind{"non-REAL value in ", "typeof(?) NOT IN ('null', 'real')"},
    Kind{"non-TEXT value in ", "typeof(?) NOT IN ('null', 'text')"},
    Kind{"non-BLOB value in ", "typeof(?) NOT IN ('null', 'blob')"},
};

std::string condition_for(std::string_view kind, const std::string& column) {
  std::string condition;
  for (const Kind& known : kinds)
    if (known.finding == kind)
      for (const char c : known.condition) condition += c == '?' ? column : std::string(1, c);
  return condition;
}

}  // namespace

bool is_reordered(const SqliteTable& table) {
  const SqliteIndex* const storage = table.storage();
  if (storage == nullptr) return false;
  for (std::size_t i = 0; i < storage->columns.size(); ++i)
    if (storage->columns[i].column != static_cast<int>(i)) return true;
  return false;
}

Confirmation::Confirmation(sqlite::Connection& connection, const SqliteCatalog& catalog)
    : connection_(connection) {
  for (const SqliteTable& table : catalog.tables) {
    if (!is_reordered(table)) continue;
    for (const SqliteColumn& column : table.columns)
      for (const Kind& kind : kinds)
        questions_.try_emplace(std::string(kind.finding) + table.name + "." + column.name,
                               Question{&table, &column, kind.finding});
  }
}

bool Confirmation::refutes(std::string_view finding) {
  const auto found = questions_.find(finding);
  if (found == questions_.end()) return false;
  Question& question = found->second;
  if (question.answer < 0) question.answer = has_such_row(question) ? 1 : 0;
  return question.answer == 0;
}

bool Confirmation::has_such_row(const Question& question) {
  const std::string column = text::quote_identifier(question.column->name);
  const auto rows = connection_.integer(
      "SELECT EXISTS(SELECT 1 FROM main." + text::quote_identifier(question.table->name) +
      " NOT INDEXED WHERE " + condition_for(question.kind, column) + ")");
  return !rows || *rows != 0;
}

}  // namespace backproof
