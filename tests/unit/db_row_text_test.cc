// SPDX-License-Identifier: Apache-2.0
#include "db/row_text.h"

#include <bit>
#include <cmath>
#include <ctime>
#include <limits>

#include "support/support.h"

using namespace backproof;

namespace {

// The slowest possible way to escape, to compare with.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const std::size_t found = std::string_view("\\\n\r\t\b\f\v").find(c);
    if (found == std::string_view::npos) {
      text += c;
    } else {
      text += '\\';
      text += "\\nrtbfv"[found];
    }
  }
  return text;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

std::string digest_of_line(std::string_view line) {
  return digest_text(hash128(as_bytes(line)));
}

template <typename Fill>
std::string digest_of(Fill&& fill) {
  RowText row;
  row.clear();
  fill(row);
  return digest_text(row.hash());
}

std::string of_real(double value) {
  return digest_of([&](RowText& row) { row.add_real(value); });
}
std::string of_text(std::string_view value) {
  return digest_of([&](RowText& row) { row.add_text(value); });
}

}  // namespace

TEST_CASE("the text of a row is the line of a COPY") {
  CHECK(digest_of([](RowText& row) {
          row.add_integer(-7);
          row.add_null();
          row.add_text("tab\there");
          row.add_text("");
          row.add_real(0.5);
          row.add_blob(as_bytes(std::string_view("\x00\xfe", 2)));
          row.add_integer(std::numeric_limits<std::int64_t>::min());
        }) == digest_of_line("\\#-7\t\\N\ttab\\there\t\t\\#0.5\t\\x00fe\t\\#-9223372036854775808"));
  // NULL is not the text \N, an empty text is not NULL, and no value is no row.
  CHECK(of_text("\\N") == digest_of_line("\\\\N"));
  CHECK(of_text("") == digest_of_line(""));
  CHECK(digest_of([](RowText& row) { row.add_blob({}); }) == digest_of_line("\\x"));
}

TEST_CASE("digests of rows are these numbers for ever") {
  CHECK(digest_of_line("") == "99aa06d3014798d86001c324468d497f");  // XXH3's own test vector
  CHECK(of_text("caf\xc3\xa9") == digest_of_line("caf\xc3\xa9"));
  const std::string fixed = digest_of([](RowText& row) {
    row.add_integer(1);
    row.add_text("a\\b");
    row.add_real(1);
    row.add_null();
  });
  CHECK(fixed == digest_of_line("\\#1\ta\\\\b\t\\#1.0\t\\N"));
  CHECK(fixed == "80c0e9bc9a21735258a2dabe60754868");
}

TEST_CASE("a digest tells a number, a text and a blob from each other") {
  const std::string integer = digest_of([](RowText& row) { row.add_integer(1); });
  const std::string real = digest_of([](RowText& row) { row.add_real(1); });
  const std::string blob = digest_of([](RowText& row) { row.add_blob(as_bytes("A")); });
  CHECK(integer != of_text("1"));
  CHECK(integer != of_text("\\#1"));
  CHECK(integer != real);
  CHECK(real != of_text("1.0"));
  CHECK(blob != of_text("\\x41"));
  CHECK(blob != of_text("A"));
}

TEST_CASE("every byte at every place of a text is escaped as COPY does it") {
  for (std::size_t size = 1; size < 20; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        if (of_text(text) != digest_of_line(escaped(text))) FAIL(size << " " << at << " " << byte);
      }
}

TEST_CASE("texts and blobs of any length, whole or in pieces, have the digest of their line") {
  test::Random random(5);
  for (int turn = 0; turn < 60; ++turn) {
    const std::string text = random.bytes(random.below(turn % 3 == 0 ? 400000 : 70000));
    const std::string expected = digest_of_line("\\#1\t" + escaped(text) + "\t\\x" + hex(text));
    RowText row;
    for (int again = 0; again < 2; ++again) {
      row.clear();
      row.add_integer(1);
      row.add_text(text);
      row.add_blob(as_bytes(text));
      CHECK(digest_text(row.hash()) == expected);
    }
    row.clear();
    row.add_integer(1);
    row.begin_text();
    for (std::size_t at = 0; at < text.size(); at += 5000)
      row.more_text(std::string_view(text).substr(at, 5000));
    row.begin_blob();
    for (std::size_t at = 0; at < text.size(); at += 7000)
      row.more_blob(as_bytes(std::string_view(text).substr(at, 7000)));
    CHECK(digest_text(row.hash()) == expected);
    // A row that was begun and left leaves nothing behind.
    row.clear();
    row.add_text(text);
    row.clear();
    row.add_integer(1);
    CHECK(digest_text(row.hash()) == digest_of_line("\\#1"));
  }
}

TEST_CASE("a real number is the shortest text that reads back as it") {
  CHECK(of_real(1) == digest_of_line("\\#1.0"));
  CHECK(of_real(-3) == digest_of_line("\\#-3.0"));
  CHECK(of_real(0.1) == digest_of_line("\\#0.1"));
  CHECK(of_real(1e22) == digest_of_line("\\#1e+22"));
  CHECK(of_real(123456) == digest_of_line("\\#123456.0"));
  CHECK(of_real(1e308) == digest_of_line("\\#1e+308"));
  CHECK(of_real(1.5e-279) == digest_of_line("\\#1.5e-279"));
  for (const double nearly_zero : {0.0, -0.0, 5e-324, -1e-290, 9e-281})
    CHECK(of_real(nearly_zero) == digest_of_line("\\#0.0"));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(of_real(infinity) == digest_of_line("\\#Infinity"));
  CHECK(of_real(-infinity) == digest_of_line("\\#-Infinity"));
  CHECK(of_real(std::numeric_limits<double>::quiet_NaN()) == digest_of_line("\\#NaN"));
}

TEST_CASE("real numbers that differ have digests that differ") {
  test::Random random(11);
  for (int i = 0; i < 20000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (!(std::abs(value) > 1e-279) || std::isinf(value)) continue;
    const double next = std::nextafter(value, 0);
    if (of_real(value) == of_real(next)) FAIL("the neighbour of " << value);
  }
}

TEST_CASE("the digest of a table does not depend on the order of its rows but counts them") {
  const Hash128 a = hash128(as_bytes("a")), b = hash128(as_bytes("b"));
  Hash128 ab = a, ba = b, aab = a;
  ab += b;
  ba += a;
  aab += a;
  aab += b;
  CHECK(digest_text(ab) == digest_text(ba));
  CHECK_FALSE(digest_text(aab) == digest_text(ab));
  CHECK(digest_text({}) == std::string(32, '0'));
  CHECK(digest_text({1, 2}) == "00000000000000020000000000000001");
}

TEST_CASE("digests of three million rows are no matter of minutes") {
  const std::clock_t start = std::clock();
  RowText row;
  Hash128 sum;
  for (int i = 0; i < 3'000'000; ++i) {
    row.clear();
    row.add_integer(i);
    row.add_text("customer number 17 of 2026");
    row.add_real(i / 4.0);
    row.add_text("2026-11-20 12:00:00");
    row.add_null();
    row.add_integer(i % 7);
    sum += row.hash();
  }
  CHECK_FALSE(sum == Hash128{});
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  INFO(seconds << " s");
  // A quarter of a second; a busy machine and sanitizers take their time.
  CHECK(seconds < 20);
}
