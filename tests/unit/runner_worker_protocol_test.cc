// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_protocol.h"

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
