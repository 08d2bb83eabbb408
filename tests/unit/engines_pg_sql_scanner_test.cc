// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/sql_scanner.h"

#include <string>
#include <vector>

#include "support/catch.h"

using namespace backproof;

namespace {

using Stop = PgSqlScanner::Stop;

struct Scanned {
  Stop stop = Stop::more;
  std::size_t at = 0;
  bool operator==(const Scanned&) const = default;
};

Scanned scan(std::string_view sql, std::size_t step, bool standard) {
  PgSqlScanner scanner;
  scanner.standard_strings(standard);
  for (std::size_t have = 0; have < sql.size();) {
    have = std::min(sql.size(), have + step);
    const Stop stop = scanner.scan(sql.substr(0, have), have == sql.size());
    if (stop != Stop::more) return {stop, scanner.at()};
  }
  return {};
}

// Where the statement at the front ends, in pieces of every size.
std::string first(std::string_view sql, bool standard = true) {
  const Scanned whole = scan(sql, sql.size(), standard);
  for (std::size_t step = 1; step < sql.size(); ++step) REQUIRE(scan(sql, step, standard) == whole);
  if (whole.stop == Stop::backslash) return "backslash " + std::string(sql.substr(whole.at));
  if (whole.stop == Stop::message) return "message " + std::string(sql.substr(0, whole.at));
  return whole.stop == Stop::end ? std::string(sql.substr(0, whole.at)) : "more";
}

// The statement is as long as it looks, also when another follows.
void whole(const std::string& sql, bool standard = true) {
  INFO(sql);
  CHECK(first(sql, standard) == sql);
  CHECK(first(sql + " x;", standard) == sql);
}

}  // namespace

TEST_CASE("PostgreSQL's statements end at semicolons outside of quotes and comments") {
  whole("a;");
  whole("select 'it''s;', ';\\';");
  whole("select \"a;\"\"b\";");
  whole("select 1 -- ;'\n;");
  whole("select /* ; /* ' */ ; */ 1;");
  whole("select /*/ ; */ 1 **/ 2;");
  whole("select 4/2-1;");
  whole("select 1 +-- ;\n2;");
  CHECK(first("select 'open;") == "more");
  CHECK(first("select /* /* */ ;") == "more");
}

TEST_CASE("strings with escapes end where PostgreSQL ends them") {
  whole("select E'\\';', e'\\\\';");
  whole("select E'it''s\\';';");
  whole("select U&'\\';");
  whole("select B'1', x'\\', N'\\';");
  whole("select typE'\\';");
  // A string goes on in the next line, with the rules of its beginning.
  whole("select E'a'\n 'b\\';';");
  whole("select E'a' -- c\n 'b\\';';");
  whole("select E'a' 'b\\';");
  whole("select E'a', \n'b\\';");
}

TEST_CASE("backslashes escape in every string where standard_conforming_strings is off") {
  whole("select 'a\\';';", false);
  whole("select 'a\\\\';", false);
  whole("select b'\\';", false);
  whole("select \"\\\";", false);
}

TEST_CASE("a second byte that looks like a backslash escapes nothing in double-byte encodings") {
  PgSqlScanner scanner;
  scanner.double_bytes(true);
  const std::string sql = "select E'\x83\\';";
  CHECK(scanner.scan(sql, true) == Stop::end);
  scanner.restart();
  CHECK(scanner.scan(sql.substr(0, 10), false) == Stop::more);
  CHECK(scanner.scan(sql, true) == Stop::end);
  scanner.double_bytes(false);
  scanner.restart();
  CHECK(scanner.scan(sql, true) == Stop::more);
}

TEST_CASE("dollar quotes end at their own tag") {
  whole("select $$;'\"/*$$;");
  whole("select $a$ $b$ ; $$ $a;$ $a$;");
  whole("select $a$ $b$a$;");
  whole("select $\xc3\xa4$;$\xc3\xa4$;");
  whole("select a$b$;");
  whole("select $1;");
  whole("select 1$a$;$a$;");
  whole("select $a b;");
}

TEST_CASE("semicolons inside of parentheses and of function bodies end nothing") {
  whole("CREATE RULE r AS ON DELETE TO t DO INSTEAD (SELECT 1; SELECT ')'; DELETE FROM x;);");
  whole(
      "create function f(a int) returns int begin atomic select case when a > 0 then 1 else 2 "
      "end; select 3; end;");
  whole("CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT (CASE a WHEN 1 THEN 2 END); END;");
  whole("CREATE FUNCTION f() RETURNS int BEGIN /* x */ ATOMIC SELECT t.begin, t.\"end\"; END;");
  whole("CREATE FUNCTION begin(a int) RETURNS int RETURN a;");
  whole("CREATE VIEW v AS SELECT begin, atomic FROM t;");
  whole("BEGIN;");
  whole("CREATE TABLE t (begin int);");
}

TEST_CASE("a backslash outside of quotes is where psql begins a command") {
  CHECK(first("select 1 \\! true\n;") == "backslash \\! true\n;");
  CHECK(first("select 1\\;") == "backslash \\;");
  whole("select '\\', \"\\\", $$\\$$ /* \\ */ -- \\\n;");
}

TEST_CASE("a program's message is told from SQL by its colon") {
  CHECK(first("pg_dump: error: it's over;\n") == "message pg_dump");
  CHECK(first("sh: 1: pg_dump: not found\n") == "message sh");
  CHECK(first("CREATE TABpg_dump: warning: x\n") == "message CREATE TABpg_dump");
  CHECK(first("/usr/bin/pg_dumpall: x\n") == "message /usr/bin/pg_dumpall");
  whole("select a::text, b[1:2], c[x:y], f(a := 1);");
  whole("a::b;");
}
