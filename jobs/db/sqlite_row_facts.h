// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "db/database.h"
#include "db/row_text.h"
#include "db/sqlite_catalog.h"
#include "db/sqlite_newest.h"

// What is found out about a table by reading all of its rows, from its pages or through SQL.
namespace backproof {

struct RowFacts {
  bool is_known = false;  // every row was read and understood
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of its b-tree with overflow pages; 0 = not known
  std::string digest;       // as TableFact has it; empty when it was not wanted
  std::int64_t newest = 0;  // seconds since 1970
  std::vector<int> unread;  // columns with times that only SQL can read
};

// Adds up the rows of one table. For each row: begin_row(), for each of columns() add() or the
// functions of text(), end_row().
class RowFactsSum {
 public:
  // `columns` are those of the table; its owner outlives this.
  RowFactsSum(const std::vector<SqliteColumn>& columns, const FactsWanted& wanted);

  // Whose values are needed, as places in the table: all in the order of their names' bytes when
  // there is a digest to be made, else those that look like times.
  const std::vector<int>& columns() const { return columns_; }

  void begin_row() {
    next_ = 0;
    text_.clear();
  }
  // Of the next column; text in UTF-8.
  void add(const SqliteValue& value);
  // For a text or blob of the next column that comes in pieces. Null where no digest is wanted.
  RowText* add_pieces();
  void end_row() {
    if (wants_digest_) digest_ += text_.hash();
    ++rows_;
  }

  // `is_known` is left to who read the rows.
  RowFacts facts() const;

 private:
  bool wants_digest_;
  std::vector<int> columns_;
  std::vector<std::size_t> time_of_;  // for each of columns_ its place in times_, or none
  std::vector<NewestTime> times_;
  static constexpr std::size_t none = ~std::size_t{0};
  RowText text_;
  std::size_t next_ = 0;
  Hash128 digest_;
  std::uint64_t rows_ = 0;
};

// True when there is more to be known than how many rows there are.
bool wants_facts(const FactsWanted& wanted);
// FactsWanted::newest_before in whole seconds since 1970; 0: no newest time is wanted.
std::int64_t latest_wanted(const FactsWanted& wanted);

}  // namespace backproof
