// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engines_pg_plain_events.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A text in front, `bytes` times 'x', and a text behind, never in memory as a whole.
class LongText : public ByteSource {
 public:
  LongText(std::string front, std::uint64_t bytes, std::string behind)
      : front_(std::move(front)), bytes_(bytes), behind_(std::move(behind)) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    if (front_.empty() && bytes_ > 0) {
      const std::size_t n = std::min<std::uint64_t>(into.size(), bytes_);
      std::memset(into.data(), 'x', n);
      bytes_ -= n;
      return n;
    }
    std::string& text = front_.empty() ? behind_ : front_;
    const std::size_t n = std::min(into.size(), text.size());
    std::memcpy(into.data(), text.data(), n);
    text.erase(0, n);
    return n;
  }

 private:
  std::string front_;
  std::uint64_t bytes_;
  std::string behind_;
};

// Counts, because what it is told is long.
class Counter : public Recorder {
 public:
  std::uint64_t row_bytes = 0, statement_bytes = 0;
  std::size_t largest = 0;
  Result<void> statement(std::string_view sql, const DumpPlace&) override {
    statement_bytes += sql.size();
    return {};
  }
  Result<void> copy_rows(ByteView rows) override {
    row_bytes += rows.size();
    largest = std::max(largest, rows.size());
    return {};
  }
};

Result<PlainEnd> read_long(const std::string& front, std::uint64_t bytes, const std::string& behind,
                           Counter& counter) {
  LongText source(front, bytes, behind);
  FakeClock clock(at("2026-11-23T12:00:00Z"));
  return read_plain_dump(source, counter, RunContext{clock, [](auto, auto) {}});
}

}  // namespace

TEST_CASE("a row of any length goes through in pieces") {
  Counter counter;
  const auto end = read_long(plain_head() + "COPY t FROM stdin;\n", 300U << 20U,
                             "\n\\.\n" + plain_tail(), counter);
  REQUIRE(end);
  CHECK(end->marked);
  CHECK(counter.row_bytes == (300U << 20U) + 1);
  CHECK(end->row_bytes == counter.row_bytes);
  CHECK(counter.largest <= 1U << 20U);
}

TEST_CASE("a statement of 64 MiB is read and a longer one is refused with its line") {
  static constexpr std::uint64_t most = 64U << 20U;
  Counter counter;
  REQUIRE(read_long(plain_head() + "SELECT '", most - 10, "';\n" + plain_tail(), counter));
  CHECK(counter.statement_bytes == most + 29);
  const auto end = read_long(plain_head() + "SELECT '", most - 9, "';\n" + plain_tail(), counter);
  REQUIRE_FALSE(end);
  CHECK(end.error().cause == Cause::space);
  CHECK(end.error().text == "line 9 begins a statement of more than 64 MiB");
}

TEST_CASE("comments of any length take no memory and no time") {
  Counter counter;
  CHECK(read_long("--", 100U << 20U, "\n", counter));
  CHECK(read_long("/*", 100U << 20U, "*/", counter));
}

TEST_CASE("an error of the sink or of the content ends the reading") {
  class Refusing : public Recorder {
   public:
    Result<void> copy_begin(std::string_view, const DumpPlace&) override {
      return Error{Cause::restore_error, "no such table", ""};
    }
  };
  TextSource source("COPY t FROM stdin;\n\\.\n", 5);
  FakeClock clock(at("2026-11-23T12:00:00Z"));
  Refusing sink;
  const auto end = read_plain_dump(source, sink, RunContext{clock, [](auto, auto) {}});
  REQUIRE_FALSE(end);
  CHECK(end.error().text == "no such table");
}

TEST_CASE("pieces of any size say the same of random text") {
  Random random(11);
  const std::vector<std::string> parts{"--",
                                       "\n",
                                       "--\n-- PostgreSQL database dump\n--\n",
                                       "-- Name: a; Type: TABLE; Schema: b; Owner: c\n",
                                       "'",
                                       "E'",
                                       "\"",
                                       "$$",
                                       "$a$",
                                       ";",
                                       ";\n",
                                       "(",
                                       ")",
                                       "\\",
                                       "\\.\n",
                                       "\n\\.\n",
                                       "\\connect a\n",
                                       "\\restrict a\n",
                                       "\\unrestrict a\n",
                                       "COPY t FROM stdin;\n",
                                       "CREATE FUNCTION ",
                                       "BEGIN ATOMIC ",
                                       "CASE ",
                                       "END",
                                       " ",
                                       "x",
                                       "/*",
                                       "*/",
                                       ":",
                                       "SET standard_conforming_strings=off;",
                                       "\r\n",
                                       "--\n-- PostgreSQL database dump complete\n--\n"};
  int whole = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::uint64_t n = 1 + random.below(20); n > 0; --n)
      text += parts[random.below(parts.size())];
    INFO(text);
    const Reading one = read_in_steps(text, text.size());
    REQUIRE(read_in_steps(text, 1) == one);
    REQUIRE(read_in_steps(text, 1 + random.below(9)) == one);
    whole += one.end ? 1 : 0;
  }
  CHECK(whole > 100);
}
