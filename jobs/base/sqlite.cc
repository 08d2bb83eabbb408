// SPDX-License-Identifier: Apache-2.0
#include "base/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_map>

#include "base/text.h"

namespace backproof::sqlite {
namespace {

// SQLite takes lengths as int, and a view into nothing still needs an address.
const char* address_of(std::string_view s) {
  return s.empty() ? "" : s.data();
}
int length_of(std::string_view s) {
  return static_cast<int>(s.size());
}

// The beginnings of SQLITE_ERROR messages that name things of the schema. Others may quote a
// literal of a dump or the argument of a function, which is the content of a row.
constexpr std::array<std::string_view, 18> safe_beginnings{"no such ",
                                                           "unknown ",
                                                           "table ",
                                                           "index ",
                                                           "there is ",
                                                           "view ",
                                                           "duplicate column",
                                                           "foreign key mismatch",
                                                           "not authorized",
                                                           "access to ",
                                                           "no query solution",
                                                           "unsupported ",
                                                           "incomplete ",
                                                           "too many ",
                                                           "SQL statements in progress",
                                                           "attempt to write",
                                                           "cannot ",
                                                           "vtable constructor"};

// A message without the name in it: "no such column".
std::string kind_of(std::string_view message, int code) {
  for (const std::string_view kind :
       {"no such column", "no such table", "no such function", "no such module", "no such index",
        "no such view", "no such collation sequence", "no such savepoint", "unknown function",
        "not authorized", "attempt to write a readonly database"})
    if (message.starts_with(kind)) return std::string(kind);
  if (message.starts_with("table ") && message.ends_with(" were supplied"))
    return "the number of values is not that of the table's columns";
  if (message.starts_with("table ") && message.find(" has no column named ") != message.npos)
    return "the table has no column of that name";
  return sqlite3_errstr(code);
}

std::string message_of(sqlite3* db, int code, Names names) {
  const std::string_view message = sqlite3_errmsg(db);
  const int primary = code & 0xff;
  if (code == SQLITE_CONSTRAINT_TRIGGER) return "a trigger raised an error";
  if (names == Names::hidden && primary == SQLITE_AUTH) return kind_of(message, code);
  if (primary != SQLITE_ERROR) return std::string(message);
  if (message.ends_with("syntax error")) return "syntax error";
  if (names == Names::hidden) return kind_of(message, code);
  const bool safe = std::ranges::any_of(
      safe_beginnings, [&](std::string_view beginning) { return message.starts_with(beginning); });
  return safe ? std::string(message) : std::string(sqlite3_errstr(code));
}

Cause cause_of(Code code) {
  switch (code) {
    case Code::corrupt:
      return Cause::damaged;
    case Code::not_a_database:
      return Cause::wrong_format;
    case Code::full:
    case Code::out_of_memory:
    case Code::too_big:
      return Cause::space;
    case Code::denied:
      return Cause::hostile;
    case Code::interrupted:
      return Cause::cancelled;
    case Code::ok:
    case Code::busy:
    case Code::input_output:
    case Code::other:
      return Cause::internal;
  }
  return Cause::internal;
}

Code code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return Code::ok;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::busy;
    case SQLITE_FULL:
      return Code::full;
    case SQLITE_CORRUPT:
      return Code::corrupt;
    case SQLITE_NOTADB:
      return Code::not_a_database;
    case SQLITE_NOMEM:
      return Code::out_of_memory;
    case SQLITE_INTERRUPT:
      return Code::interrupted;
    case SQLITE_AUTH:
      return Code::denied;
    case SQLITE_TOOBIG:
      return Code::too_big;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return Code::input_output;
    default:
      return Code::other;
  }
}

// The limits of this process and of its disk, which a failed write meets.
bool is_lack_of_space(int number) {
  return number == EFBIG || number == ENOSPC || number == EDQUOT;
}

Error error_of(sqlite3* db, int code, std::string_view doing, Names names = Names::shown) {
  if (db == nullptr) return {Cause::space, std::string(doing) + ": out of memory", ""};
  const Code kind = code_of(code);
  Error error{cause_of(kind),
              std::string(doing) + ": " + text::printable(message_of(db, code, names)), ""};
  if (kind == Code::input_output) {
    const int number = sqlite3_system_errno(db);
    if (is_lack_of_space(number)) error.cause = Cause::space;
    if (number != 0) error.text += " (" + errno_text(number) + ")";
  }
  if (kind == Code::out_of_memory)
    error.hint = "it needs more than the " +
                 text::format_size(static_cast<std::uintmax_t>(sqlite3_hard_heap_limit64(-1))) +
                 " that SQLite may use in a verification";
  return error;
}

}  // namespace

void bound_memory(std::int64_t bytes) {
  sqlite3_hard_heap_limit64(bytes);
}

struct Idle {
  static constexpr std::size_t most = 128;
  std::unordered_map<std::string, sqlite3_stmt*> statements;  // reset, nothing bound

  Idle() = default;
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;
  ~Idle() {
    for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
  }
  sqlite3_stmt* take(std::string_view sql) {
    const auto found = statements.find(std::string(sql));
    return found == statements.end() ? nullptr : statements.extract(found).mapped();
  }
  static void end(Statement& statement) {
    sqlite3_stmt* const handle = std::exchange(statement.statement_, nullptr);
    const std::shared_ptr<Idle> idle = std::exchange(statement.idle_, nullptr);
    if (handle != nullptr && idle && idle->statements.size() < most) {
      sqlite3_reset(handle);
      sqlite3_clear_bindings(handle);
      if (idle->statements.emplace(sqlite3_sql(handle), handle).second) return;
    }
    sqlite3_finalize(handle);
  }
};

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), idle_(std::move(other.idle_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    Idle::end(*this);
    statement_ = std::exchange(other.statement_, nullptr);
    idle_ = std::move(other.idle_);
  }
  return *this;
}

Statement::~Statement() {
  Idle::end(*this);
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

Statement& Statement::bind(int index, double value) {
  sqlite3_bind_double(statement_, index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  sqlite3_bind_text64(statement_, index, address_of(value), value.size(),
                      reinterpret_cast<sqlite3_destructor_type>(-1), SQLITE_UTF8);  // copies
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(statement_, index);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(sqlite3_db_handle(statement_), code, "running a statement");
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  const int size = sqlite3_column_bytes(statement_, column);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int Statement::columns() const {
  return sqlite3_column_count(statement_);
}

Result<Connection> Connection::open(const std::string& uri, int flags) {
  if (flags == 0) flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags, nullptr);
  Connection connection(handle);  // also a failed open leaves a handle to close
  if (code != SQLITE_OK) return error_of(handle, code, "opening a database");
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)), idle_(std::move(other.idle_)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  if (this != &other) {
    idle_.reset();
    sqlite3_close_v2(db_);
    db_ = std::exchange(other.db_, nullptr);
    idle_ = std::move(other.idle_);
  }
  return *this;
}

Connection::~Connection() {
  idle_.reset();
  sqlite3_close_v2(db_);
}

void Connection::keep_statements() {
  if (!idle_) idle_ = std::make_shared<Idle>();
}

Result<void> Connection::run(std::string_view sql, Names names) {
  const char* rest = address_of(sql);
  const char* const end = rest + sql.size();
  while (rest < end && *rest != '\0') {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v2(db_, rest, static_cast<int>(end - rest), &handle, &rest);
    if (code != SQLITE_OK) return error("preparing a statement", names);
    if (handle == nullptr) continue;  // white space or a comment
    Statement statement(handle, nullptr);
    for (int step = SQLITE_ROW; step != SQLITE_DONE;) {
      step = sqlite3_step(handle);
      if (step != SQLITE_ROW && step != SQLITE_DONE)
        return error_of(db_, step, "running a statement", names);
    }
  }
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  if (idle_)
    if (sqlite3_stmt* const kept = idle_->take(sql)) return Statement(kept, idle_);
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(db_, address_of(sql), length_of(sql), &handle, nullptr);
  if (code != SQLITE_OK) return error("preparing a statement");
  if (handle == nullptr) return Error{Cause::internal, "an empty SQL statement", ""};
  return Statement(handle, idle_);
}

Result<std::int64_t> Connection::integer(std::string_view sql) {
  TRY_ASSIGN(Statement statement, prepare(sql));
  TRY_ASSIGN(const bool row, statement.step());
  if (!row) return Error{Cause::internal, "a query gave no row", ""};
  return statement.integer(0);
}

Result<std::string> Connection::text(std::string_view sql) {
  TRY_ASSIGN(Statement statement, prepare(sql));
  TRY_ASSIGN(const bool row, statement.step());
  if (!row) return Error{Cause::internal, "a query gave no row", ""};
  return std::string(statement.text(0));
}

std::int64_t Connection::last_changes() const {
  return sqlite3_changes64(db_);
}

Error Connection::error(std::string_view doing, Names names) const {
  return error_of(db_, sqlite3_extended_errcode(db_), doing, names);
}

Code Connection::code() const {
  return code_of(sqlite3_errcode(db_));
}

Result<Transaction> Transaction::begin(Connection& db) {
  TRY(db.run("BEGIN IMMEDIATE"));
  return Transaction(&db);
}

Transaction::~Transaction() {
  // A failed statement may have rolled back already; then there is nothing left to undo.
  if (db_ != nullptr && sqlite3_get_autocommit(db_->handle()) == 0) (void)db_->run("ROLLBACK");
}

Result<void> Transaction::commit() {
  TRY(db_->run("COMMIT"));
  db_ = nullptr;
  return {};
}

std::string uri_of(const Path& path, std::string_view query) {
  static constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  // Two slashes at the start would be read as the beginning of a host.
  if (path.native().starts_with("//")) uri += "//";
  for (const char c : path.native()) {
    if (plain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += digits[byte >> 4U];
      uri += digits[byte & 15U];
    }
  }
  if (!query.empty()) uri.append("?").append(query);
  return uri;
}

}  // namespace backproof::sqlite
