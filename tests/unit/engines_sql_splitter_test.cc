// SPDX-License-Identifier: Apache-2.0
#include "engines/sql_splitter.h"

#include <sqlite3.h>

#include <vector>

#include "support/support.h"

using namespace backproof;

namespace {

// The statements of `sql`, fed in pieces of `step` bytes; the rest comes last with a "~" in front
// when it is more than blanks and comments.
std::vector<std::string> split(const std::string& sql, std::size_t step) {
  std::vector<std::string> found;
  SqlSplitter splitter;
  std::string pending;
  for (std::size_t at = 0; at < sql.size(); at += step) {
    pending += sql.substr(at, step);
    while (const auto end = splitter.end_of(pending)) {
      found.push_back(pending.substr(0, *end));
      pending.erase(0, *end);
      splitter.restart();
    }
  }
  if (!splitter.blank()) found.push_back("~" + pending);
  return found;
}

void check_split(const std::string& sql, const std::vector<std::string>& expected) {
  INFO(sql);
  for (std::size_t step = 1; step <= sql.size(); ++step) REQUIRE(split(sql, step) == expected);
}

}  // namespace

TEST_CASE("statements end at semicolons outside of quotes and comments") {
  check_split("a;b;", {"a;", "b;"});
  check_split("insert into t values('a;b', \"c;d\", [e;f], `g;h`);",
              {"insert into t values('a;b', \"c;d\", [e;f], `g;h`);"});
  check_split("select 'it''s;';x;", {"select 'it''s;';", "x;"});
  check_split("-- a;b\nselect 1;", {"-- a;b\nselect 1;"});
  check_split("/* a;b */ select 1; /**/ ;", {"/* a;b */ select 1;", " /**/ ;"});
  check_split("/*/ ; */ a;", {"/*/ ; */ a;"});
  check_split("select 4/2-1;b;", {"select 4/2-1;", "b;"});
}

TEST_CASE("the body of a trigger belongs to its statement") {
  const std::string trigger =
      "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x=CASE WHEN 1 THEN 2 END; DELETE FROM "
      "c; END;";
  check_split(trigger + "x;", {trigger, "x;"});
  check_split("create temp trigger t begin select 1; end ; y;",
              {"create temp trigger t begin select 1; end ;", " y;"});
  check_split("explain create trigger t begin select 1; end; y;",
              {"explain create trigger t begin select 1; end;", " y;"});
  check_split("create table trigger_end(a); end;", {"create table trigger_end(a);", " end;"});
}

TEST_CASE("what is left at the end is blank or a statement without its semicolon") {
  check_split("a; -- bye", {"a;"});
  check_split("a; /* bye", {"a;"});
  check_split("a;\n\n ", {"a;"});
  check_split("a; COMMIT", {"a;", "~ COMMIT"});
  check_split("a; 'open", {"a;", "~ 'open"});
}

TEST_CASE("the splitter agrees with SQLite's own sqlite3_complete on random text") {
  test::Random random(7);
  const std::vector<std::string> parts{
      "create ", "temp ", "trigger ", "begin ", "end", ";",        " ", "'", "\"", "[", "]", "`",
      "--",      "\n",    "/*",       "*/",     "x",   "explain ", "-", "/", "*",  "1", "."};
  int complete = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string sql;
    for (std::uint64_t n = 1 + random.below(14); n > 0; --n)
      sql += parts[random.below(parts.size())];
    sql += ';';
    SqlSplitter splitter;
    std::size_t begin = 0;
    std::string last;
    while (const auto end = splitter.end_of(std::string_view(sql).substr(begin))) {
      last = sql.substr(begin, *end);
      begin += *end;
      splitter.restart();
      INFO(sql << " | " << last);
      REQUIRE(sqlite3_complete(last.c_str()) == 1);
      ++complete;
    }
    INFO(sql);
    REQUIRE((sqlite3_complete(sql.substr(begin).c_str()) == 1) == false);
  }
  CHECK(complete > 5000);
}

TEST_CASE("the first keyword is found behind comments") {
  CHECK(first_keyword("  -- x\n/* y */ commit;") == "COMMIT");
  CHECK(first_keyword("\xef\xbb\xbf"
                      "BEGIN;") == "BEGIN");
  CHECK(first_keyword(".shell ls") == ".");
  CHECK(first_keyword("\n;; .x") == ".");
  CHECK(first_keyword("/* open").empty());
  CHECK(first_keyword("").empty());
  CHECK(first_keyword("'x'").empty());
}
