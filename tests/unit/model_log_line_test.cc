// SPDX-License-Identifier: Apache-2.0
#include "model/log_line.h"

#include "model/run_json.h"
#include "support/support.h"

using namespace backproof;

namespace {

// 2026-11-23T14:34:55Z
constexpr TimePoint time_of_all{std::chrono::seconds(1795444495)};

std::vector<LogLine> long_log(std::size_t lines) {
  std::vector<LogLine> log;
  for (std::size_t i = 0; i < lines; ++i)
    log.push_back({time_of_all, "line " + std::to_string(i) + ' ' + std::string(100, 'x')});
  return log;
}

std::size_t bytes_of(const std::vector<LogLine>& log) {
  std::size_t bytes = 0;
  for (const LogLine& line : log) bytes += log_bytes(line);
  return bytes;
}

// Which lines of long_log() are there, and how many of them a line says are not.
struct Kept {
  std::vector<std::size_t> numbers;
  std::uint64_t left_out = 0;
  std::size_t gaps = 0;
};
Kept kept_of(const std::vector<LogLine>& log) {
  Kept kept;
  for (const LogLine& line : log) {
    if (line.text.starts_with("line ")) {
      kept.numbers.push_back(std::stoul(line.text.substr(5)));
    } else {
      ++kept.gaps;
      kept.left_out += std::stoul(line.fields.at(0).value);
      CHECK(line.text.ends_with(" lines left out: the log was too long"));
    }
  }
  return kept;
}

}  // namespace

TEST_CASE("a line of a run's log reads as one of the service's log") {
  const LogLine line{time_of_all,
                     "restored",
                     log::Level::warn,
                     Stage::restore,
                     {{"bytes", "4096"}, {"of", "a \"b\"\n"}}};
  CHECK(
      rendered(line, log::Format::logfmt) ==
      R"(time=2026-11-23T14:34:55Z level=warn msg=restored stage=restore bytes=4096 of="a \"b\"\\n")");
  CHECK(
      rendered(line, log::Format::json) ==
      R"({"time":"2026-11-23T14:34:55Z","level":"warn","msg":"restored","stage":"restore","bytes":"4096","of":"a \"b\"\\n"})");
}

TEST_CASE("a log is written and read with every member of its lines, their order included") {
  const std::vector<LogLine> log{
      {time_of_all, "begins", log::Level::debug, Stage::fetch, {{"z", "1"}, {"a", "2"}}},
      {time_of_all, "ended"}};
  const auto again = log_from_json(to_json(log));
  REQUIRE(again);
  CHECK(*again == log);
}

TEST_CASE("lines of a log that an older version wrote are read") {
  const auto log = log_from_json(R"([{"time":"2026-11-23T14:34:55Z","text":"fetch took 1ms"}])");
  REQUIRE(log);
  CHECK(*log == std::vector<LogLine>{{time_of_all, "fetch took 1ms"}});
  CHECK_FALSE(log_from_json(R"([{"time":null,"text":"a","level":"loud"}])"));
  CHECK_FALSE(log_from_json(R"([{"time":null,"text":"a","stage":"party"}])"));
  CHECK_FALSE(log_from_json(R"([{"time":null,"text":"a","fields":[["key"]]}])"));
}

TEST_CASE("of a log that is too long beginning and end are kept, and a line says what is missing") {
  std::vector<LogLine> log = long_log(10'000);
  cap_log(log);
  CHECK(bytes_of(log) <= most_log_bytes);
  CHECK(bytes_of(log) > most_log_bytes * 9 / 10);
  const Kept kept = kept_of(log);
  CHECK(kept.gaps == 1);
  CHECK(kept.numbers.front() == 0);
  CHECK(kept.numbers.back() == 9999);
  CHECK(kept.numbers.size() + kept.left_out == 10'000);
  std::vector<LogLine> small = long_log(10);
  cap_log(small);
  CHECK(small == long_log(10));
}

TEST_CASE("a log that grows and is cut again and again counts every line that it lost, once") {
  const std::vector<LogLine> all = long_log(5'000);
  std::vector<LogLine> log;
  for (const LogLine& line : all) {
    log.push_back(line);
    cap_log(log, 16 << 10);
  }
  CHECK(bytes_of(log) <= 16 << 10);
  const Kept kept = kept_of(log);
  CHECK(kept.gaps == 1);
  CHECK(kept.numbers.front() == 0);
  CHECK(kept.numbers.back() == 4'999);
  CHECK(kept.numbers.size() + kept.left_out == 5'000);
}

TEST_CASE("a single line that is longer than a whole log may be leaves a log that is not") {
  std::vector<LogLine> log{{time_of_all, std::string(4000, 'x')}, {time_of_all, "end"}};
  cap_log(log, 1000);
  CHECK(bytes_of(log) <= 1000);
  CHECK(log.back().text == "end");
}

TEST_CASE("a field of a log line has a plain name that is none of the line's own") {
  CHECK(is_log_key("max_rss_bytes2"));
  for (const char* bad : {"", "a b", "a=b", "A", "time", "level", "msg", "stage", "ä"})
    CHECK_FALSE(is_log_key(bad));
  CHECK_FALSE(is_log_key(std::string(longest_log_key + 1, 'a')));
}
