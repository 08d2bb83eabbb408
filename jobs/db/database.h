// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/run.h"

namespace backproof {

// What a restored database found out about itself. A finding is a value; only our own trouble is
// an Error, and it sits beside the answers that could be given.
struct Examined {
  std::vector<std::string> findings;  // every one, in SQLite's or PostgreSQL's words, no row values
  std::uint64_t more = 0;             // findings beyond the cap that are only counted
  std::string how;                    // by what it was proven: "proof", "integrity_check"
};
struct SelfCheck {
  Result<Examined> integrity =
      Error{Cause::internal, "not examined", ""};  // pages, records, indexes
  Result<Examined> foreign_keys =
      Error{Cause::internal, "not examined", ""};  // rows without parent
  Result<std::vector<TableFact>> tables =
      Error{Cause::internal, "not counted", ""};  // exact counts, newest times, digests
};

// What is to be known of each table beside its rows.
struct FactsWanted {
  // The digest of its rows. It costs a reading of every value.
  bool digests = false;
  // Times after this one (of what expires) are not the newest; 1970: the present is unknown and no
  // newest time is looked for.
  TimePoint newest_before;
};

// Which SQL it understands.
enum class Dialect { sqlite, postgresql };

// One question in SQL.
struct Question {
  std::string sql;       // one statement, which reads
  std::string database;  // of several restored ones the one of this name; empty: the first
  Duration timeout = std::chrono::minutes(10);
  std::size_t max_rows = 1000;
  // PostgreSQL: names without a schema are looked up in public, too, as whoever wrote a query means
  // them. Questions of ours name schemas: there, what a dump defined could stand in for what is
  // meant.
  bool is_of_user = false;
};
// Its rows, each value as the text that the database gives; NULL is nothing.
using Field = std::optional<std::string>;
using Answer = std::vector<std::vector<Field>>;

// A restored database inside the sandbox that one may question. Hostile content: nothing in it is
// trusted, no function or trigger of it may do harm, values of rows stay inside. One thread.
class Database {
 public:
  virtual ~Database() = default;
  // To be said before the first self_check().
  void want(const FactsWanted& facts) { wanted_ = facts; }
  // Asks everything at once, because the scans are shared; the answer is kept.
  virtual const SelfCheck& self_check(const RunContext& context) = 0;
  virtual Dialect dialect() const = 0;
  // A question of ours or of the user's configuration. Whatever keeps it from being answered says
  // nothing of the backup (cause internal, timeout, space or missing_tool: more rows than asked
  // for, a table that is not there, a statement that writes), except damage that the database
  // itself met on the way (damaged).
  virtual Result<Answer> ask(const Question& question, const RunContext& context) = 0;

 protected:
  FactsWanted wanted_;
};

// For implementations: the answer has more rows than the question wants.
Error too_many_rows(const Question& question);

}  // namespace backproof
