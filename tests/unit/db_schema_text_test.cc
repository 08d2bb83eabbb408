// SPDX-License-Identifier: Apache-2.0
#include "db/content.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("expressions that PostgreSQL writes differently after a restore are the same") {
  // What a check constraint `status IN ('a', 'b')` of a varchar reads before and after.
  CHECK(plain_expression("CHECK (((status)::text = ANY ((ARRAY['a'::character varying, "
                         "'b'::character varying])::text[])))") ==
        "CHECK status = ANY ARRAY['a', 'b']");
  CHECK(plain_expression("CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, "
                         "('b'::character varying)::text])))") ==
        "CHECK status = ANY ARRAY['a', 'b']");
  CHECK(plain_expression("(at)::timestamp(3) without time zone > '2020-01-01'::date") ==
        "at > '2020-01-01'");
  CHECK(plain_expression("x::double precision  +\n y::numeric(10,2)") == "x + y");
  CHECK(plain_expression("a::public.\"my type\"[] = b") == "a = b");
  CHECK(plain_expression("'::text'::text || '(''x'')'") == "'::text' | | '(''x'')'");
  CHECK(plain_expression("") == "");
  CHECK(plain_expression("'open") == "'open");
  CHECK(plain_expression("'open''") == "'open''");
  CHECK(plain_expression("a::") == "a");
}

TEST_CASE("other names, values and operators are other expressions") {
  for (const auto& [a, b] :
       {std::pair{"(a > 1)", "(a > 2)"}, std::pair{"(a > 1)", "(a < 1)"},
        std::pair{"f('x'::text)", "f('y'::text)"}, std::pair{"(a AND b)", "(a OR b)"},
        std::pair{"now()", "clock()"}, std::pair{"\"A\" = 1", "a = 1"}}) {
    INFO(a << ", " << b);
    CHECK(plain_expression(a) != plain_expression(b));
  }
}

TEST_CASE("the difference of two schemas is sorted by object, what is missing first") {
  CHECK(schema_difference({"column a.b int", "index i", "table a"},
                          {"column a.b text", "table a", "view v"}) ==
        std::vector<std::string>{"- column a.b int", "+ column a.b text", "- index i", "+ view v"});
  CHECK(schema_difference({"table a"}, {"table a"}).empty());
  // Twice is not once.
  CHECK(schema_difference({"x", "x"}, {"x"}) == std::vector<std::string>{"- x"});
}
