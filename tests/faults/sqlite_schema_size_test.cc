// SPDX-License-Identifier: Apache-2.0
// Schemas so large that memory is the question.
#include "support/damage.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Path with_schema(const Folder& folder, const std::string& sql) {
  run_sql(folder / "x.db",
          "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; BEGIN; CREATE TABLE t(a);"
          "INSERT INTO t VALUES(1);" +
              sql + "COMMIT;");
  folder.write("x.db-wal", "");
  return folder / "x.db";
}

}  // namespace

TEST_CASE("a schema of 100 MB of text beside an empty log passes in little memory") {
  const Folder folder;
  std::string sql;
  for (int i = 0; i < 110; ++i)
    sql += "CREATE VIEW v" + std::to_string(i) + " AS SELECT a /*" + std::string(950'000, 'x') +
           "*/ FROM t;";
  const Path file = with_schema(folder, sql);
  REQUIRE(std::filesystem::file_size(file) > 100'000'000);
  const Run run = verified(file);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.findings.empty());
  check_memory(run);
}

TEST_CASE("a schema of 100 MB of index texts is inconclusive and never uses more memory") {
  const Folder folder;
  std::string sql;
  for (int i = 0; i < 110; ++i)
    sql += "CREATE INDEX i" + std::to_string(i) + " ON t(a) WHERE a <> '" +
           std::string(950'000, 'x') + "';";
  const Run run = verified(with_schema(folder, sql));
  INFO(run.reason);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::space);
  check_memory(run);
}

TEST_CASE("a schema of 900,000 columns is inconclusive and never uses more memory") {
#ifdef BACKPROOF_SANITIZED
  WARN("skipped: the verdict comes from the limit of memory, after minutes under a sanitizer");
  return;
#endif
  const Folder folder;
  std::string columns, sql;
  for (int i = 0; i < 300; ++i) columns += (i == 0 ? "c" : ",c") + std::to_string(i) + " INTEGER";
  for (int i = 0; i < 3000; ++i) sql += "CREATE TABLE t" + std::to_string(i) + "(" + columns + ");";
  const Run run = verified(with_schema(folder, sql));
  INFO(run.reason);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::space);
  check_memory(run);
}
