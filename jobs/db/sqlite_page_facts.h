// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "db/sqlite_row_facts.h"

namespace backproof {

// The facts of a table's rows out of their records, as SQL would give the values. One table, one
// thread.
class PageFacts {
 public:
  // The table outlives it.
  PageFacts(const SqliteTable& table, TextEncoding encoding, const FactsWanted& wanted);

  // A row that was parsed. False from the first one on whose values SQLite would have to make:
  // defaults, computed columns, text that is no valid UTF-16.
  bool take(SqliteRecord& record, std::int64_t rowid);

  // Not known when a row was not understood.
  RowFacts facts() const;

 private:
  struct Source {
    bool is_rowid = false;
    bool is_real = false;      // whole numbers are stored as integers
    bool has_default = false;  // of rows that are too short
    std::size_t field = 0;
  };

  bool add(SqliteRecord& record, const Source& source);
  bool add_pieces(SqliteRecord& record, std::size_t field);

  TextEncoding encoding_;
  bool is_understood_ = true;
  RowFactsSum sum_;
  std::vector<Source> sources_;  // for each of the sum's columns
  std::string utf8_;
};

}  // namespace backproof
