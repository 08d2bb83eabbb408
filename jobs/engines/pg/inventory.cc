// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/inventory.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace backproof {
namespace {

// How the catalog names the objects of one of pg_dump's types: schema (empty for none) and tag, as
// pg_dump writes them (its functions dump*() call ArchiveEntry with them).
struct Kind {
  std::string_view type;
  std::string_view select;
};

#define RELATIONS(kinds)                                      \
  "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c "   \
  "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace " \
  "WHERE c.relkind IN (" kinds ")"
#define ATTACHED(kinds) RELATIONS(kinds) " AND c.relispartition"
#define CONSTRAINTS(types)                                                                    \
  "SELECT n.nspname, pg_catalog.concat(c.relname, t.typname, ' ', o.conname) "                \
  "FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace " \
  "LEFT JOIN pg_catalog.pg_class c ON c.oid = o.conrelid "                                    \
  "LEFT JOIN pg_catalog.pg_type t ON t.oid = o.contypid WHERE o.contype IN (" types ")"
#define OF_TABLE(catalog, name, relation)                                                    \
  "SELECT n.nspname, pg_catalog.concat(c.relname, ' ', x." name ") FROM pg_catalog." catalog \
  " x JOIN pg_catalog.pg_class c ON c.oid = x." relation                                     \
  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
#define IN_SCHEMA(catalog, name, schema)                  \
  "SELECT n.nspname, x." name " FROM pg_catalog." catalog \
  " x JOIN pg_catalog.pg_namespace n ON n.oid = x." schema
#define IN_DATABASE(catalog, name) "SELECT '', x." name " FROM pg_catalog." catalog " x"
#define ROUTINES(kinds)                                                                 \
  "SELECT n.nspname, pg_catalog.concat(p.proname, '(', CASE WHEN p.prokind = 'a' AND "  \
  "p.pronargs = 0 THEN '*' ELSE pg_catalog.oidvectortypes(p.proargtypes) END, ')') "    \
  "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace " \
  "WHERE p.prokind IN (" kinds ")"

constexpr std::array kinds{
    Kind{"TABLE", RELATIONS("'r', 'p'")},
    Kind{"TABLE DATA", RELATIONS("'r', 'p', 'f'")},
    Kind{"VIEW", RELATIONS("'v'")},
    Kind{"MATERIALIZED VIEW", RELATIONS("'m'")},
    Kind{"FOREIGN TABLE", RELATIONS("'f'")},
    Kind{"SEQUENCE", RELATIONS("'S'")},
    Kind{"SEQUENCE SET", RELATIONS("'S'")},
    Kind{"INDEX", RELATIONS("'i', 'I'")},
    Kind{"CONSTRAINT", CONSTRAINTS("'p', 'u', 'x', 'c', 'n'")},
    Kind{"CHECK CONSTRAINT", CONSTRAINTS("'c', 'n'")},
    Kind{"FK CONSTRAINT", CONSTRAINTS("'f'")},
    Kind{"TABLE ATTACH", ATTACHED("'r', 'p', 'f'")},
    Kind{"INDEX ATTACH", ATTACHED("'i', 'I'")},
    Kind{"TRIGGER", OF_TABLE("pg_trigger", "tgname", "tgrelid")},
    Kind{"RULE", OF_TABLE("pg_rewrite", "rulename", "ev_class")},
    Kind{"POLICY", OF_TABLE("pg_policy", "polname", "polrelid")},
    Kind{"FUNCTION", ROUTINES("'f', 'w'")},
    Kind{"PROCEDURE", ROUTINES("'p'")},
    Kind{"AGGREGATE", ROUTINES("'a'")},
    Kind{"TYPE", IN_SCHEMA("pg_type", "typname", "typnamespace")},
    Kind{"DOMAIN", IN_SCHEMA("pg_type", "typname", "typnamespace")},
    Kind{"COLLATION", IN_SCHEMA("pg_collation", "collname", "collnamespace")},
    Kind{"CONVERSION", IN_SCHEMA("pg_conversion", "conname", "connamespace")},
    Kind{"OPERATOR", IN_SCHEMA("pg_operator", "oprname", "oprnamespace")},
    Kind{"OPERATOR CLASS", IN_SCHEMA("pg_opclass", "opcname", "opcnamespace")},
    Kind{"OPERATOR FAMILY", IN_SCHEMA("pg_opfamily", "opfname", "opfnamespace")},
    Kind{"STATISTICS", IN_SCHEMA("pg_statistic_ext", "stxname", "stxnamespace")},
    Kind{"TEXT SEARCH CONFIGURATION", IN_SCHEMA("pg_ts_config", "cfgname", "cfgnamespace")},
    Kind{"TEXT SEARCH DICTIONARY", IN_SCHEMA("pg_ts_dict", "dictname", "dictnamespace")},
    Kind{"TEXT SEARCH PARSER", IN_SCHEMA("pg_ts_parser", "prsname", "prsnamespace")},
    Kind{"TEXT SEARCH TEMPLATE", IN_SCHEMA("pg_ts_template", "tmplname", "tmplnamespace")},
    Kind{"SCHEMA", IN_DATABASE("pg_namespace", "nspname")},
    Kind{"EXTENSION", IN_DATABASE("pg_extension", "extname")},
    Kind{"EVENT TRIGGER", IN_DATABASE("pg_event_trigger", "evtname")},
    Kind{"PUBLICATION", IN_DATABASE("pg_publication", "pubname")},
    Kind{"SUBSCRIPTION", IN_DATABASE("pg_subscription", "subname")},
    Kind{"SERVER", IN_DATABASE("pg_foreign_server", "srvname")},
    Kind{"FOREIGN DATA WRAPPER", IN_DATABASE("pg_foreign_data_wrapper", "fdwname")},
    Kind{"ACCESS METHOD", IN_DATABASE("pg_am", "amname")},
    Kind{"PROCEDURAL LANGUAGE", IN_DATABASE("pg_language", "lanname")},
    Kind{"BLOB", IN_DATABASE("pg_largeobject_metadata", "oid::pg_catalog.text")},
};

// pg_dump writes names on one line, and with --quote-all-identifiers the types in signatures with
// quotes.
std::string comparable(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (name.ends_with(')')) std::erase(name, '"');
  return name;
}

using Name = std::pair<std::string, std::string>;  // schema, tag

std::string shown(const Name& name) {
  return text::printable((name.first.empty() ? "" : name.first + ".") + name.second);
}

Result<std::set<Name>> names_in(pg::Connection& connection, std::string_view select) {
  TRY_ASSIGN(const pg::Rows rows, connection.query(std::string(select)));
  std::set<Name> names;
  for (const pg::Row& row : rows)
    names.insert({comparable(row[0].value_or("")), comparable(row[1].value_or(""))});
  return names;
}

}  // namespace

bool PgInventory::add(const DumpEntry& entry) {
  const bool known = std::any_of(kinds.begin(), kinds.end(),
                                 [&](const Kind& kind) { return kind.type == entry.type; });
  if (!known) return false;
  ++size_;
  by_type_[entry.type].insert({comparable(entry.schema), comparable(entry.name)});
  return true;
}

Result<std::vector<std::string>> PgInventory::missing(pg::Connection& connection) const {
  std::vector<std::string> lost;
  for (const Kind& kind : kinds) {
    const auto named = by_type_.find(std::string(kind.type));
    if (named == by_type_.end()) continue;
    TRY_ASSIGN(const std::set<Name> there, names_in(connection, kind.select));
    for (const Name& name : named->second)
      if (!there.contains(name)) lost.push_back(std::string(kind.type) + " " + shown(name));
  }
  return lost;
}

Result<std::vector<std::string>> PgInventory::without_rows(pg::Connection& connection) const {
  std::vector<std::string> bare;
  const auto tables = by_type_.find("TABLE"), rows = by_type_.find("TABLE DATA");
  if (tables == by_type_.end() || rows == by_type_.end()) return bare;
  TRY_ASSIGN(const std::set<Name> ordinary, names_in(connection, RELATIONS("'r'")));
  for (const Name& name : tables->second)
    if (!rows->second.contains(name) && ordinary.contains(name)) bare.push_back(shown(name));
  return bare;
}

}  // namespace backproof
