// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "db/pg_error.h"

struct pg_conn;

namespace backproof::pg {

// NULL is nothing.
using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

// One session of a PostgreSQL server through libpq. One thread at a time. Errors have cause
// restore_error unless the server says something else (db/pg_error.h), and no row values.
class Connection {
 public:
  // `settings` are name=value, in force from the start and stronger than what ALTER ROLE and ALTER
  // DATABASE say. The text encoding of the client is the database's.
  static Result<Connection> open(const std::string& conninfo, const std::string& database,
                                 const std::vector<std::string>& settings = {});
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = default;

  // One statement, and the server makes sure that it is one; what it returns is dropped.
  Result<void> run(const std::string& sql);
  // The last statement was an INSERT that stored nothing.
  bool stored_nothing() const { return stored_nothing_; }
  // One statement and all its rows, as text; $1, $2, ... are taken from `parameters`.
  Result<Rows> query(const std::string& sql, const std::vector<std::string>& parameters = {});
  // The first column of the only row.
  Result<std::string> scalar(const std::string& sql,
                             const std::vector<std::string>& parameters = {});

  // COPY ... FROM stdin: begin, put bytes cut anywhere, end; how many rows the server took.
  Result<void> copy_begin(const std::string& sql);
  Result<void> copy_put(ByteView bytes);
  Result<std::uint64_t> copy_end();

  // COPY ... TO stdout in text format: `take` is given row after row, each without its newline, and
  // valid during the call. Its first Error ends the COPY and is returned. One row at a time is
  // held; where memory is not enough for it the session ends (cause space).
  Result<void> copy_out(const std::string& sql,
                        const std::function<Result<void>(ByteView row)>& take);

  // A large object that exists is written from its start, inside of a transaction.
  Result<void> large_object_open(std::uint32_t oid);
  Result<void> large_object_write(ByteView bytes);
  Result<void> large_object_close();

  // As the server has told it last, in its own word: "UTF8".
  std::string client_encoding() const;
  std::string server_encoding() const;
  Result<void> set_client_encoding(const std::string& name);
  // No transaction is open and no COPY goes on.
  bool is_idle() const;
  // Of the last call that failed.
  const ErrorFields& failed() const { return failed_; }
  // Ends what this session executes, from any thread.
  void cancel() const;

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  explicit Connection(pg_conn* connection) : connection_(connection) {}
  Error failure(const void* result);
  void begin(std::string_view sql) { begins_ = sql.substr(0, 8); }
  Result<void> finish_copy();
  Error lose_row();

  std::unique_ptr<pg_conn, Close> connection_;
  ErrorFields failed_;
  std::string begins_;  // the last statement
  bool stored_nothing_ = false;
  int large_object_ = -1;
};

// As a literal of SQL.
std::string literal(std::string_view value);

}  // namespace backproof::pg
