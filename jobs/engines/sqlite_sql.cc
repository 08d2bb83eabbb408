// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/sqlite.h"
#include "base/text.h"
#include "engines/engine.h"
#include "engines/sql_dialect.h"
#include "engines/sqlite/loader.h"
#include "engines/sqlite/options.h"

namespace backproof {
namespace {

// What may stand at the beginning of SQL text; anything else is some other text (an error page,
// a log) and no dump.
bool is_sql_keyword(const std::string& word) {
  static constexpr std::array words{"PRAGMA", "BEGIN",   "CREATE", "INSERT", "DROP",     "COMMIT",
                                    "UPDATE", "DELETE",  "ALTER",  "SELECT", "ROLLBACK", "REPLACE",
                                    "ATTACH", "ANALYZE", "VACUUM", "WITH",   "."};
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_other_dump(std::string_view text) {
  return text.starts_with("--\n-- PostgreSQL database") || text.starts_with("-- MySQL dump") ||
         text.starts_with("-- MariaDB dump") || text.starts_with("/*M!");
}

class SqliteSql : public Engine {
 public:
  explicit SqliteSql(Options& options)
      : settings_(sqlite_settings(options)),
        accept_unmarked_(options.boolean("accept_unmarked", false)) {}

  bool recognizes(ByteView head) const override {
    const std::string_view text = as_text(head);
    if (text.find('\0') != std::string_view::npos || is_other_dump(text) || speaks_postgresql(text))
      return false;
    // A message may stand in front of a dump (2>&1): it is one all the same, and will not load.
    return is_sql_keyword(first_keyword(text)) ||
           text.find("\nBEGIN TRANSACTION;") != std::string_view::npos ||
           text.find("PRAGMA foreign_keys=OFF;\n") != std::string_view::npos;
  }

  Result<std::unique_ptr<Database>> restore(Artefact& artefact, Sandbox& sandbox,
                                            const RunContext& context) const override {
    TRY(sandbox.reserve(artefact.bytes));
    const Path file = sandbox.folder() / "restored.sqlite";
    TRY_ASSIGN(const LoadedDump loaded,
               load_sqlite_dump(artefact.content, file, sandbox.budget(), context));
    for (const std::string& pragma : loaded.ignored_pragmas)
      artefact.findings.push_back(
          {Severity::warning, Cause::none, "the dump's PRAGMA " + pragma + " was left out"});
    TRY(judge_end(loaded, artefact));
    return open_sqlite_database(file, settings_);
  }

 private:
  // A dump of the sqlite3 shell is one transaction, so its last word says whether it is whole.
  Result<void> judge_end(const LoadedDump& loaded, Artefact& artefact) const {
    const std::string after = "after " + text::plural(loaded.statements, "statement");
    if (loaded.rolled_back)
      return Error{Cause::incomplete,
                   "the dump ends with ROLLBACK: the sqlite3 that wrote it met errors",
                   "look at the database that was dumped"};
    if (loaded.unfinished)
      return Error{Cause::truncated, "the dump ends inside a statement, " + after, ""};
    if (loaded.statements == 0) return Error{Cause::empty, "the dump holds no statement", ""};
    if (loaded.committed) return {};
    if (loaded.began)
      return Error{Cause::truncated,
                   "the dump's transaction has no COMMIT as its last statement, " + after, ""};
    if (accept_unmarked_) return {};
    artefact.findings.push_back({Severity::failure, Cause::unproven,
                                 "nothing in this SQL proves that it is all there: it is no "
                                 "transaction that ends with COMMIT"});
    return {};
  }

  SqliteSettings settings_;
  bool accept_unmarked_;
};

}  // namespace

extern const EngineKind sqlite_sql_engine;
constinit const EngineKind sqlite_sql_engine{
    "sqlite_sql",
    "sqlite dump",
    "SQL text as the sqlite3 shell's .dump writes it",
    false,
    "accept_unmarked = true  # SQL that is no single transaction may pass",
    [](Options& options) -> std::unique_ptr<Engine> {
      return std::make_unique<SqliteSql>(options);
    }};

}  // namespace backproof
