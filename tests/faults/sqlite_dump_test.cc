// SPDX-License-Identifier: Apache-2.0
// SQL text that is not what it should be.
#include "support/damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A whole dump with `line` in its middle.
Path with_line(const Folder& folder, const std::string& line) {
  std::string sql = content_of(make_dump(folder));
  sql.insert(sql.find("CREATE TABLE orders"), line + "\n");
  return folder.write("with.sql", sql);
}

}  // namespace

DAMAGE("more", "nothing: a good dump", passed, none, "") {
  return make_dump(folder);
}
DAMAGE("F07", "an error message in front of a dump", failed, restore_error, "restore") {
  return folder.write("noise.sql", "Error: database is locked\n" + content_of(make_dump(folder)));
}
DAMAGE("F07", "an error message inside a dump", failed, restore_error, "restore") {
  return with_line(folder, "sqlite3: disk I/O error;");
}
DAMAGE("F11", "a dump cut at the end of a line", failed, truncated, "restore") {
  const std::string sql = content_of(make_dump(folder));
  return folder.write("cut.sql", sql.substr(0, sql.find('\n', sql.size() / 2) + 1));
}
DAMAGE("F11", "a dump cut inside a statement", failed, truncated, "restore") {
  const std::string sql = content_of(make_dump(folder));
  return folder.write("cut.sql", sql.substr(0, sql.find('\n', sql.size() / 2) - 5));
}
DAMAGE("F11", "a dump without its COMMIT", failed, truncated, "restore") {
  const std::string sql = content_of(make_dump(folder));
  return folder.write("cut.sql", sql.substr(0, sql.rfind("COMMIT;")));
}
DAMAGE("F11", "a dump that ends with ROLLBACK because of errors", failed, incomplete, "restore") {
  std::string sql = content_of(make_dump(folder));
  sql.replace(sql.rfind("COMMIT;"), 7, "ROLLBACK; -- due to errors");
  return folder.write("errors.sql", sql);
}
DAMAGE("F11", "statements behind the COMMIT", failed, truncated, "restore") {
  return folder.write("more.sql", content_of(make_dump(folder)) + "DELETE FROM orders;\n");
}
DAMAGE("F11", "SQL that is no transaction", inconclusive, unproven, "finding") {
  return folder.write("hand.sql", "CREATE TABLE t(a);\nINSERT INTO t VALUES(1);\n");
}
DAMAGE("more", "a dump that violates a constraint", failed, restore_error, "restore") {
  return with_line(folder, "INSERT INTO customer VALUES(1,'twice','x');");
}
DAMAGE("F37", "a dump with orphaned rows", failed, check_failed, "check foreign_keys") {
  std::string sql = content_of(make_dump(folder));
  const std::size_t at = sql.find("INSERT INTO customer VALUES(17,");
  sql.erase(at, sql.find('\n', at) + 1 - at);
  return folder.write("orphans.sql", sql);
}
DAMAGE("F96", "a dump with .shell", failed, hostile, "restore") {
  return with_line(folder, ".shell touch /tmp/backproof-owned");
}
DAMAGE("F96", "a file that is nothing but .shell", failed, hostile, "restore") {
  return folder.write("shell.sql", ".shell touch /tmp/backproof-owned\n");
}
DAMAGE("F96", "a dump that attaches another database", failed, hostile, "restore") {
  return with_line(
      folder, "ATTACH '" + (folder / "prod.db").native() + "' AS prod; DROP TABLE prod.customer;");
}
DAMAGE("F96", "a dump that writes a file by VACUUM INTO", failed, hostile, "restore") {
  return folder.write("vacuum.sql", "PRAGMA foreign_keys=OFF;\nVACUUM INTO '" +
                                        (folder / "out").native() +
                                        "';\nBEGIN TRANSACTION;\nCREATE TABLE t(a);\nCOMMIT;\n");
}
DAMAGE("F96", "a dump that loads an extension", failed, hostile, "restore") {
  return with_line(folder, "SELECT load_extension('/tmp/evil.so');");
}
DAMAGE("more", "a dump that needs a function nobody has", inconclusive, missing_tool, "restore") {
  return with_line(folder, "CREATE TABLE g AS SELECT st_area('x');");
}
DAMAGE("more", "NUL bytes inside a dump", failed, damaged, "restore") {
  std::string sql = content_of(make_dump(folder));
  sql[sql.size() - 300] = '\0';
  return folder.write("nul.sql", sql);
}
DAMAGE("F20", "a dump in UTF-16, as PowerShell's > writes it", inconclusive, missing_tool,
       "inspect") {
  const Path dump = make_dump(folder);
  sh("(printf '\\377\\376'; iconv -f UTF-8 -t UTF-16LE " + dump.native() + ") >" +
     (folder / "wide.sql").native());
  return folder / "wide.sql";
}

TEST_CASE("F11: a dump cut at any place never passes") {
  const Folder folder;
  const std::string sql = content_of(make_dump(folder));
  const std::size_t end = sql.rfind("COMMIT;") + 7;
  Random random(11);
  for (int i = 0; i < 40; ++i) {
    const std::size_t at = random.below(end);
    const Run run = verified(folder.write("cut.sql", sql.substr(0, at)));
    INFO("cut at " << at << ": " << run.reason);
    CHECK(run.verdict == Verdict::failed);
  }
}

TEST_CASE("F96: nothing outside of the sandbox changes when a hostile dump is verified") {
  const Folder folder;
  const Path prod = make_shop(folder, "prod.db");
  const std::string before = content_of(prod);
  const std::string attach = "ATTACH '" + prod.native() + "' AS prod; DROP TABLE prod.orders;\n";
  const std::string canary = (folder / "canary").native();
  for (const std::string& line :
       {attach, ".shell touch " + canary + "\n", ".output " + canary + "\n",
        "VACUUM INTO '" + canary + "';\n", "SELECT writefile('" + canary + "', 'x');\n",
        "SELECT load_extension('" + canary + "');\n"}) {
    INFO(line);
    const Run run = verified(folder.write(
        "evil.sql",
        "PRAGMA foreign_keys=OFF;\n" + line +
            "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nINSERT INTO t VALUES(1);\nCOMMIT;\n"));
    CHECK(run.verdict == Verdict::failed);
    CHECK_FALSE(std::filesystem::exists(canary));
    CHECK(content_of(prod) == before);
  }
}

TEST_CASE("no value of a row and no text of a dump gets into the report of an error") {
  for (const std::string& line :
       {std::string("INSERT INTO customer VALUES(1,'s3cret','x');"),
        std::string("INSERT INTO nowhere VALUES('s3cret');"),
        std::string("SELECT s3cret s3cret s3cret;"),
        std::string("INSERT INTO customer VALUES(1,s3cret,'x');"),
        std::string("INSERT INTO customer VALUES(1,s3cret('Smith'),'x');"),
        std::string("INSERT INTO s3cret VALUES(1);"),
        std::string("UPDATE customer SET name = s3cret;"),
        std::string("INSERT INTO customer VALUES('s3cret'); s3cret"),
        std::string("CREATE TRIGGER tr BEFORE INSERT ON customer BEGIN SELECT "
                    "RAISE(ABORT,'s3cret'); END; INSERT INTO customer VALUES(9999,'a','b');")}) {
    const Folder folder;
    const Path file = with_line(folder, line);
    const Output output = program({"verify", "--format", "json", file.native()});
    INFO(line << "\n" << output.out);
    CHECK(output.ended.exit_code == 1);
    CHECK(output.out.find("s3cret") == std::string::npos);
    CHECK(output.err.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("a dump that never ends is stopped at its deadline") {
  const Folder folder;
  const Path file =
      folder.write("endless.sql",
                   "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nWITH RECURSIVE n(i) AS (SELECT 1 UNION "
                   "ALL SELECT i FROM n) INSERT INTO t SELECT i FROM n WHERE i = 0;\nCOMMIT;\n");
  const Run run = verified(file, {"--timeout", "1s"});
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::timeout);
  CHECK(seen_by(run) == "restore");
}

TEST_CASE("a dump of virtual tables, blobs and odd names loads as it was") {
  const Folder folder;
  const std::string db = (folder / "odd.db").native();
  sh("sqlite3 " + db + R"( <<'SQL'
CREATE VIRTUAL TABLE notes USING fts5(body);
INSERT INTO notes VALUES('the quick brown fox'), ('jumps');
CREATE TABLE "a ""quoted"" ; name"(x, "y;z");
INSERT INTO "a ""quoted"" ; name" VALUES('it''s; -- no comment', x'00ff'), (1e300, NULL), ('line' || char(10) || 'break', -9223372036854775808);
CREATE TRIGGER tr AFTER INSERT ON "a ""quoted"" ; name" BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END;
CREATE VIEW v AS SELECT * FROM "a ""quoted"" ; name";
SQL
sqlite3 )" +
     db + " .dump >" + (folder / "odd.sql").native());
  const Run run = verified(folder / "odd.sql");
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  bool seen = false;
  for (const TableFact& fact : run.tables)
    if (fact.table == "a \"quoted\" ; name") seen = fact.rows == 3;
  CHECK(seen);
}

TEST_CASE("what adds no data may stand behind the COMMIT, anything else may not") {
  const Folder folder;
  const std::string sql = content_of(make_dump(folder));
  for (const std::string tail :
       {"PRAGMA foreign_keys = on;\n", "ANALYZE;", "VACUUM;\n", "REINDEX;", "/* done */ ;\n",
        "-- done", "-- done\n;;\nPRAGMA optimize;\n/* x */", ";"}) {
    const Run run = verified(folder.write("tail.sql", sql + tail));
    INFO(tail << ": " << run.reason);
    CHECK(run.verdict == Verdict::passed);
  }
  for (const std::string tail :
       {"INSERT INTO customer VALUES(70001,'a','b');", "CREATE TABLE more(a);\nANALYZE;",
        "BEGIN;\nDELETE FROM orders;"}) {
    const Run run = verified(folder.write("tail.sql", sql + tail));
    INFO(tail << ": " << run.reason);
    CHECK(run.cause == Cause::truncated);
  }
  std::string transaction = sql;
  transaction.replace(transaction.rfind("COMMIT;"), 7, "COMMIT TRANSACTION;");
  CHECK(verified(folder.write("t.sql", transaction + "PRAGMA foreign_keys = on;")).verdict ==
        Verdict::passed);
  const Folder newer;  // its shell writes this for a line break
  CHECK(verified(with_line(newer, "INSERT INTO customer VALUES(70001,unistr('a\\u000ab'),'x');"))
            .verdict == Verdict::passed);
  CHECK(verified(folder.write("bom.sql", "\xef\xbb\xbf" + sql)).verdict == Verdict::passed);
}

TEST_CASE("a dump that needs too much memory is inconclusive and never uses it") {
  const Folder folder;
  std::string many = "INSERT INTO t VALUES(1)";
  for (int i = 0; i < 3000000; ++i) many += ",(1)";
  for (const std::string& line :
       {std::string("INSERT INTO t VALUES(length(randomblob(900000000)));"), many + ";",
        "INSERT INTO t VALUES(X'" + std::string(60U << 20U, '4') + "');"}) {
    const Run run = verified(
        folder.write("big.sql", "BEGIN TRANSACTION;\nCREATE TABLE t(a);\n" + line + "\nCOMMIT;\n"));
    INFO(line.substr(0, 60) << ": " << run.reason);
    CHECK(run.cause == Cause::space);
    CHECK_FALSE(run.hint.empty());
    check_memory(run);
  }
  const Run run = verified(folder.write("literal.sql",
                                        "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nINSERT INTO t "
                                        "VALUES('" +
                                            std::string(40U << 20U, 'x') + "');\nCOMMIT;\n"));
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  check_memory(run);
}

TEST_CASE("a dump behind a huge window leaves less memory to SQLite, never more than there is") {
  const Folder folder;
  std::string many = "INSERT INTO t VALUES(1)";
  for (int i = 0; i < 1500000; ++i) many += ",(1)";
  const std::string sql = (folder / "big.sql").native();
  folder.write("big.sql", "BEGIN TRANSACTION;\nCREATE TABLE t(a);\n" + many + ";\n--" +
                              std::string(150U << 20U, ' ') + "\nCOMMIT;\n");
  sh("zstd -q -1 --long=27 " + sql + " -o " + sql + ".zst");
  const Run run = verified(sql + ".zst");
  INFO(run.reason);
  CHECK(run.cause == Cause::space);
  check_memory(run);
}
