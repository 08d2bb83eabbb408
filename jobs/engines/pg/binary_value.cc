// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/binary_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <utility>

#include "engines/pg/sql_letters.h"

namespace backproof {
namespace {

using pg_sql::is_digit;
using Bytes = std::vector<unsigned char>;

template <typename Unsigned>
void append_number(Bytes& out, Unsigned value) {
  std::array<unsigned char, sizeof(Unsigned)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(value >> (8 * (bytes.size() - 1 - i)));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  // Not all that from_chars reads is meant the same by the server: "inf", "nan".
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() <= sign || !is_digit(text[sign])) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Number, typename Unsigned>
bool append_parsed(std::string_view text, Bytes& out) {
  const auto value = parse<Number>(text);
  if (value) append_number(out, std::bit_cast<Unsigned>(*value));
  return value.has_value();
}

// Takes text apart from its front. What does not fit leaves it `bad`.
struct Cursor {
  std::string_view rest;
  bool bad = false;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void demand(char c) { bad = !take(c) || bad; }
  // Exactly so many digits, at most `most`.
  unsigned digits(std::size_t count, unsigned most) {
    unsigned value = 0;
    if (rest.size() < count) bad = true;
    for (std::size_t i = 0; i < count && !bad; ++i) {
      if (!is_digit(rest[i])) bad = true;
      value = value * 10 + static_cast<unsigned>(rest[i] - '0');
    }
    if (bad) return 0;
    rest.remove_prefix(count);
    bad = value > most;
    return value;
  }
};

constexpr std::chrono::sys_days epoch{std::chrono::year{2000} / 1 / 1};

// 2024-01-31, as days since 2000.
std::int32_t take_date(Cursor& at) {
  const unsigned year = at.digits(4, 9999);
  at.demand('-');
  const unsigned month = at.digits(2, 12);
  at.demand('-');
  const unsigned day = at.digits(2, 31);
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{month}, std::chrono::day{day}};
  if (year == 0 || !date.ok()) at.bad = true;
  return at.bad ? 0 : static_cast<std::int32_t>((std::chrono::sys_days{date} - epoch).count());
}

// 2024-01-31 23:59:59.123456, as microseconds since 2000.
std::int64_t take_timestamp(Cursor& at) {
  const std::int64_t days = take_date(at);
  at.demand(' ');
  const std::int64_t hour = at.digits(2, 23);
  at.demand(':');
  const std::int64_t minute = at.digits(2, 59);
  at.demand(':');
  const std::int64_t second = at.digits(2, 59);
  std::int64_t micros = 0;
  if (at.take('.')) {
    std::int64_t unit = 100'000;
    if (at.rest.empty() || !is_digit(at.rest.front())) at.bad = true;
    for (; unit > 0 && !at.rest.empty() && is_digit(at.rest.front()); unit /= 10)
      micros += at.digits(1, 9) * unit;
  }
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000 + micros;
}

// +05:30, as seconds east.
std::int64_t take_offset(Cursor& at) {
  const bool west = at.take('-');
  if (!west) at.demand('+');
  std::int64_t seconds = static_cast<std::int64_t>(at.digits(2, 15)) * 3600;
  if (at.take(':')) seconds += static_cast<std::int64_t>(at.digits(2, 59)) * 60;
  if (at.take(':')) seconds += at.digits(2, 59);
  return west ? -seconds : seconds;
}

bool append_time(PgBinaryType type, std::string_view text, Bytes& out) {
  Cursor at{text};
  if (type == PgBinaryType::date) {
    const std::int32_t days = take_date(at);
    append_number(out, static_cast<std::uint32_t>(days));
  } else {
    std::int64_t micros = take_timestamp(at);
    if (type == PgBinaryType::timestamptz) micros -= take_offset(at) * 1'000'000;
    append_number(out, static_cast<std::uint64_t>(micros));
  }
  return !at.bad && at.rest.empty();
}

// Digits of base 10,000 around the decimal point.
bool append_numeric(std::string_view text, Bytes& out) {
  constexpr std::size_t longest = 1000, group = 4;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point < text.size() ? text.substr(point + 1) : "";
  const bool complete = !whole.empty() && (point == text.size() || !part.empty());
  if (!complete || text.size() > longest || !std::all_of(whole.begin(), whole.end(), is_digit) ||
      !std::all_of(part.begin(), part.end(), is_digit))
    return false;
  const std::size_t before = (whole.size() + group - 1) / group;
  const std::size_t behind = (part.size() + group - 1) / group;
  append_number(out, static_cast<std::uint16_t>(before + behind));
  append_number(out, static_cast<std::uint16_t>(before - 1));
  append_number(out, static_cast<std::uint16_t>(negative ? 0x4000 : 0));
  append_number(out, static_cast<std::uint16_t>(part.size()));
  unsigned digit = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    digit = digit * 10 + static_cast<unsigned>(whole[i] - '0');
    if ((whole.size() - i) % group != 1) continue;
    append_number(out, static_cast<std::uint16_t>(std::exchange(digit, 0)));
  }
  for (std::size_t i = 0; i < behind * group; ++i) {
    digit = digit * 10 + (i < part.size() ? static_cast<unsigned>(part[i] - '0') : 0);
    if (i % group == group - 1)
      append_number(out, static_cast<std::uint16_t>(std::exchange(digit, 0)));
  }
  return true;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool append_hex(std::string_view text, Bytes& out) {
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<unsigned char>(high * 16 + low));
  }
  return true;
}

bool append_uuid(std::string_view text, Bytes& out) {
  constexpr std::array<std::size_t, 5> parts{8, 4, 4, 4, 12};
  Cursor at{text};
  for (const std::size_t size : parts) {
    if (at.rest.size() < size || !append_hex(at.rest.substr(0, size), out)) return false;
    at.rest.remove_prefix(size);
    if (size != parts.back() && !at.take('-')) return false;
  }
  return at.rest.empty();
}

}  // namespace

std::optional<PgBinaryType> binary_type_of(std::uint32_t type, char kind) {
  if (kind == 'e') return PgBinaryType::text;
  switch (type) {
    case 16:
      return PgBinaryType::boolean;
    case 17:
      return PgBinaryType::bytea;
    case 20:
      return PgBinaryType::int8;
    case 21:
      return PgBinaryType::int2;
    case 23:
      return PgBinaryType::int4;
    case 25:
    case 114:
    case 1042:
    case 1043:
      return PgBinaryType::text;
    case 700:
      return PgBinaryType::float4;
    case 701:
      return PgBinaryType::float8;
    case 1082:
      return PgBinaryType::date;
    case 1114:
      return PgBinaryType::timestamp;
    case 1184:
      return PgBinaryType::timestamptz;
    case 1700:
      return PgBinaryType::numeric;
    case 2950:
      return PgBinaryType::uuid;
    case 3802:
      return PgBinaryType::jsonb;
    default:
      return std::nullopt;
  }
}

bool append_binary(PgBinaryType type, std::string_view text, Bytes& out) {
  switch (type) {
    case PgBinaryType::boolean:
      out.push_back(text == "t" ? 1 : 0);
      return text == "t" || text == "f";
    case PgBinaryType::int2:
      return append_parsed<std::int16_t, std::uint16_t>(text, out);
    case PgBinaryType::int4:
      return append_parsed<std::int32_t, std::uint32_t>(text, out);
    case PgBinaryType::int8:
      return append_parsed<std::int64_t, std::uint64_t>(text, out);
    case PgBinaryType::float4:
      return append_parsed<float, std::uint32_t>(text, out);
    case PgBinaryType::float8:
      return append_parsed<double, std::uint64_t>(text, out);
    case PgBinaryType::numeric:
      return append_numeric(text, out);
    case PgBinaryType::date:
    case PgBinaryType::timestamp:
    case PgBinaryType::timestamptz:
      return append_time(type, text, out);
    case PgBinaryType::uuid:
      return append_uuid(text, out);
    case PgBinaryType::bytea:
      return text.starts_with("\\x") && append_hex(text.substr(2), out);
    case PgBinaryType::jsonb:
      out.push_back(1);  // its version
      [[fallthrough]];
    case PgBinaryType::text:
      out.insert(out.end(), text.begin(), text.end());
      return true;
  }
  return false;
}

}  // namespace backproof
