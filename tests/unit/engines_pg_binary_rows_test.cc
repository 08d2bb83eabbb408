// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/binary_rows.h"

#include <cstring>
#include <memory>
#include <string>

#include "support/catch.h"

using namespace backproof;
using Type = PgBinaryType;

namespace {

// The value in hexadecimal; "-" where it is the server's to read.
std::string binary(Type type, std::string_view text) {
  std::vector<unsigned char> bytes;
  if (!append_binary(type, text, bytes)) return "-";
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += "0123456789abcdef"[byte / 16];
    hex += "0123456789abcdef"[byte % 16];
  }
  return hex;
}

struct Encoded {
  std::size_t taken;
  std::string tuples;
};
Encoded encoded(const std::vector<Type>& types, const std::string& rows) {
  // Its size is exact, so that a look behind it is found.
  const auto exact = std::make_unique<unsigned char[]>(rows.size());
  std::memcpy(exact.get(), rows.data(), rows.size());
  std::vector<unsigned char> out;
  const std::size_t taken = pg_rows::encode(types, {exact.get(), rows.size()}, out);
  return {taken, {out.begin(), out.end()}};
}
std::string field(const std::string& value) {
  std::string length(3, '\0');
  length += static_cast<char>(value.size());
  return length + value;
}
const std::string two_fields("\0\2", 2), null_field("\xFF\xFF\xFF\xFF");

}  // namespace

TEST_CASE("numbers have PostgreSQL's binary form") {
  CHECK(binary(Type::boolean, "t") == "01");
  CHECK(binary(Type::boolean, "f") == "00");
  CHECK(binary(Type::int2, "-32768") == "8000");
  CHECK(binary(Type::int4, "258") == "00000102");
  CHECK(binary(Type::int8, "-2") == "fffffffffffffffe");
  CHECK(binary(Type::float4, "1.5") == "3fc00000");
  CHECK(binary(Type::float8, "-0") == "8000000000000000");
  CHECK(binary(Type::float8, "1e+20") == "4415af1d78b58c40");
}

TEST_CASE("numeric values are digits of base 10,000 around the point") {
  CHECK(binary(Type::numeric, "0") == "00010000000000000000");
  CHECK(binary(Type::numeric, "12345.678") == "0003000100000003000109291a7c");
  CHECK(binary(Type::numeric, "-0.00012") == "00030000400000050000000107d0");
  CHECK(binary(Type::numeric, "10000") ==
        "00020001000000000001"
        "0000");
}

TEST_CASE("times count from the year 2000") {
  CHECK(binary(Type::date, "2000-01-02") == "00000001");
  CHECK(binary(Type::date, "1999-12-31") == "ffffffff");
  CHECK(binary(Type::timestamp, "2000-01-01 00:00:01.5") == "000000000016e360");
  CHECK(binary(Type::timestamptz, "2000-01-01 05:30:00+05:30") == "0000000000000000");
  CHECK(binary(Type::timestamptz, "1999-12-31 19:00:00-05") == "0000000000000000");
  CHECK(binary(Type::timestamptz, "2000-01-01 00:00:00-00:25:21") == "000000005aa89e40");
}

TEST_CASE("bytes and texts have PostgreSQL's binary form") {
  CHECK(binary(Type::uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11") ==
        "a0eebc999c0b4ef8bb6d6bb9bd380a11");
  CHECK(binary(Type::bytea, "\\x00ff") == "00ff");
  CHECK(binary(Type::bytea, "\\x").empty());
  CHECK(binary(Type::jsonb, "[]") == "015b5d");
  CHECK(binary(Type::text, "a") == "61");
}

TEST_CASE("what the server writes in no such way is left to it") {
  for (const char* text :
       {"", "+1", " 1", "1 ", "1.", "1e", "0x1", "--1", "-", "a", "99999999999999999999"})
    for (const Type type : {Type::int2, Type::int4, Type::int8}) CHECK(binary(type, text) == "-");
  CHECK(binary(Type::int2, "32768") == "-");
  for (const char* text :
       {"", "NaN", "nan", "Infinity", "-Infinity", "inf", "1e999", ".5", "1,5", " 1"})
    CHECK(binary(Type::float8, text) == "-");
  for (const char* text :
       {"", "-", ".5", "5.", "1e5", "NaN", "Infinity", "1_000", "--1", "+1", " 1"})
    CHECK(binary(Type::numeric, text) == "-");
  for (const char* text : {"", "infinity", "0000-01-01", "0044-03-15 BC", "2023-02-29",
                           "2023-13-01", "20260-01-01", "2023-1-01", "2023-01-01 ", "01/02/2003"})
    CHECK(binary(Type::date, text) == "-");
  for (const char* text :
       {"2023-01-01", "2023-01-01 24:00:00", "2023-01-01 23:59:60", "2023-01-01T00:00:00",
        "2023-01-01 00:00:00.", "2023-01-01 00:00:00.1234567", "2023-01-01 00:00:00+00",
        "2023-01-01 00:00:00 BC", "infinity"})
    CHECK(binary(Type::timestamp, text) == "-");
  for (const char* text :
       {"2023-01-01 00:00:00", "2023-01-01 00:00:00+1", "2023-01-01 00:00:00 CET",
        "2023-01-01 00:00:00+16", "2023-01-01 00:00:00+00 BC", "2023-01-01 00:00:00+00:60"})
    CHECK(binary(Type::timestamptz, text) == "-");
  for (const char* text :
       {"", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a112"})
    CHECK(binary(Type::uuid, text) == "-");
  for (const char* text : {"", "ab", "\\x1", "\\xgg", "\\000"})
    CHECK(binary(Type::bytea, text) == "-");
  for (const char* text : {"", "true", "1", "T"}) CHECK(binary(Type::boolean, text) == "-");
}

TEST_CASE("types without a binary form that is known have none") {
  CHECK(binary_type_of(1184, 'b') == Type::timestamptz);
  CHECK(binary_type_of(20'000, 'e') == Type::text);
  CHECK_FALSE(binary_type_of(20'000, 'd'));
  CHECK_FALSE(binary_type_of(1007, 'b'));
}

TEST_CASE("rows of COPY's text format become rows of its binary format") {
  const auto all = encoded({Type::int2, Type::text}, "1\ta long text without any ends\n2\t\\N\n");
  CHECK(all.taken == 36);
  CHECK(all.tuples == two_fields + field({0, 1}) + field("a long text without any ends") +
                          two_fields + field({0, 2}) + null_field);
  CHECK(encoded({Type::text, Type::text}, "a\\tb\\\\\\n\t\\q\\b\n").tuples ==
        two_fields + field("a\tb\\\n") + field("q\b"));
}

TEST_CASE("encoding stops at the first row that is the server's to read") {
  const std::vector<Type> types{Type::int2, Type::text};
  const std::string good = "1\tone\n", tuple = two_fields + field({0, 1}) + field("one");
  for (const char* bad :
       {"",           "2",          "2\t",       "2\ttwo",     "2\ttwo\t\n",
        "2\n",        "\n",         "x\ttwo\n",  "\\.\n",      "2\t\\.\n",
        "2\t\\101\n", "2\t\\x41\n", "2\ta\rb\n", "2\ttwo\r\n", "2\tx\\N\n",
        "2\t\\Nx\n",  "2\t\\N",     "2\ttwo\\",  "2\ttwo\\\n", "2\ta text that is longer\\"}) {
    INFO(bad);
    const auto result =
        encoded(types, good + bad + (std::strchr(bad, '\n') != nullptr ? good : ""));
    CHECK(result.taken == good.size());
    CHECK(result.tuples == tuple);
  }
}

TEST_CASE("a newline behind a backslash ends no row") {
  const auto view = [](std::string_view text) { return as_bytes(text); };
  CHECK(pg_rows::end_of_last(view("a\nb\\\nc")) == 2);
  CHECK(pg_rows::end_of_last(view("a\\\\\nb\\\\\\\n")) == 4);
  CHECK(pg_rows::end_of_last(view("\\\n\\\n")) == 0);
}
