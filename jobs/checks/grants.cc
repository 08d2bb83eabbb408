// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

// What the application may do, asked as the server would when it tries: memberships and what
// everybody may are counted in. A restore by a superuser works without a single grant.
class Grants : public Check {
 public:
  explicit Grants(Options& options)
      : where_(TableName::database_only(options)),
        role_(options.required_string("role")),
        tables_(options.required_strings("tables", "no table is named", "[\"orders\"]")),
        may_(options.required_strings("may", "no right is named", "[\"select\"]")) {
    for (std::string& right : may_) {
      right = text::lower(right);
      if (right != "select" && right != "insert" && right != "update" && right != "delete")
        options.problem("may", "unknown right \"" + text::printable(right, 40) + '"',
                        "select, insert, update or delete");
    }
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    std::vector<CheckResult> results;
    for (const std::string& table : tables_) {
      const auto missing = find_missing(input.database, table, context);
      results.push_back(missing
                            ? answered(missing->empty(),
                                       missing->empty() ? "may " + text::join(may_, ", ")
                                                        : "may not " + text::join(*missing, ", "),
                                       "may " + text::join(may_, ", "))
                            : could_not(missing.error()));
      results.back().subject = role_ + " on " + table;
      results.back().looked_at_data = false;
    }
    return results;
  }

 private:
  Result<std::vector<std::string>> find_missing(Database& database, const std::string& table,
                                                const RunContext& context) const {
    TRY(only_postgresql(database, "roles"));
    TableName name = where_;
    name.table = table;
    TRY_ASSIGN(const FoundTable found, find_table(database, name, context));
    const std::string role = sql_literal(role_);
    TRY_ASSIGN(
        const std::uint64_t roles,
        ask_count(database, "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = " + role,
                  name, context));
    // Whom the dump does not even name has no right of its own.
    if (roles == 0) return may_;
    std::vector<std::string> missing;
    for (const std::string& right : may_) {
      const std::string relation = sql_literal(found.sql) + "::pg_catalog.regclass";
      TRY_ASSIGN(const std::uint64_t yes,
                 ask_count(database,
                           "SELECT count(*) FROM pg_catalog.pg_class c WHERE c.oid = " + relation +
                               " AND pg_catalog.has_table_privilege(" + role + ", c.oid, " +
                               sql_literal(right) + ") AND pg_catalog.has_schema_privilege(" +
                               role + ", c.relnamespace, 'USAGE')",
                           name, context));
      if (yes == 0) missing.push_back(right);
    }
    return missing;
  }

  TableName where_;
  std::string role_;
  std::vector<std::string> tables_, may_;
};

}  // namespace

extern const CheckKind grants_check;
constinit const CheckKind grants_check{
    "grants", "PostgreSQL: a role may read or write these tables, as the application needs it",
    "role = \"app\"\ntables = [\"orders\", \"users\"]\nmay = [\"select\", \"insert\", \"update\"]",
    false,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<Grants>(options); }};

}  // namespace backproof
