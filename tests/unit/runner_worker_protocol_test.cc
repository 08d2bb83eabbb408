// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_protocol.h"

#include "model/run_json.h"
#include "support/support.h"

using namespace backproof;

namespace {

std::string without_end(std::string line) {
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  CHECK(line.find('\n') == std::string::npos);
  return line;
}

}  // namespace

TEST_CASE("progress arrives as it was sent") {
  const auto event = parse_event(without_end(progress_line({Stage::restore, 12, UINTMAX_MAX})));
  REQUIRE(event);
  REQUIRE(event->progress);
  CHECK(event->progress->stage == Stage::restore);
  CHECK(event->progress->done == 12);
  CHECK(event->progress->total == UINTMAX_MAX);
  CHECK_FALSE(event->run);
}

TEST_CASE("a run arrives as it was sent, so far and as the result") {
  Run run;
  run.id = "id";
  run.target = "a \"target\"\nwith a line";
  run.tables = {{"main", "t", 3}};
  const auto so_far = parse_event(without_end(run_line(RunEvent::so_far, run)));
  REQUIRE(so_far);
  REQUIRE(so_far->run);
  CHECK_FALSE(so_far->last);
  CHECK(so_far->run->target == run.target);
  CHECK(so_far->run->tables == run.tables);
  const auto result = parse_event(without_end(run_line(RunEvent::result, run)));
  REQUIRE(result);
  CHECK(result->last);
}

TEST_CASE("what is no event is refused") {
  const std::string line =
      GENERATE("", "}", "{}", "garbage", "{\"event\":\"result\"}",
               "{\"event\":\"result\",\"run\":{}}", "{\"event\":\"result\",\"run\":}",
               "{\"event\":\"run\",\"run\":null}", "{\"event\":\"progress\"}",
               "{\"event\":\"progress\",\"stage\":\"nowhere\",\"done\":1,\"total\":2}",
               "{\"event\":\"progress\",\"stage\":\"fetch\",\"done\":-1,\"total\":2}",
               "{\"event\":\"progress\",\"stage\":\"fetch\",\"done\":1e300,\"total\":2}",
               "{\"event\":\"other\",\"stage\":\"fetch\",\"done\":1,\"total\":2}",
               "\xff\xfe{\"event\":\"progress\"}");
  CHECK_FALSE(parse_event(line));
}

TEST_CASE("a document nested without end is refused before it is parsed") {
  const std::string deep(8U << 20U, '[');
  CHECK_FALSE(parse_event("{\"event\":\"result\",\"run\":" + deep + "}"));
}

TEST_CASE("a document of endless tiny values is refused before it is parsed") {
  std::string wide = "[";
  for (int i = 0; i < 5'000'000; ++i) wide += "0,";
  CHECK_FALSE(parse_event("{\"event\":\"result\",\"run\":" + wide + "0]}"));
}

TEST_CASE("an object of many members is refused before it is parsed, at any length") {
  std::string wide = "{\"event\":\"result\",\"run\":{\"a\":{\"0\":0";
  const bool in_result = GENERATE(true, false);
  for (int i = 1; wide.size() < (in_result ? longest_event : longest_so_far) - 100; ++i)
    wide += ",\"" + std::to_string(i) + "\":0";
  if (!in_result) wide.replace(10, 6, "run");
  wide += "}}}";
  const auto event = parse_event(wide);
  REQUIRE_FALSE(event);
  CHECK(event.error().text == "a line is no event of a worker");  // not the parser's words
}

TEST_CASE("a member limit does not concern lists and the objects in them") {
  Run run;
  run.tables.resize(20'000, {"main", "a table, with \"commas\", and {braces}", 3});
  const auto event = parse_event(without_end(run_line(RunEvent::result, run)));
  REQUIRE(event);
  CHECK(event->run->tables.size() == 20'000);
}

TEST_CASE("the run so far stays short, and what speaks against the backup stays in it") {
  Run run;
  run.tables.resize(2000, {"main", std::string(100, 't'), 3});
  run.findings.resize(2000, {Severity::warning, Cause::none, std::string(900, 'w')});
  run.findings.push_back({Severity::failure, Cause::damaged, "page 7 is torn"});
  CheckResult check;
  check.verdict = Verdict::passed;
  check.detail = std::string(2000, 'd');
  run.checks.resize(2000, check);
  check.verdict = Verdict::failed;
  check.detail = "bad";
  run.checks.push_back(check);
  const std::string line = without_end(run_line(RunEvent::so_far, run));
  CHECK(line.size() <= longest_so_far);
  const auto event = parse_event(line);
  REQUIRE(event);
  CHECK(event->run->findings.at(0).text == "page 7 is torn");
  CHECK(event->run->checks.at(0).detail == "bad");
  const auto result = parse_event(without_end(run_line(RunEvent::result, run)));
  REQUIRE(result);
  CHECK(result->run->checks.size() > 1000);
}

TEST_CASE("a run so far that is longer than a worker sends is refused") {
  Run run;
  run.reason = std::string(longest_so_far, 'x');
  const std::string json = to_json(run);
  CHECK_FALSE(parse_event("{\"event\":\"run\",\"run\":" + json + "}"));
  CHECK(parse_event("{\"event\":\"result\",\"run\":" + json + "}"));
}

TEST_CASE("lines are put together from pieces") {
  LineReader reader;
  reader.feed("on");
  CHECK_FALSE(reader.next());
  reader.feed("e\ntwo\n\nthr");
  CHECK(reader.next() == "one");
  CHECK(reader.next() == "two");
  CHECK(reader.next() == "");
  CHECK_FALSE(reader.next());
  reader.feed("ee\n");
  CHECK(reader.next() == "three");
  CHECK(reader.dropped() == 0);
}

TEST_CASE("a line that is too long is dropped and the next one is read") {
  LineReader reader(8);
  SECTION("in one piece") {
    reader.feed("123456789\nnext\n");
  }
  SECTION("in pieces") {
    reader.feed("12345");
    CHECK_FALSE(reader.next());
    reader.feed("67890");
    CHECK_FALSE(reader.next());
    reader.feed("endless");
    CHECK_FALSE(reader.next());
    reader.feed("end\nnext\n");
  }
  CHECK(reader.next() == "next");
  CHECK_FALSE(reader.next());
  CHECK(reader.dropped() == 1);
}
