// SPDX-License-Identifier: Apache-2.0
#include "db/pg_connection.h"

#include <libpq-fe.h>
#include <libpq/libpq-fs.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof::pg {
namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

std::string field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value == nullptr ? "" : value;
}

bool is_error(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
         status == PGRES_NONFATAL_ERROR;
}

// A backslash and a blank must not end an option.
std::string as_option(const std::string& setting) {
  std::string option = "-c ";
  for (const char c : setting) {
    if (c == ' ' || c == '\\') option += '\\';
    option += c;
  }
  return option;
}

Error cannot_open(PGconn* connection) {
  // The message may hold what the address holds; a password never stands in it.
  const std::string message = connection == nullptr
                                  ? "out of memory"
                                  : text::printable(text::trim(PQerrorMessage(connection)));
  // It could before: only SQL of the dump can have taken that right away.
  if (message.find("is not permitted to log in") != std::string::npos)
    return {Cause::hostile, "the dump keeps the superuser of its own server out", ""};
  // A library that ALTER DATABASE or ALTER ROLE wants in every session.
  constexpr std::string_view no_library = "could not access file \"";
  if (const std::size_t at = message.find(no_library); at != std::string::npos) {
    const std::string_view name = std::string_view(message).substr(at + no_library.size());
    return {Cause::missing_tool,
            "the dump's settings load library " + std::string(name.substr(0, name.find('"'))) +
                " into every session, and it is not installed",
            "install the extension that it belongs to"};
  }
  return {Cause::internal, "cannot connect to the PostgreSQL server: " + message, ""};
}

}  // namespace

void Connection::Close::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

Result<Connection> Connection::open(const std::string& conninfo, const std::string& database,
                                    const std::vector<std::string>& settings) {
  std::string options;
  for (const std::string& setting : settings)
    options += (options.empty() ? "" : " ") + as_option(setting);
  PQconninfoOption* parsed = nullptr;
  char* problem = nullptr;
  parsed = PQconninfoParse(conninfo.c_str(), &problem);
  if (parsed == nullptr) {
    PQfreemem(problem);
    return Error{Cause::internal, "the server's address is not one that libpq understands", ""};
  }
  std::vector<const char*> names, texts;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    names.push_back(option->keyword);
    texts.push_back(option->val);
  }
  const auto add = [&](const char* name, const char* value) {
    names.push_back(name);
    texts.push_back(value);
  };
  add("dbname", database.c_str());
  add("options", options.c_str());
  add("application_name", "backproof");
  add(nullptr, nullptr);
  PGconn* made = PQconnectdbParams(names.data(), texts.data(), 0);
  PQconninfoFree(parsed);
  Connection connection(made);
  if (made == nullptr || PQstatus(made) != CONNECTION_OK) return cannot_open(made);
  PQsetNoticeReceiver(
      made, [](void*, const PGresult*) {}, nullptr);
  return connection;
}

Error Connection::failure(const void* answer) {
  const auto* result = static_cast<const PGresult*>(answer);
  failed_ = {};
  if (result != nullptr) {
    failed_ = {field(result, PG_DIAG_SQLSTATE),        field(result, PG_DIAG_MESSAGE_PRIMARY),
               field(result, PG_DIAG_SCHEMA_NAME),     field(result, PG_DIAG_TABLE_NAME),
               field(result, PG_DIAG_COLUMN_NAME),     field(result, PG_DIAG_DATATYPE_NAME),
               field(result, PG_DIAG_CONSTRAINT_NAME), field(result, PG_DIAG_CONTEXT),
               field(result, PG_DIAG_SOURCE_FUNCTION), {}};
    failed_.sql = begins_;
    // Inside of it can be a statement of any length; who executed that stands behind.
    constexpr std::size_t enough = 4096;
    if (failed_.context.size() > enough)
      failed_.context.replace(0, failed_.context.size() - enough, "...\n");
  }
  // Of what goes wrong between the two, libpq has only words.
  const std::string_view said = PQerrorMessage(connection_.get());
  for (const char* words : {"out of memory", "cannot allocate memory", "lost synchronization"})
    if (failed_.sqlstate.empty() && said.find(words) != std::string_view::npos)
      return {Cause::space, "there is not enough memory for what the server sends", ""};
  return error_of(failed_, Cause::restore_error);
}

Result<void> Connection::run(const std::string& sql) {
  begin(sql);
  if (PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) ==
      0)
    return failure(nullptr);
  std::optional<Error> first;
  while (const Answer answer{PQgetResult(connection_.get())}) {
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      // Nobody has rows for it.
      if (status == PGRES_COPY_IN) PQputCopyEnd(connection_.get(), "no rows");
      char* row = nullptr;
      int size = 0;
      while (status == PGRES_COPY_OUT && (size = PQgetCopyData(connection_.get(), &row, 0)) > 0)
        PQfreemem(row);
      if (size == -2) return lose_row();
    }
    if (is_error(answer.get()) && !first) first = failure(answer.get());
    stored_nothing_ = std::string_view(PQcmdStatus(answer.get())) == "INSERT 0 0";
  }
  if (first) return *first;
  if (PQstatus(connection_.get()) != CONNECTION_OK) return failure(nullptr);
  return {};
}

Result<Rows> Connection::query(const std::string& sql, const std::vector<std::string>& parameters) {
  begin(sql);
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const Answer answer{PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                   nullptr, values.data(), nullptr, nullptr, 0)};
  if (!answer || is_error(answer.get())) return failure(answer.get());
  Rows rows(static_cast<std::size_t>(PQntuples(answer.get())));
  for (int row = 0; row < PQntuples(answer.get()); ++row)
    for (int column = 0; column < PQnfields(answer.get()); ++column)
      rows[static_cast<std::size_t>(row)].push_back(
          PQgetisnull(answer.get(), row, column) != 0
              ? std::nullopt
              : std::optional<std::string>(
                    std::in_place, PQgetvalue(answer.get(), row, column),
                    static_cast<std::size_t>(PQgetlength(answer.get(), row, column))));
  return rows;
}

Result<std::string> Connection::scalar(const std::string& sql,
                                       const std::vector<std::string>& parameters) {
  TRY_ASSIGN(Rows rows, query(sql, parameters));
  if (rows.size() != 1 || rows.front().empty())
    return Error{Cause::internal, "a query for one value gave " + text::plural(rows.size(), "row"),
                 ""};
  return rows.front().front().value_or("");
}

Result<void> Connection::copy_begin(const std::string& sql) {
  begin(sql);
  const Answer answer{
      PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0)};
  if (!answer || is_error(answer.get())) return failure(answer.get());
  if (PQresultStatus(answer.get()) == PGRES_COPY_IN) return {};
  return Error{Cause::restore_error, "the statement is no COPY FROM stdin", ""};
}

Result<void> Connection::copy_put(ByteView bytes) {
  // libpq counts in int, and its buffer grows to what it is given at once.
  constexpr std::size_t at_once = 1U << 18U;
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(bytes.size(), at_once));
    if (PQputCopyData(connection_.get(), reinterpret_cast<const char*>(part.data()),
                      static_cast<int>(part.size())) != 1)
      return finish_copy();
    bytes = bytes.subspan(part.size());
  }
  return {};
}

// After a refusal the server's reason is waiting.
Result<void> Connection::finish_copy() {
  std::optional<Error> first;
  while (const Answer answer{PQgetResult(connection_.get())}) {
    if (PQresultStatus(answer.get()) == PGRES_COPY_IN)
      PQputCopyEnd(connection_.get(), "given up");
    else if (is_error(answer.get()) && !first)
      first = failure(answer.get());
    if (PQstatus(connection_.get()) != CONNECTION_OK) break;
  }
  return first ? *first : failure(nullptr);
}

Result<std::uint64_t> Connection::copy_end() {
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) return finish_copy().error();
  std::uint64_t rows = 0;
  std::optional<Error> first;
  while (const Answer answer{PQgetResult(connection_.get())}) {
    if (is_error(answer.get()) && !first) first = failure(answer.get());
    rows = text::parse_count(PQcmdTuples(answer.get())).value_or(rows);
  }
  if (first) return *first;
  if (PQstatus(connection_.get()) != CONNECTION_OK) return failure(nullptr);
  return rows;
}

Result<void> Connection::copy_out(const std::string& sql,
                                  const std::function<Result<void>(ByteView row)>& take) {
  begin(sql);
  const Answer begun{
      PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0)};
  if (!begun || is_error(begun.get())) return failure(begun.get());
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT)
    return Error{Cause::internal, "the statement is no COPY TO stdout", ""};
  std::optional<Error> first;
  char* row = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection_.get(), &row, 0)) > 0) {
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(row, PQfreemem);
    if (first) continue;  // what was under way when it was cancelled
    const std::string_view text(row, static_cast<std::size_t>(size));
    const auto taken = take(as_bytes(text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0))));
    if (taken) continue;
    first = taken.error();
    cancel();
  }
  if (size == -2) {
    const Error lost = lose_row();
    return first.value_or(lost);
  }
  while (const Answer answer{PQgetResult(connection_.get())})
    if (is_error(answer.get()) && !first) first = failure(answer.get());
  if (first) return *first;
  if (PQstatus(connection_.get()) != CONNECTION_OK) return failure(nullptr);
  return {};
}

// A row for which libpq has no memory stays where it is: such a session can do nothing else.
Error Connection::lose_row() {
  Error lost = failure(nullptr);
  connection_.reset();
  return lost;
}

Result<void> Connection::large_object_open(std::uint32_t oid) {
  TRY(run("BEGIN"));
  large_object_ = lo_open(connection_.get(), oid, INV_WRITE);
  if (large_object_ >= 0) return {};
  (void)run("ROLLBACK");
  return Error{Cause::restore_error, "cannot open large object " + std::to_string(oid), ""};
}

Result<void> Connection::large_object_write(ByteView bytes) {
  constexpr std::size_t at_once = 1U << 18U;
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(bytes.size(), at_once));
    const int written = lo_write(connection_.get(), large_object_,
                                 reinterpret_cast<const char*>(part.data()), part.size());
    if (written < 0 || static_cast<std::size_t>(written) != part.size())
      return Error{Cause::restore_error, "cannot write a large object", ""};
    bytes = bytes.subspan(part.size());
  }
  return {};
}

Result<void> Connection::large_object_close() {
  const bool closed = lo_close(connection_.get(), large_object_) == 0;
  large_object_ = -1;
  TRY(run(closed ? "COMMIT" : "ROLLBACK"));
  if (closed) return {};
  return Error{Cause::restore_error, "cannot close a large object", ""};
}

std::string Connection::client_encoding() const {
  const char* name = PQparameterStatus(connection_.get(), "client_encoding");
  return name == nullptr ? "" : name;
}

std::string Connection::server_encoding() const {
  const char* name = PQparameterStatus(connection_.get(), "server_encoding");
  return name == nullptr ? "" : name;
}

Result<void> Connection::set_client_encoding(const std::string& name) {
  if (PQsetClientEncoding(connection_.get(), name.c_str()) == 0) return {};
  return Error{Cause::restore_error, "the server does not know client encoding " + name, ""};
}

bool Connection::is_idle() const {
  return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

void Connection::cancel() const {
  struct Free {
    void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
  };
  const std::unique_ptr<PGcancel, Free> request(PQgetCancel(connection_.get()));
  std::array<char, 256> problem{};
  if (request) PQcancel(request.get(), problem.data(), static_cast<int>(problem.size()));
}

std::string literal(std::string_view value) {
  // As E'' it means the same whatever standard_conforming_strings says.
  std::string result = "E'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') result += c;
    result += c;
  }
  return result + '\'';
}

}  // namespace backproof::pg
