// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

class Extensions : public Check {
 public:
  explicit Extensions(Options& options)
      : where_(TableName::database_only(options)),
        wanted_(options.required_strings("contains", "no extension is named", "[\"pgcrypto\"]")) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto installed = list(input.database, context);
    std::vector<CheckResult> results;
    for (const std::string& name : wanted_) {
      results.push_back(installed ? judge(*installed, name) : could_not(installed.error()));
      results.back().subject = name;
    }
    return results;
  }

 private:
  using Versions = std::map<std::string, std::string>;

  static CheckResult judge(const Versions& installed, const std::string& name) {
    const auto found = installed.find(name);
    CheckResult result =
        answered(found != installed.end(),
                 found == installed.end() ? "absent" : "version " + found->second, "installed");
    if (found == installed.end()) result.cause = Cause::incomplete;
    // The catalog is no data of the user's.
    result.looked_at_data = false;
    return result;
  }

  Result<Versions> list(Database& database, const RunContext& context) const {
    TRY(only_postgresql(database, "extensions"));
    TRY_ASSIGN(const Answer rows,
               database.ask({"SELECT extname, extversion FROM pg_catalog.pg_extension",
                             where_.database, where_.timeout},
                            context));
    Versions versions;
    for (const auto& row : rows) versions.emplace(row.at(0).value_or(""), row.at(1).value_or(""));
    return versions;
  }

  TableName where_;
  std::vector<std::string> wanted_;
};

}  // namespace

extern const CheckKind extensions_check;
constinit const CheckKind extensions_check{
    "extensions", "PostgreSQL: these extensions are installed in the restored database",
    "contains = [\"pgcrypto\", \"pg_trgm\"]", false,
    [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<Extensions>(options);
    }};

}  // namespace backproof
