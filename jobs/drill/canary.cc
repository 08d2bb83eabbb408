// SPDX-License-Identifier: Apache-2.0
#include "drill/canary.h"

#include "base/sqlite.h"
#include "base/text.h"
#include "db/pg_connection.h"
#include "sandbox/named_server.h"

namespace backproof::drill {
namespace {

constexpr const char* before_name = "the canary from before the backup";
constexpr const char* after_name = "no canary from after the backup";

// "public.canary" as a name in SQL, in either dialect.
std::string quoted(const std::string& table) {
  const std::size_t dot = table.find('.');
  if (dot == std::string::npos) return text::quote_identifier(table);
  return text::quote_identifier(table.substr(0, dot)) + "." +
         text::quote_identifier(table.substr(dot + 1));
}

std::string insert_into(const CanarySpec& canary, const std::string& values) {
  return "INSERT INTO " + quoted(canary.table) + " (" + text::quote_identifier(canary.key) + ", " +
         text::quote_identifier(canary.time) + ") VALUES (" + values + ")";
}

Result<void> write_sqlite(const CanarySpec& canary, const std::string& key, TimePoint now) {
  TRY_ASSIGN(auto db, sqlite::Connection::open(sqlite::uri_of(canary.database.sqlite, "mode=rw")));
  TRY(db.run("PRAGMA busy_timeout = 60000"));
  TRY_ASSIGN(auto row, db.prepare(insert_into(canary, "?1, ?2")));
  row.bind(1, std::string_view(key)).bind(2, std::string_view(text::format_time(now)));
  TRY(row.step());
  return {};
}

Result<void> write_postgresql(const CanarySpec& canary, const std::string& key, TimePoint now) {
  std::string password;
  if (!canary.database.password_file.empty()) {
    TRY_ASSIGN(password, read_password(canary.database.password_file));
  }
  TRY_ASSIGN(const NamedServer server,
             NamedServer::look_up(canary.database.postgresql, password, {}));
  TRY_ASSIGN(auto connection, pg::Connection::open(server.conninfo + " connect_timeout=60",
                                                   server.entry, {"statement_timeout=60s"}));
  TRY(connection.query(insert_into(canary, "$1, $2"), {key, text::format_time(now)}));
  return {};
}

// `how`: "expect" or "min", so many rows.
Spec expect_rows(const CanarySpec& canary, const char* name, const std::string& key,
                 const std::string& how, std::int64_t rows) {
  // A key is made of letters, digits and hyphens.
  return {"sql",
          {{"name", {std::string(name), 0}},
           {"query",
            {"SELECT count(*) FROM " + quoted(canary.table) + " WHERE " +
                 text::quote_identifier(canary.key) + " = '" + key + "'",
             0}},
           {how, {rows, 0}}}};
}

}  // namespace

CanaryKeys canary_keys(const std::string& drill_id) {
  return {drill_id + "-before", drill_id + "-after"};
}

Result<void> write_canary(const CanarySpec& canary, const std::string& key, TimePoint now) {
  const Result<void> written = canary.database.sqlite.empty() ? write_postgresql(canary, key, now)
                                                              : write_sqlite(canary, key, now);
  if (written) return {};
  return Error{Cause::fetch, "the canary cannot be written: " + written.error().text,
               written.error().hint};
}

std::vector<Spec> canary_checks(const CanarySpec& canary, const CanaryKeys& keys) {
  if (canary.table.empty()) return {};
  return {expect_rows(canary, before_name, keys.before, "min", 1),
          expect_rows(canary, after_name, keys.after, "expect", 0)};
}

bool is_canary_check(const CheckResult& result) {
  return result.check == "sql" && (result.subject == before_name || result.subject == after_name);
}

bool is_first_canary_check(const CheckResult& result) {
  return is_canary_check(result) && result.subject == before_name;
}

}  // namespace backproof::drill
