// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

// A thin owner of SQLite's handles (https://sqlite.org/c3ref/intro.html). One connection belongs
// to one thread at a time; statements end before their connection.
namespace backproof::sqlite {

// What a verification may take of anonymous memory, in bytes, is the sum of the most that is held
// at a time: the program itself with its threads and buffers, what SQLite allocates, and while text
// is loaded a statement and the windows of decoders, or while the restored database is examined
// what is known of its schema.
constexpr std::int64_t memory_limit = 256LL << 20U;
constexpr std::int64_t own_memory = 24LL << 20U;
constexpr std::int64_t heap_limit = 160LL << 20U;
constexpr std::int64_t schema_limit = memory_limit - own_memory - heap_limit;

// What all connections of this process may allocate together, in bytes; beyond it statements fail
// with cause space.
void bound_memory(std::int64_t bytes = heap_limit);

// Whether an error may name what SQLite did not find. Names come from the text of the statement,
// and in one that loads data a value that lost its quotes looks like a name.
enum class Names { shown, hidden };

// Result codes of SQLite that callers tell apart; the rest is `other`.
enum class Code {
  ok,
  busy,
  full,
  corrupt,
  not_a_database,
  out_of_memory,
  interrupted,
  denied,
  too_big,
  input_output,  // also a file that cannot be opened or written: never the content's fault
  other
};

// Statements that a connection keeps, by their text.
struct Idle;

class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  // Parameters count from 1. Text is copied.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view value);
  Statement& bind_null(int index);

  // True: a row is there. False: done.
  Result<bool> step();
  // Ready to be bound and run again.
  void reset();

  // Columns count from 0; views live until the next step.
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  bool is_null(int column) const;
  int columns() const;
  sqlite3_stmt* handle() const { return statement_; }

 private:
  friend class Connection;
  friend struct Idle;
  Statement(sqlite3_stmt* statement, std::shared_ptr<Idle> idle)
      : statement_(statement), idle_(std::move(idle)) {}
  sqlite3_stmt* statement_ = nullptr;
  std::shared_ptr<Idle> idle_;  // where it goes when it is not needed; null: it ends
};

class Connection {
 public:
  // `uri` is a file name or "file:" URI; `flags` are SQLite's SQLITE_OPEN_*, 0 = read/write+create.
  static Result<Connection> open(const std::string& uri, int flags = 0);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // Runs every statement of `sql`, rows are dropped. Text that ends with a NUL, counted in its
  // length, is compiled where it is, without a copy.
  Result<void> run(std::string_view sql, Names names = Names::shown);
  Result<Statement> prepare(std::string_view sql);
  // From now on statements are kept when they are not needed any more, and prepare() gives them
  // again: for whoever asks the same few questions for ever.
  void keep_statements();
  // The first column of the first row; an error when there is no row.
  Result<std::int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  std::int64_t last_changes() const;
  // The connection's last error, without values of rows: SQLite's message is used only where it
  // holds names of the schema, never for messages that a dump can make up (RAISE).
  Error error(std::string_view doing, Names names = Names::shown) const;
  Code code() const;
  sqlite3* handle() const { return db_; }

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  sqlite3* db_ = nullptr;
  std::shared_ptr<Idle> idle_;  // null: none are kept
};

// BEGIN IMMEDIATE ... COMMIT; rolls back on destruction unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& db);
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection* db) : db_(db) {}
  Connection* db_;
};

// A "file:" URI for `path` with the given query ("mode=ro&immutable=1"), percent-encoded.
std::string uri_of(const Path& path, std::string_view query);

}  // namespace backproof::sqlite
