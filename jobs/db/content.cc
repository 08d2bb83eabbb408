// SPDX-License-Identifier: Apache-2.0
#include "db/content.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t most_rows = 1'000'000;

Question question(std::string sql) {
  Question asked;
  asked.sql = std::move(sql);
  asked.timeout = std::chrono::hours(1);
  asked.max_rows = most_rows;
  return asked;
}

std::string at(const std::vector<Field>& row, std::size_t column) {
  return row.at(column).value_or("");
}

// A chunk a step for each object that goes on behind it: an object can be larger than any value.
constexpr const char* large_objects_query =
    "WITH RECURSIVE piece(oid, n, md5, is_full) AS ("
    "SELECT m.oid, 0::bigint, md5(d.data), length(d.data) = 16777216 "
    "FROM pg_largeobject_metadata m, LATERAL (SELECT lo_get(m.oid, 0, 16777216) AS data OFFSET 0) "
    "d "
    "UNION ALL SELECT p.oid, p.n + 1, md5(d.data), length(d.data) = 16777216 FROM piece p, "
    "LATERAL (SELECT lo_get(p.oid, (p.n + 1) * 16777216, 16777216) AS data OFFSET 0) d "
    "WHERE p.is_full) SELECT count(DISTINCT oid), md5(string_agg(oid || ' ' || n || ' ' || md5 || "
    "E'\\n', '' ORDER BY oid, n)) FROM piece";

// Not from pg_sequences: it does not tell a sequence that never gave a value from one that was set
// back to give its first again.
Result<std::vector<SequenceFact>> postgresql_sequences(const Asker& ask) {
  TRY_ASSIGN(const Answer all,
             ask(question("SELECT n.nspname, c.relname, s.seqincrement FROM pg_sequence s "
                          "JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n "
                          "ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%' "
                          "AND c.relpersistence <> 't' ORDER BY 1, 2")));
  constexpr std::size_t at_once = 100;
  std::vector<SequenceFact> facts;
  for (std::size_t begin = 0; begin < all.size(); begin += at_once) {
    std::string sql;
    for (std::size_t i = begin; i < std::min(all.size(), begin + at_once); ++i)
      sql += (i == begin ? "" : " UNION ALL ") + std::string("SELECT ") + std::to_string(i) +
             ", last_value::numeric + CASE WHEN is_called THEN " + at(all[i], 2) +
             " ELSE 0 END FROM " + text::quote_identifier(at(all[i], 0)) + "." +
             text::quote_identifier(at(all[i], 1));
    TRY_ASSIGN(const Answer values, ask(question(std::move(sql))));
    for (const auto& row : values) {
      const auto i = text::parse_count(at(row, 0));
      if (!i || *i >= all.size()) return Error{Cause::internal, "a sequence is not there", ""};
      facts.push_back({at(all[*i], 0), at(all[*i], 1), at(row, 1)});
    }
  }
  return facts;
}

Result<std::vector<SequenceFact>> sqlite_sequences(const Asker& ask) {
  TRY_ASSIGN(const Answer there,
             ask(question("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")));
  std::vector<SequenceFact> facts;
  if (there.empty()) return facts;
  TRY_ASSIGN(const Answer rows,
             ask(question("SELECT name, seq + 1 FROM sqlite_sequence ORDER BY name")));
  for (const auto& row : rows) facts.push_back({"", at(row, 0), at(row, 1)});
  return facts;
}

}  // namespace

Result<Content> read_content(Dialect dialect, const Asker& ask) {
  Content content;
  if (dialect == Dialect::sqlite) {
    TRY_ASSIGN(content.sequences, sqlite_sequences(ask));
    return content;
  }
  TRY_ASSIGN(content.sequences, postgresql_sequences(ask));
  TRY_ASSIGN(const Answer objects, ask(question(large_objects_query)));
  if (objects.size() != 1) return Error{Cause::internal, "large objects were not counted", ""};
  content.large_objects = text::parse_count(at(objects.front(), 0)).value_or(0);
  content.large_objects_digest = at(objects.front(), 1);
  return content;
}

}  // namespace backproof
