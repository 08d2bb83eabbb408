// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/text.h"
#include "db/pg_database.h"
#include "db/pg_questions.h"

namespace backproof {
namespace {

struct Observation {
  const char* noun;  // in the singular
  const char* meaning;
  const char* select;  // schema and name of each
};

#define USER_SCHEMA \
  "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2"
#define RELATIONS                                \
  "SELECT n.nspname, c.relname FROM pg_class c " \
  "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "

constexpr std::array observations{
    Observation{"unlogged table", "after a crash or in a physical backup it is empty",
                RELATIONS "c.relkind = 'r' AND c.relpersistence = 'u' AND " USER_SCHEMA},
    Observation{"materialized view", "has no content until it is refreshed",
                RELATIONS "c.relkind = 'm' AND NOT c.relispopulated AND " USER_SCHEMA},
    Observation{"index", "is not valid: some partition has none that belongs to it",
                RELATIONS "c.oid IN (SELECT indexrelid FROM pg_index WHERE NOT indisvalid) "
                          "AND c.relkind = 'I' AND " USER_SCHEMA},
    Observation{"table", "has row level security: a dump with --enable-row-security may lack rows",
                RELATIONS "c.relkind IN ('r', 'p') AND c.relrowsecurity AND " USER_SCHEMA},
    Observation{"constraint", "is NOT VALID: the source had not checked older rows",
                "SELECT n.nspname, o.conname FROM pg_constraint o JOIN pg_namespace n "
                "ON n.oid = o.connamespace WHERE NOT o.convalidated AND " USER_SCHEMA},
};

// Columns that may hold the oids of large objects, in databases that have none.
constexpr const char* large_object_columns =
    "SELECT n.nspname, c.relname, a.attname FROM pg_attribute a "
    "JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') "
    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE a.attnum > 0 AND (t.oid = 'oid'::regtype OR (t.typname = 'lo' AND t.typbasetype = "
    "'oid'::regtype)) AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' "
    "ORDER BY 1, 2, 3";

std::string shown(const std::string& schema, const std::string& name) {
  return text::printable(schema + "." + name);
}

Result<void> look_for_large_objects(pg::Connection& connection, std::vector<std::string>& lines) {
  TRY_ASSIGN(const pg::Rows columns, connection.query(large_object_columns));
  for (const pg::Row& row : columns) {
    const std::string table = text::quote_identifier(row[0].value_or("")) + "." +
                              text::quote_identifier(row[1].value_or(""));
    const std::string column = text::quote_identifier(row[2].value_or(""));
    TRY_ASSIGN(const std::string lost,
               connection.scalar("SELECT count(*) FROM " + table + " t WHERE t." + column +
                                 " <> 0 AND NOT EXISTS (SELECT FROM pg_largeobject_metadata m "
                                 "WHERE m.oid = t." +
                                 column + ")"));
    if (lost != "0")
      lines.push_back("column " + text::printable(row[2].value_or("")) + " of table " +
                      shown(row[0].value_or(""), row[1].value_or("")) + " names " + lost +
                      " large objects that were not restored (if it holds large objects)");
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> observe_pg_database(const std::string& conninfo,
                                                     const std::string& database) {
  TRY_ASSIGN(pg::Connection connection, pg::open_for_questions(conninfo, database));
  std::vector<std::string> lines;
  for (const Observation& observation : observations) {
    TRY_ASSIGN(const pg::Rows rows, connection.query(observation.select));
    if (rows.empty()) continue;
    std::string line = std::string(observation.noun) + " " +
                       shown(rows[0][0].value_or(""), rows[0][1].value_or(""));
    if (rows.size() > 1) line += " and " + std::to_string(rows.size() - 1) + " more";
    lines.push_back(line + ": " + observation.meaning);
  }
  TRY(look_for_large_objects(connection, lines));
  return lines;
}

}  // namespace backproof
