// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

// A foreign key that only the configuration knows.
struct Undeclared {
  TableName child, parent;
  std::vector<std::string> columns, parent_columns;
};

class ForeignKeys : public Check {
 public:
  explicit ForeignKeys(Options& options) {
    const TableName where = TableName::database_only(options);
    if (!options.has("table")) return;
    Undeclared& key = also_.emplace();
    key.child = key.parent = where;
    key.child.table = options.required_string("table");
    key.parent.table = options.required_string("references");
    key.columns = options.required_strings("columns", "no column that refers", "[\"user_id\"]");
    key.parent_columns = options.strings("referenced_columns");
    if (key.parent_columns.size() != key.columns.size())
      options.problem("referenced_columns", "not as many columns as in columns",
                      "referenced_columns = [\"id\"]");
  }

  // Those that are declared are asked in any case: naming one more must not hide them.
  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    std::vector<CheckResult> results{
        nothing_found(input.database.self_check(context).foreign_keys, "violated constraint")};
    if (!also_) return results;
    const auto orphans = count_orphans(input.database, context);
    results.push_back(orphans ? answered(*orphans == 0,
                                         text::plural(*orphans, "row") + " without parent",
                                         "0 rows without parent")
                              : could_not(orphans.error()));
    results.back().subject = also_->child.table + "(" + text::join(also_->columns, ", ") + ")";
    return results;
  }

 private:
  // MATCH SIMPLE: a NULL anywhere is enough. As an outer join, for which SQLite makes an index of
  // its own where the parent has none.
  Result<std::uint64_t> count_orphans(Database& database, const RunContext& context) const {
    TRY_ASSIGN(const FoundTable child, find_table(database, also_->child, context));
    TRY_ASSIGN(const FoundTable parent, find_table(database, also_->parent, context));
    TRY_ASSIGN(const auto columns, quoted_columns(child, also_->columns));
    TRY_ASSIGN(const auto parents, quoted_columns(parent, also_->parent_columns));
    std::string filled, same;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string join = i == 0 ? " " : " AND ";
      filled += join + "c." + columns[i] + " IS NOT NULL";
      same += join + "p." + parents[i] + " = c." + columns[i];
    }
    return ask_count(database,
                     "SELECT count(*) FROM " + child.sql + " AS c LEFT JOIN " + parent.sql +
                         " AS p ON" + same + " WHERE p." + parents.front() + " IS NULL AND" +
                         filled,
                     also_->child, context);
  }

  std::optional<Undeclared> also_;
};

}  // namespace

extern const CheckKind foreign_keys_check;
constinit const CheckKind foreign_keys_check{
    "foreign_keys",
    "every row that refers to a parent row has one, for every declared foreign key, and for one "
    "that only the configuration names",
    "table = \"conversations\"\ncolumns = [\"user_id\"]\nreferences = \"users\"\n"
    "referenced_columns = [\"id\"]",
    true, [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<ForeignKeys>(options);
    }};

}  // namespace backproof
