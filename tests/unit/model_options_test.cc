// SPDX-License-Identifier: Apache-2.0
#include "model/options.h"

#include <limits>

#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;

namespace {

Value value(decltype(Value::data) data, int line) {
  return Value{std::move(data), line};
}

}  // namespace

TEST_CASE("every getter returns what the table holds") {
  const Table table{{"b", value(true, 2)},
                    {"i", value(std::int64_t{7}, 3)},
                    {"s", value("word", 4)},
                    {"d", value("1h30m", 5)},
                    {"z", value("20KiB", 6)},
                    {"n", value(std::int64_t{512}, 7)},
                    {"c", value("warn", 8)},
                    {"l", value(List{value("x", 9), value("y", 9)}, 9)},
                    {"t", value(Table{{"k", value(true, 11)}}, 10)},
                    {"a", value(List{value(Table{}, 12), value(Table{}, 13)}, 12)}};
  Problems problems;
  Options options(table, 1, "here", problems);
  CHECK(options.boolean("b", false));
  CHECK(options.integer("i", 0, 0, 10) == 7);
  CHECK(options.string("s", "") == "word");
  CHECK(options.required_string("s") == "word");
  CHECK(options.duration("d", 0s) == 90min);
  CHECK(options.size("z", 0) == 20480);
  CHECK(options.size("n", 0) == 512);
  CHECK(options.choice("c", "fail", {"fail", "warn"}) == "warn");
  CHECK(options.strings("l") == std::vector<std::string>{"x", "y"});
  CHECK(options.table("t").size() == 1);
  CHECK(options.tables("t").size() == 1);
  CHECK(options.tables("a").size() == 2);
  CHECK(options.has("b"));
  CHECK(options.line_of("a") == 12);
  CHECK(options.line_of("not there") == 1);
  options.finish();
  CHECK(problems.empty());
}

TEST_CASE("what is absent is the fallback, and no problem unless required") {
  const Table table;
  Problems problems;
  Options options(table, 5, "here", problems);
  CHECK(options.boolean("b", true));
  CHECK(options.integer("i", 3, 0, 10) == 3);
  CHECK(options.string("s", "x") == "x");
  CHECK(options.duration("d", 2s) == 2s);
  CHECK(options.size("z", 9) == 9);
  CHECK(options.choice("c", "fail", {"fail"}) == "fail");
  CHECK(options.strings("l").empty());
  CHECK(options.table("t").empty());
  CHECK(options.tables("a").empty());
  CHECK_FALSE(options.has("b"));
  options.finish();
  CHECK(problems.empty());
  CHECK(options.required_string("r").empty());
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].text == "here: missing key \"r\"");
  CHECK(problems[0].line == 5);
}

TEST_CASE("wrong types are problems with line, key, type and an example") {
  const Table table{{"b", value("yes", 2)},
                    {"d", value(std::int64_t{5}, 3)},
                    {"i", value(1.5, 4)},
                    {"l", value(List{value("x", 5), value(true, 5)}, 5)},
                    {"s", value(true, 6)},
                    {"t", value("x", 7)},
                    {"a", value(List{value("x", 8)}, 8)},
                    {"z", value(std::int64_t{-1}, 9)},
                    {"c", value(Table{}, 10)}};
  Problems problems;
  Options options(table, 1, "here", problems);
  options.boolean("b", false);
  options.duration("d", 0s);
  options.integer("i", 3, 0, 10);
  options.strings("l");
  options.string("s", "");
  options.table("t");
  options.tables("a");
  options.size("z", 0);
  options.choice("c", "x", {"x"});
  options.finish();
  REQUIRE(problems.size() == 9);
  for (std::size_t i = 0; i < problems.size(); ++i)
    CHECK(problems[i].line == static_cast<int>(i) + 2);
  CHECK(problems[0].text == "here: b: expected a boolean, got a string");
  CHECK(problems[1].text == "here: d: expected a duration as a string, got an integer");
  CHECK(problems[1].hint == "write it like d = \"36h\"");
  CHECK(problems[2].hint == "write it like i = 3");
  CHECK(problems[3].text == "here: l: expected an array of strings, got a boolean in it");
}

TEST_CASE("good types with bad values are problems too") {
  const Table table{{"c", value("wran", 2)},
                    {"d", value("5 hours", 3)},
                    {"i", value(std::int64_t{11}, 4)},
                    {"z", value("20 gigs", 5)}};
  Problems problems;
  Options options(table, 1, "", problems);
  CHECK(options.choice("c", "fail", {"fail", "warn"}) == "fail");
  CHECK(options.duration("d", 2s) == 2s);
  CHECK(options.integer("i", 3, 0, 10) == 3);
  CHECK(options.size("z", 1) == 1);
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].text == "c: expected one of fail, warn, got \"wran\"");
  CHECK(problems[0].hint == "did you mean \"warn\"?");
  CHECK(problems[1].text == "d: expected a duration, got \"5 hours\"");
  CHECK(problems[2].text == "i: expected an integer from 0 to 10, got 11");
  CHECK(problems[3].line == 5);
}

TEST_CASE("keys that nobody took are unknown, each with the nearest known one") {
  const Table table{{"shedule", value("@daily", 3)}, {"zzz", value(true, 4)}};
  Problems problems;
  Options options(table, 1, "here", problems);
  options.string("schedule", "");
  options.string("name", "");
  options.finish();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].text == "here: unknown key \"shedule\"");
  CHECK(problems[0].hint == "did you mean \"schedule\"?");
  CHECK(problems[0].line == 3);
  CHECK(problems[1].hint == "known keys: schedule, name");
}

TEST_CASE("a table travels as JSON and comes back equal") {
  const Table table{{"empty", value(Table{}, 1)},
                    {"f", value(2.0, 1)},
                    {"i", value(std::numeric_limits<std::int64_t>::min(), 1)},
                    {"l", value(List{value("a\n\"", 1), value(List{}, 1)}, 1)}};
  const auto back = table_from_json(to_json(table));
  REQUIRE(back);
  CHECK(*back == table);
  CHECK(std::holds_alternative<double>(back->at("f").data));
}

TEST_CASE("JSON that is no table of ours is refused") {
  for (const std::string_view json : {"", "[]", "null", "{\"a\":null}", "{\"a\":1",
                                      "{\"a\":9223372036854775808}", "{\"a\":[null]}", "{}x"}) {
    INFO(json);
    CHECK_FALSE(table_from_json(json));
  }
  CHECK_FALSE(
      table_from_json("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
  CHECK(table_from_json("{}"));
}
