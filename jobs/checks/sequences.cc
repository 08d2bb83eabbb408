// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

// Sequences that fill a column, owned by it or named in its default, that step and do not cycle:
// sequence, table and column, each quoted; step.
constexpr const char* postgresql_sequences =
    "SELECT DISTINCT pg_catalog.quote_ident(sn.nspname) || '.' || "
    "pg_catalog.quote_ident(s.relname), "
    "pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
    "pg_catalog.quote_ident(a.attname), q.seqincrement FROM pg_catalog.pg_class s "
    "JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace "
    "JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid AND NOT q.seqcycle "
    "JOIN pg_catalog.pg_depend d ON s.oid = CASE WHEN d.classid = "
    "'pg_catalog.pg_class'::pg_catalog.regclass THEN d.objid ELSE d.refobjid END "
    "LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = "
    "'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = coalesce(f.adrelid, d.refobjid) "
    "AND a.attnum = coalesce(f.adnum, d.refobjsubid) "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE s.relkind = 'S' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND a.atttypid IN "
    "('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, "
    "'pg_catalog.int8'::pg_catalog.regtype) ORDER BY 1, 2, 3";

constexpr std::size_t most_sequences = 100000;

struct Counted {
  std::uint64_t sequences = 0;
  std::vector<std::string> behind;
};

// integrity fails a sequence whose next value is taken; this one also where it will be some day.
class Sequences : public Check {
 public:
  explicit Sequences(Options& options) : where_(TableName::database_only(options)) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto counted = input.database.dialect() == Dialect::sqlite
                             ? of_sqlite(input.database, context)
                             : of_postgresql(input.database, context);
    if (!counted) return {could_not(counted.error())};
    CheckResult result = answered(counted->behind.empty(),
                                  text::format_count(counted->behind.size()) + " of " +
                                      text::plural(counted->sequences, "sequence") + " behind",
                                  "none behind its column");
    constexpr std::size_t most_named = 10;
    result.detail = text::join({counted->behind.begin(),
                                counted->behind.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                              most_named, counted->behind.size()))},
                               "; ");
    result.looked_at_data = counted->sequences > 0;
    return {result};
  }

 private:
  Result<Counted> of_postgresql(Database& database, const RunContext& context) const {
    TRY_ASSIGN(const Answer list,
               database.ask({postgresql_sequences, where_.database, where_.timeout, most_sequences},
                            context));
    Counted counted{list.size(), {}};
    for (const auto& row : list) {
      const std::string sequence = row.at(0).value_or(""), table = row.at(1).value_or(""),
                        column = row.at(2).value_or(""), step = row.at(3).value_or("1");
      // The next value stands beyond every value of the column.
      const bool up = !step.starts_with('-');
      TRY_ASSIGN(const std::uint64_t behind,
                 ask_count(database,
                           "SELECT count(*) FROM " + sequence +
                               " s WHERE s.last_value + CASE WHEN "
                               "s.is_called THEN " +
                               step + " ELSE 0 END " + (up ? "<=" : ">=") + " (SELECT " +
                               (up ? "max(" : "min(") + column + ") FROM " + table + ")",
                           where_, context));
      if (behind > 0)
        counted.behind.push_back(text::printable(sequence, 128) + " of " +
                                 text::printable(table + "." + column, 200));
    }
    return counted;
  }

  // What AUTOINCREMENT remembers: https://sqlite.org/autoinc.html.
  Result<Counted> of_sqlite(Database& database, const RunContext& context) const {
    TRY_ASSIGN(
        const std::uint64_t has_any,
        ask_count(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'",
                  where_, context));
    if (has_any == 0) return Counted{};
    TRY_ASSIGN(const Answer list,
               database.ask({"SELECT q.name, q.seq FROM sqlite_sequence AS q JOIN sqlite_schema AS "
                             "s ON s.name = q.name AND s.type = 'table'",
                             "", where_.timeout, most_sequences},
                            context));
    Counted counted{list.size(), {}};
    for (const auto& row : list) {
      const std::string table = row.at(0).value_or("");
      std::int64_t value = 0;
      const std::string number = row.at(1).value_or("");
      if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc())
        return Error{Cause::damaged, "sqlite_sequence holds what is no number", ""};
      TRY_ASSIGN(
          const std::uint64_t behind,
          ask_count(database,
                    "SELECT count(*) FROM (SELECT max(rowid) AS most FROM " +
                        text::quote_identifier(table) + ") WHERE most > " + std::to_string(value),
                    where_, context));
      if (behind > 0) counted.behind.push_back(text::printable(table, 128));
    }
    return counted;
  }

  TableName where_;
};

}  // namespace

extern const CheckKind sequences_check;
constinit const CheckKind sequences_check{
    "sequences", "no sequence is behind the column that it fills, so that inserts go on working",
    "", false, [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<Sequences>(options);
    }};

}  // namespace backproof
