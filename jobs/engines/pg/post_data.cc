// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/post_data.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "db/pg_questions.h"
#include "engines/pg/jobs.h"
#include "engines/pg/words.h"

namespace backproof {
namespace {

// Below this a scan costs less than the two statements that would spare it.
constexpr std::uint64_t large_table = 1U << 20U;

struct OnTable {
  std::string_view table;
  bool alone;
};

// CREATE INDEX lets others read its table, ALTER TABLE ADD CONSTRAINT does not.
std::optional<OnTable> table_of(std::string_view sql) {
  PgWords words(sql);
  if (words.take("CREATE")) {
    words.take("UNIQUE");
    if (!words.take("INDEX") || !words.name() || !words.take("ON")) return std::nullopt;
    words.take("ONLY");
    const auto table = words.name();
    return table ? std::optional(OnTable{*table, false}) : std::nullopt;
  }
  if (!words.take("ALTER", "TABLE")) return std::nullopt;
  words.take("ONLY");
  const auto table = words.name();
  if (!table || !words.take("ADD", "CONSTRAINT")) return std::nullopt;
  return OnTable{*table, true};
}

struct ForeignKey {
  std::string table, constraint;  // as written
  std::string oid;
};

// The name in ALTER TABLE ... ADD CONSTRAINT name.
std::string constraint_of(std::string_view sql) {
  PgWords words(sql);
  words.take("ALTER", "TABLE");
  words.take("ONLY");
  (void)words.name();
  words.take("ADD", "CONSTRAINT");
  return std::string(words.name().value_or(""));
}

// A primary key or unique constraint of plain columns, taken apart: its index can be built while
// others read the table, and be adopted afterwards.
struct UniqueKey {
  std::string table, name, kind, columns;  // as written; columns with parentheses
};
std::optional<UniqueKey> unique_key_of(std::string_view sql) {
  UniqueKey key;
  PgWords words(sql);
  words.take("ALTER", "TABLE");
  words.take("ONLY");
  key.table = words.name().value_or("");
  words.take("ADD", "CONSTRAINT");
  key.name = words.name().value_or("");
  key.kind = words.take("PRIMARY", "KEY") ? "PRIMARY KEY" : words.take("UNIQUE") ? "UNIQUE" : "";
  const std::string_view columns = words.rest();
  if (key.kind.empty() || !words.take("(")) return std::nullopt;
  do {
    if (!words.name()) return std::nullopt;
  } while (words.take(","));
  if (!words.take(")")) return std::nullopt;
  key.columns = columns.substr(0, columns.size() - words.rest().size());
  words.take(";");
  return words.rest().empty() ? std::optional(key) : std::nullopt;
}

// Key columns of CREATE INDEX, roughly: what sorting costs grows with them.
std::uint64_t commas_in(std::string_view sql) {
  return static_cast<std::uint64_t>(std::count(sql.begin(), sql.end(), ','));
}

// What pg_dump writes behind an index or a constraint, in the same entry.
bool belongs_to_made(std::string_view sql) {
  PgWords words(sql);
  return words.take("ALTER", "TABLE") || words.take("ALTER", "INDEX");
}

bool is_comment_on_made(const DumpEntry& entry) {
  return entry.type == "COMMENT" &&
         (entry.name.starts_with("INDEX ") || entry.name.starts_with("CONSTRAINT "));
}

Error in(const DumpEntry& entry, const DumpPlace& at, const Error& error) {
  return error.while_doing(entry.type + " " + text::printable(entry.name) + " at " + at.str());
}

// Sessions that wait for each other's tables are told so by the server; then one goes first.
Result<void> run_twice_on_deadlock(pg::Connection& connection, const std::string& sql) {
  Result<void> done = connection.run(sql);
  if (!done && connection.failed().sqlstate == "40P01") done = connection.run(sql);
  return done;
}

Result<std::map<std::string, std::uint64_t>> sizes_of(pg::Connection& connection,
                                                      const std::vector<std::string>& tables) {
  std::map<std::string, std::uint64_t> sizes;
  for (const std::string& table : tables) {
    if (table.empty() || sizes.contains(table)) continue;
    // Ordinary tables only: a partitioned one has nothing itself, and no NOT VALID.
    TRY_ASSIGN(const pg::Rows rows,
               connection.query("SELECT pg_relation_size(oid) FROM pg_class "
                                "WHERE oid = to_regclass($1) AND relkind = 'r'",
                                {table}));
    sizes[table] = rows.empty() ? 0 : text::parse_count(rows[0][0].value_or("0")).value_or(0);
  }
  return sizes;
}

// Proven by our own question first, because the server's validation never uses more than one
// processor; if that finds something or cannot tell, the server's is the word.
Result<void> validate(pg::Connection& connection, const PgServer& server,
                      const std::string& database, const ForeignKey& key) {
  if (server.throw_away) {
    const auto proven = [&]() -> Result<bool> {
      TRY_ASSIGN(auto questions, pg::open_for_questions(server.conninfo, database));
      // What the crew's member may use.
      TRY_ASSIGN(const std::string helpers,
                 connection.scalar("SHOW max_parallel_workers_per_gather"));
      TRY(questions.run("SET max_parallel_workers_per_gather = " + helpers));
      return pg::has_all_parents(questions, key.oid);
    }();
    if (proven && *proven &&
        connection.run("UPDATE pg_catalog.pg_constraint SET convalidated = true WHERE oid = " +
                       key.oid))
      return {};
  }
  return run_twice_on_deadlock(
      connection, "ALTER TABLE " + key.table + " VALIDATE CONSTRAINT " + key.constraint);
}

}  // namespace

bool PgPostData::gather(const DumpEntry& entry, std::uint64_t entry_number, std::string_view sql,
                        const DumpPlace& at) {
  if (!items_.empty() && items_.back().entry_number == entry_number) {
    if (!belongs_to_made(sql)) return false;
    items_.back().statements.emplace_back(sql);
    return true;
  }
  if (!items_.empty() && is_comment_on_made(entry)) {
    items_.push_back({entry, entry_number, at, {std::string(sql)}, "", false});
    return true;
  }
  const bool fits =
      entry.type == "INDEX" || entry.type == "CONSTRAINT" || entry.type == "FK CONSTRAINT";
  if (!fits) return false;
  const auto on = table_of(sql);
  if (!on) return false;
  items_.push_back(
      {entry, entry_number, at, {std::string(sql)}, std::string(on->table), on->alone});
  return true;
}

Result<void> PgPostData::run(PgCrew& crew, PgSession& session) {
  std::vector<std::string> tables;
  for (const Item& item : items_) tables.push_back(item.table);
  TRY_ASSIGN(const auto sizes, sizes_of(session.aside(), tables));
  std::vector<PgJob> jobs;
  std::vector<std::pair<const Item*, UniqueKey>> adopted;
  for (const Item& item : items_) {
    if (item.table.empty() || item.entry.type == "FK CONSTRAINT") continue;
    const std::uint64_t size = sizes.at(item.table);
    std::vector<std::string> statements = item.statements;
    const auto key = size >= large_table ? unique_key_of(statements.front()) : std::nullopt;
    if (key) {
      statements = {"CREATE UNIQUE INDEX " + key->name + " ON " + key->table + " " + key->columns};
      adopted.emplace_back(&item, *key);
    }
    jobs.push_back({item.table, item.alone && !key, size * (1 + commas_in(statements.front())),
                    false, [&item, statements](pg::Connection& connection) -> Result<void> {
                      for (const std::string& sql : statements)
                        if (const auto done = run_twice_on_deadlock(connection, sql); !done)
                          return in(item.entry, item.at, done.error());
                      return {};
                    }});
  }
  TRY(run_jobs(crew, std::move(jobs)));
  for (const auto& [item, key] : adopted) {
    Result<void> done = session.execute("ALTER TABLE ONLY " + key.table + " ADD CONSTRAINT " +
                                        key.name + " " + key.kind + " USING INDEX " + key.name);
    for (std::size_t i = 1; done && i < item->statements.size(); ++i)
      done = session.execute(item->statements[i]);
    if (!done) return in(item->entry, item->at, done.error());
  }
  TRY(add_foreign_keys(crew, session));
  for (const Item& item : items_)
    if (item.table.empty())
      for (const std::string& sql : item.statements)
        if (const auto done = session.execute(sql); !done)
          return in(item.entry, item.at, done.error());
  items_.clear();
  return {};
}

Result<void> PgPostData::add_foreign_keys(PgCrew& crew, PgSession& session) {
  std::vector<PgJob> jobs;
  std::vector<std::string> oids;
  for (const Item& item : items_) {
    if (item.entry.type != "FK CONSTRAINT") continue;
    TRY_ASSIGN(const auto sizes, sizes_of(session.aside(), {item.table}));
    std::string sql = item.statements.front();
    while (!sql.empty() && (sql.back() == ';' || sql.back() == '\n')) sql.pop_back();
    const bool later = sizes.at(item.table) >= large_table && !sql.ends_with("NOT VALID");
    if (later) sql += " NOT VALID";
    Result<void> done = session.execute(sql);
    for (std::size_t i = 1; done && i < item.statements.size(); ++i)
      done = session.execute(item.statements[i]);
    if (!done) return in(item.entry, item.at, done.error());
    ForeignKey key{item.table, constraint_of(sql), ""};
    TRY_ASSIGN(key.oid, session.aside().scalar(
                            "SELECT coalesce(max(oid), 0) FROM pg_constraint WHERE contype = 'f' "
                            "AND conrelid = to_regclass($1) AND conname = $2",
                            {key.table, unquoted(key.constraint)}));
    oids.push_back(key.oid);
    if (!later) continue;
    const bool proven_by_us = session.server().throw_away;
    jobs.push_back({item.table, !proven_by_us, sizes.at(item.table), proven_by_us,
                    [&item, &session, key](pg::Connection& connection) -> Result<void> {
                      const auto valid =
                          validate(connection, session.server(), session.database(), key);
                      return valid ? valid : in(item.entry, item.at, valid.error());
                    }});
  }
  TRY(run_jobs(crew, std::move(jobs)));
  TRY_ASSIGN(const pg::Rows valid,
             session.aside().query("SELECT oid FROM pg_constraint WHERE convalidated AND "
                                   "oid = ANY ($1::oid[])",
                                   {"{" + text::join(oids, ",") + "}"}));
  for (const pg::Row& row : valid) proven_.insert(row[0].value_or(""));
  return {};
}

}  // namespace backproof
