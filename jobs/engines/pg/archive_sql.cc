// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_sql.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "engines/pg/sql_statements.h"

namespace backproof {
namespace {

using text::quote_identifier;

constexpr std::array<std::string_view, 19> named_by_tag{"COLLATION",
                                                        "CONVERSION",
                                                        "DOMAIN",
                                                        "EVENT TRIGGER",
                                                        "FOREIGN DATA WRAPPER",
                                                        "FOREIGN TABLE",
                                                        "MATERIALIZED VIEW",
                                                        "PROCEDURAL LANGUAGE",
                                                        "PUBLICATION",
                                                        "SCHEMA",
                                                        "SEQUENCE",
                                                        "SERVER",
                                                        "STATISTICS",
                                                        "SUBSCRIPTION",
                                                        "TABLE",
                                                        "TEXT SEARCH CONFIGURATION",
                                                        "TEXT SEARCH DICTIONARY",
                                                        "TYPE",
                                                        "VIEW"};
constexpr std::array<std::string_view, 6> named_by_drop{
    "AGGREGATE", "FUNCTION", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "PROCEDURE"};
// Their owner is that of something else.
constexpr std::array<std::string_view, 11> without_owner{
    "CAST",   "CHECK CONSTRAINT", "CONSTRAINT", "DEFAULT", "FK CONSTRAINT", "INDEX",
    "POLICY", "ROW SECURITY",     "RULE",       "TRIGGER", "USER MAPPING"};

bool one_of(const auto& list, std::string_view type) {
  return std::ranges::find(list, type) != list.end();
}

bool is_privilege(const ArchiveEntry& entry) {
  return entry.is("ACL") || entry.is("ACL LANGUAGE") || entry.is("DEFAULT ACL");
}

const ArchiveEntry* find(const ArchiveToc& toc, std::string_view type) {
  const auto found =
      std::ranges::find_if(toc.entries, [&](const ArchiveEntry& e) { return e.is(type); });
  return found == toc.entries.end() ? nullptr : &*found;
}

// The value of the SET that an entry is.
std::string setting_of(const ArchiveEntry* entry) {
  return entry == nullptr ? "" : read_setting(entry->definition).value;
}

unsigned major_of(std::string_view version) {
  return static_cast<unsigned>(
      text::parse_count(version.substr(0, version.find_first_not_of("0123456789"))).value_or(0));
}

// Each line of the definition of a BLOB METADATA entry is an OID.
Result<void> for_objects(const ArchiveEntry& entry, std::string_view first, std::string_view second,
                         const ArchiveSql::Say& say) {
  std::string_view rest = entry.definition;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!text::parse_count(rest.substr(0, end)))
      return Error{Cause::damaged, "it has a large object whose OID is no number", ""};
    TRY(say(std::string(first).append(rest.substr(0, end)).append(second) + ";"));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

// A GRANT or REVOKE for the first of many large objects, around its OID.
struct Privilege {
  std::string first, second;
};

// Names of roles in quotes may hold anything.
Result<std::vector<Privilege>> privileges_in(std::string_view sql) {
  constexpr std::string_view mark = "LARGE OBJECT ";
  std::vector<Privilege> found;
  Privilege now;
  bool quoted = false, past_mark = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    std::string& half = past_mark ? now.second : now.first;
    quoted = quoted != (sql[i] == '"');
    if (!quoted && !past_mark && sql.substr(i).starts_with(mark)) {
      half += mark;
      past_mark = true;
      i = std::min(sql.find_first_not_of("0123456789", i + mark.size()), sql.size()) - 1;
    } else if (!quoted && sql[i] == ';') {
      if (!past_mark) return Error{Cause::damaged, "it has a grant on no large object", ""};
      found.push_back(std::exchange(now, {}));
      past_mark = false;
    } else if (past_mark || !half.empty() || (sql[i] != ' ' && sql[i] != '\n')) {
      half += sql[i];
    }
  }
  return found;
}

}  // namespace

std::optional<ArchiveRound> round_of(const ArchiveEntry& entry) {
  const bool about = entry.is("ACL") || entry.is("COMMENT") || entry.is("SECURITY LABEL");
  if (entry.is("ENCODING") || entry.is("STDSTRINGS") || entry.is("SEARCHPATH") ||
      entry.is("DATABASE") || entry.is("DATABASE PROPERTIES") || entry.is("<Init>") ||
      (about && entry.tag.starts_with("DATABASE ")))
    return {};
  if (is_privilege(entry)) return ArchiveRound::privileges;
  if (entry.is("EVENT TRIGGER") || entry.is("MATERIALIZED VIEW DATA") ||
      (about && entry.tag.starts_with("EVENT TRIGGER ")) ||
      (entry.is("STATISTICS DATA") && entry.section == ArchiveSection::post_data))
    return ArchiveRound::last;
  return ArchiveRound::main;
}

DumpHeader header_of(const ArchiveToc& toc) {
  DumpHeader header{.server_version = toc.header.server_version,
                    .dump_version = toc.header.dump_version,
                    .database = toc.header.database,
                    .encoding = setting_of(find(toc, "ENCODING")),
                    .locale = "",
                    .locale_options = "",
                    .created = toc.header.created};
  const ArchiveEntry* const database = find(toc, "DATABASE");
  if (database == nullptr) return header;
  header.database = database->tag;
  CreatedDatabase created = created_database(database->definition);
  if (!created.encoding.empty()) header.encoding = std::move(created.encoding);
  header.locale = std::move(created.locale);
  header.locale_options = std::move(created.locale_options);
  return header;
}

ArchiveSql::ArchiveSql(const ArchiveToc& toc) : toc_(toc) {
  if (const ArchiveEntry* const entry = find(toc, "ENCODING")) client_encoding_ = setting_of(entry);
  standard_strings_ = setting_of(find(toc, "STDSTRINGS")) == "on";
  if (const ArchiveEntry* const entry = find(toc, "SEARCHPATH")) search_path_ = entry->definition;
}

std::string ArchiveSql::settings() const {
  std::string sql =
      "SET statement_timeout = 0;\n"
      "SET lock_timeout = 0;\n"
      "SET idle_in_transaction_session_timeout = 0;\n";
  if (major_of(toc_.header.dump_version) >= 17) sql += "SET transaction_timeout = 0;\n";
  sql += "SET client_encoding = '" + client_encoding_ + "';\n";
  sql += std::string("SET standard_conforming_strings = ") + (standard_strings_ ? "on" : "off") +
         ";\n" + search_path_;
  sql +=
      "SET check_function_bodies = false;\n"
      "SET xmloption = content;\n"
      "SET client_min_messages = warning;\n";
  if (!standard_strings_) sql += "SET escape_string_warning = off;\n";
  return sql + "SET row_security = off;\n";
}

std::string ArchiveSql::before(const ArchiveEntry& entry) {
  std::string sql;
  // Archives without a search path of their own were made for that of each entry.
  if (search_path_.empty() && !entry.schema.empty() && schema_ != entry.schema) {
    sql += "SET search_path = " + quote_identifier(entry.schema) +
           (entry.schema == "pg_catalog" ? ";\n" : ", pg_catalog;\n");
    schema_ = entry.schema;
  }
  if (entry.tablespace && tablespace_ != entry.tablespace) {
    sql += "SET default_tablespace = " +
           (entry.tablespace->empty() ? "''" : quote_identifier(*entry.tablespace)) + ";\n";
    tablespace_ = entry.tablespace;
  }
  if (!entry.partitioned && entry.access_method && access_method_ != entry.access_method) {
    sql += "SET default_table_access_method = " + quote_identifier(*entry.access_method) + ";\n";
    access_method_ = entry.access_method;
  }
  return sql;
}

Result<void> ArchiveSql::define(const ArchiveEntry& entry, const Say& say) const {
  if (entry.is("BLOB METADATA"))
    TRY(for_objects(entry, "SELECT pg_catalog.lo_create('", "')", say));
  else if (entry.is("ACL") && entry.tag.starts_with("LARGE OBJECTS"))
    TRY(grant_objects(entry, say));
  else if (!entry.definition.empty())
    TRY(say(entry.definition));
  if (entry.droppable && !entry.owner.empty()) TRY(define_owner(entry, say));
  if (entry.partitioned && entry.access_method)
    TRY(say("ALTER TABLE " + (entry.schema.empty() ? "" : quote_identifier(entry.schema) + ".") +
            quote_identifier(entry.tag) + " SET ACCESS METHOD " +
            quote_identifier(*entry.access_method) + ";"));
  return {};
}

Result<void> ArchiveSql::define_owner(const ArchiveEntry& entry, const Say& say) const {
  const std::string owner = " OWNER TO " + quote_identifier(entry.owner);
  if (entry.is("BLOB METADATA")) return for_objects(entry, "ALTER LARGE OBJECT ", owner, say);
  if (entry.is("BLOB")) return say("ALTER LARGE OBJECT " + entry.tag + owner + ";");
  if (one_of(named_by_tag, entry.type))
    return say("ALTER " + entry.type + " " +
               (entry.schema.empty() ? "" : quote_identifier(entry.schema) + ".") +
               quote_identifier(entry.tag) + owner + ";");
  if (one_of(named_by_drop, entry.type)) {
    std::string_view name = entry.drop;
    if (!name.starts_with("DROP ")) return Error{Cause::damaged, "its DROP statement is none", ""};
    name.remove_prefix(5);
    name = name.substr(0, name.find_last_not_of("\n;") + 1);
    return say("ALTER " + std::string(name) + owner + ";");
  }
  if (one_of(without_owner, entry.type)) return {};
  return Error{Cause::version, "how to set the owner of its type is not known",
               "it may come from a newer pg_dump; pg_dump in plain format works with any"};
}

// One set of grants for all large objects of another entry.
Result<void> ArchiveSql::grant_objects(const ArchiveEntry& entry, const Say& say) const {
  const auto objects = std::ranges::find_if(
      toc_.entries, [&](const ArchiveEntry& e) { return e.id == entry.first_dependency; });
  if (objects == toc_.entries.end() || !objects->is("BLOB METADATA"))
    return Error{Cause::damaged, "it does not say for which large objects it is", ""};
  TRY_ASSIGN(const auto privileges, privileges_in(entry.definition));
  for (const Privilege& privilege : privileges)
    TRY(for_objects(*objects, privilege.first, privilege.second, say));
  return {};
}

}  // namespace backproof
