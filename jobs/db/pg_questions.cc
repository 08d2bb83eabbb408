// SPDX-License-Identifier: Apache-2.0
#include "db/pg_questions.h"

#include <map>

#include "base/text.h"

namespace backproof::pg {
namespace {

// No catalog of the system, nothing temporary.
#define USER_SCHEMA "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' "

constexpr const char* indexes_query =
    "SELECT n.nspname, c.relname, t.relname FROM pg_index i "
    "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'i' AND NOT (i.indisvalid AND i.indisready AND i.indislive) "
    "AND " USER_SCHEMA "ORDER BY 1, 2";

// Sequences of columns, owned or by default, where the column alone is unique.
constexpr const char* sequences_query =
    "SELECT DISTINCT s.oid, sn.nspname, s.relname, n.nspname, c.relname, a.attname "
    "FROM pg_class s JOIN pg_namespace sn ON sn.oid = s.relnamespace "
    "JOIN pg_depend d ON s.oid = CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid "
    "ELSE d.refobjid END "
    "LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid "
    "JOIN pg_attribute a ON a.attrelid = coalesce(f.adrelid, d.refobjid) "
    "AND a.attnum = coalesce(f.adnum, d.refobjsubid) "
    "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE s.relkind = 'S' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND a.atttypid IN "
    "('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype) "
    "AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique "
    "AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL) ORDER BY 2, 3";

constexpr const char* keys_query =
    "SELECT o.oid, n.nspname, c.relname, o.conname, pn.nspname, p.relname, c.relkind, p.relkind, "
    "o.confmatchtype FROM pg_constraint o "
    "JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_class p ON p.oid = o.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace "
    "WHERE o.contype = 'f' AND ";

constexpr const char* key_columns_query =
    "SELECT a.attname, pa.attname, opn.nspname, op.oprname FROM pg_constraint o "
    "CROSS JOIN LATERAL unnest(o.conkey, o.confkey, o.conpfeqop) AS k(f, p, eq) "
    "JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.f "
    "JOIN pg_attribute pa ON pa.attrelid = o.confrelid AND pa.attnum = k.p "
    "JOIN pg_operator op ON op.oid = k.eq JOIN pg_namespace opn ON opn.oid = op.oprnamespace "
    "WHERE o.oid = $1::oid";

std::string at(const Row& row, std::size_t column) {
  return row[column].value_or("");
}

std::string shown(const std::string& schema, const std::string& name) {
  return text::printable(schema + "." + name);
}

// Rows of the referencing table without a row to refer to, as the server's own validation has it
// (MATCH SIMPLE: a null anywhere is enough; MATCH FULL: all or none).
Result<std::string> count_orphans_sql(Connection& connection, const Row& key) {
  TRY_ASSIGN(const Rows columns, connection.query(key_columns_query, {at(key, 0)}));
  if (columns.empty()) return Error{Cause::internal, "a foreign key has no columns", ""};
  const bool full = at(key, 8) == "f";
  std::string join, filled, null;
  for (const Row& column : columns) {
    const std::string mine = "f." + text::quote_identifier(at(column, 0)),
                      theirs = "p." + text::quote_identifier(at(column, 1));
    const bool first = join.empty();
    join += (first ? "" : " AND ") + theirs + " OPERATOR(" + text::quote_identifier(at(column, 2)) +
            "." + at(column, 3) + ") " + mine;
    filled += (first ? "" : full ? " OR " : " AND ") + mine + " IS NOT NULL";
    if (first) null = theirs + " IS NULL";
  }
  const auto only = [](const std::string& kind) { return kind == "p" ? "" : "ONLY "; };
  return "SELECT count(*) FROM " + std::string(only(at(key, 6))) +
         text::quote_identifier(at(key, 1)) + "." + text::quote_identifier(at(key, 2)) +
         " f LEFT JOIN " + only(at(key, 7)) + text::quote_identifier(at(key, 4)) + "." +
         text::quote_identifier(at(key, 5)) + " p ON " + join + " WHERE " + null + " AND (" +
         filled + ")";
}

// Those that are enabled ALWAYS fire in every session, and may forbid all of what they fire at;
// they do not at ALTER EVENT TRIGGER.
Result<void> silence_event_triggers(Connection& connection) {
  TRY_ASSIGN(const Rows triggers,
             connection.query("SELECT evtname FROM pg_event_trigger WHERE evtenabled <> 'D'"));
  for (const Row& row : triggers)
    TRY(connection.run("ALTER EVENT TRIGGER " + text::quote_identifier(at(row, 0)) + " DISABLE"));
  return {};
}

}  // namespace

const std::vector<std::string>& reading_settings() {
  static const std::vector<std::string> settings{
      "search_path=pg_catalog", "client_encoding=UTF8", "default_transaction_read_only=on",
      "row_security=off", "statement_timeout=0", "lock_timeout=0",
      "idle_in_transaction_session_timeout=0", "standard_conforming_strings=on",
      "client_min_messages=warning",
      // The text of values. Names in it, as those of type regclass, are quoted where they must be.
      "datestyle=ISO", "intervalstyle=postgres", "timezone=UTC", "extra_float_digits=3",
      "bytea_output=hex", "lc_monetary=C", "quote_all_identifiers=off"};
  return settings;
}

Result<void> settle_encoding(Connection& connection) {
  if (connection.server_encoding() != "SQL_ASCII") return {};
  return connection.set_client_encoding("SQL_ASCII");
}

Result<Connection> open_for_questions(const std::string& conninfo, const std::string& database) {
  TRY_ASSIGN(Connection connection, open_without_triggers(conninfo, database, reading_settings()));
  TRY(settle_encoding(connection));
  return connection;
}

Result<Connection> open_without_triggers(const std::string& conninfo, const std::string& database,
                                         std::vector<std::string> settings) {
  settings.emplace_back("session_replication_role=replica");
  auto connection = Connection::open(conninfo, database, settings);
  if (connection) return connection;
  settings.pop_back();
  return Connection::open(conninfo, database, settings);
}

Result<Findings> unusable_indexes(Connection& connection) {
  TRY_ASSIGN(const Rows rows, connection.query(indexes_query));
  Findings findings;
  for (const Row& row : rows)
    findings.push_back("index " + shown(at(row, 0), at(row, 1)) + " of table " +
                       text::printable(at(row, 2)) + " is not valid");
  return findings;
}

Result<Findings> sequences_behind(Connection& connection) {
  TRY_ASSIGN(const Rows rows, connection.query(sequences_query));
  Findings findings;
  for (const Row& row : rows) {
    const std::string sequence =
        text::quote_identifier(at(row, 1)) + "." + text::quote_identifier(at(row, 2));
    TRY_ASSIGN(const Rows next,
               connection.query("SELECT 1 FROM " + text::quote_identifier(at(row, 3)) + "." +
                                    text::quote_identifier(at(row, 4)) + " t, " + sequence +
                                    " s, pg_sequence q WHERE q.seqrelid = $1::oid "
                                    "AND t." +
                                    text::quote_identifier(at(row, 5)) +
                                    " = s.last_value + CASE WHEN "
                                    "s.is_called THEN q.seqincrement ELSE 0 END LIMIT 1",
                                {at(row, 0)}));
    if (!next.empty())
      findings.push_back("the next value of sequence " + shown(at(row, 1), at(row, 2)) +
                         " is in unique column " + text::printable(at(row, 5)) + " of table " +
                         shown(at(row, 3), at(row, 4)) + " already");
  }
  return findings;
}

Result<bool> has_all_parents(Connection& connection, const std::string& oid) {
  TRY_ASSIGN(const Rows keys, connection.query(std::string(keys_query) + "o.oid = $1::oid", {oid}));
  if (keys.size() != 1) return Error{Cause::internal, "a foreign key is not there", ""};
  TRY_ASSIGN(const std::string sql, count_orphans_sql(connection, keys.front()));
  // Without statistics the server would walk through indexes, row by row.
  for (const char* setting :
       {"enable_mergejoin = off", "enable_nestloop = off", "enable_indexscan = off",
        "enable_indexonlyscan = off", "enable_bitmapscan = off", "parallel_setup_cost = 0",
        "parallel_tuple_cost = 0"})
    TRY(connection.run(std::string("SET ") + setting));
  TRY_ASSIGN(const std::string count, connection.scalar(sql));
  return count == "0";
}

Result<Findings> orphans(Connection& connection, const std::set<std::string>& proven) {
  TRY_ASSIGN(const Rows keys,
             connection.query(std::string(keys_query) + "o.conparentid = 0 ORDER BY 2, 3, 4"));
  Findings findings;
  for (const Row& key : keys) {
    if (proven.contains(at(key, 0))) continue;
    TRY_ASSIGN(const std::string sql, count_orphans_sql(connection, key));
    TRY_ASSIGN(const std::string count, connection.scalar(sql));
    if (count == "0") continue;
    findings.push_back(text::plural(text::parse_count(count).value_or(0), "row") + " of table " +
                       shown(at(key, 1), at(key, 2)) + " without parent in " +
                       shown(at(key, 4), at(key, 5)) + " by foreign key " +
                       text::printable(at(key, 3)));
  }
  return findings;
}

Error reading_error(const Connection& connection, const Error& error, Cause otherwise) {
  if (error.cause != Cause::restore_error) return error;
  // Of damage the server has conditions of its own (class XX, "data_corrupted").
  const std::string& state = connection.failed().sqlstate;
  const bool damage = state == "XX001" || state == "XX002";
  return error_of(connection.failed(), damage ? Cause::damaged : otherwise);
}

Result<Answer> ask(Connection& connection, const Question& question) {
  const auto failed = [&connection](const Error& error) {
    const Error ours = reading_error(connection, error, Cause::internal);
    if (ours.cause != Cause::timeout) return ours;
    return Error{Cause::timeout, "the query took too long", "give the check a longer timeout"};
  };
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(question.timeout).count();
  for (const std::string& sql :
       {"SET LOCAL statement_timeout = " + std::to_string(milliseconds),
        std::string("SET LOCAL search_path = pg_catalog") + (question.is_of_user ? ", public" : ""),
        "DECLARE backproof_answer NO SCROLL CURSOR FOR " + question.sql})
    if (const auto done = connection.run(sql); !done) return failed(done.error());
  auto rows =
      connection.query("FETCH " + std::to_string(question.max_rows + 1) + " FROM backproof_answer");
  if (!rows) return failed(rows.error());
  if (rows->size() > question.max_rows) return too_many_rows(question);
  return *std::move(rows);
}

Result<Findings> amcheck(Connection& connection, bool& done) {
  TRY_ASSIGN(
      const std::string available,
      connection.scalar("SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck' "
                        "AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"));
  done = available != "0";
  if (!done) return Findings{};
  TRY_ASSIGN(Rows there,
             connection.query("SELECT n.nspname FROM pg_extension e JOIN pg_namespace n "
                              "ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'"));
  const std::string schema = "backproof_amcheck";
  const bool is_ours = there.empty();
  if (is_ours) {
    TRY(silence_event_triggers(connection));
    Result<void> made = connection.run("CREATE SCHEMA IF NOT EXISTS " + schema);
    if (made) made = connection.run("CREATE EXTENSION amcheck SCHEMA " + schema);
    // What stands in its way is no fault of the rows.
    done = static_cast<bool>(made);
    if (!made && made.error().cause == Cause::restore_error) return Findings{};
    TRY(made);
    there.push_back({schema});
  }
  const std::string check = "SELECT " + text::quote_identifier(at(there[0], 0)) +
                            ".bt_index_check($1::oid::regclass, true)";
  TRY_ASSIGN(const Rows indexes,
             connection.query("SELECT c.oid, n.nspname, c.relname FROM pg_class c "
                              "JOIN pg_am a ON a.oid = c.relam "
                              "JOIN pg_namespace n ON n.oid = c.relnamespace "
                              "JOIN pg_index i ON i.indexrelid = c.oid AND i.indisvalid "
                              "WHERE c.relkind = 'i' AND a.amname = 'btree' "
                              "AND c.relpersistence <> 't' AND " USER_SCHEMA "ORDER BY 2, 3"));
  Findings findings;
  for (const Row& index : indexes) {
    if (connection.query(check, {at(index, 0)})) continue;
    findings.push_back("amcheck of index " + shown(at(index, 1), at(index, 2)) + ": " +
                       error_of(connection.failed(), Cause::damaged).text);
  }
  // Later questions are about what the backup holds.
  if (is_ours) TRY(connection.run("DROP SCHEMA " + schema + " CASCADE"));
  return findings;
}

}  // namespace backproof::pg
