// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/sqlite.h"
#include "db/sqlite_catalog.h"

namespace backproof {

// The columns of a WITHOUT ROWID table are stored with the primary key first. Where that is not
// the order in which they were declared, SQLite 3.40 looks at the type of one column and names
// another: its PRAGMAs then report "NULL value in T.C" (and values of wrong types) for rows that
// are whole. What they say of such columns counts when the rows say so too. One thread.
class Confirmation {
 public:
  // Both must outlive it.
  Confirmation(sqlite::Connection& connection, const SqliteCatalog& catalog);

  // True for a finding about the type of a column, when reading the column shows no such row.
  // What cannot be read confirms the finding.
  bool refutes(std::string_view finding);

 private:
  struct Question {
    const SqliteTable* table;
    const SqliteColumn* column;
    std::string_view kind;  // how the finding begins
    int answer = -1;        // 1: there is such a row
  };
  bool has_such_row(const Question& question);

  sqlite::Connection& connection_;
  std::map<std::string, Question, std::less<>> questions_;  // by the finding
};

// True for a table whose columns are stored in another order than they were declared in.
bool is_reordered(const SqliteTable& table);

}  // namespace backproof
