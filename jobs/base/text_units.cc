// SPDX-License-Identifier: Apache-2.0
// Numbers with a unit, and times: text.h says the two languages.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "base/text.h"

namespace backproof::text {
namespace {

using std::chrono::days;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes leading digits off `s`; nothing when there are none or the number is too large.
std::optional<std::uint64_t> take_number(std::string_view& s) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (error != std::errc{}) return std::nullopt;
  s.remove_prefix(static_cast<std::size_t>(end - s.data()));
  return n;
}

// Takes exactly `count` digits off `s`.
std::optional<int> take_digits(std::string_view& s, std::size_t count) {
  if (s.size() < count) return std::nullopt;
  int n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(s[i])) return std::nullopt;
    n = n * 10 + (s[i] - '0');
  }
  s.remove_prefix(count);
  return n;
}

bool take_char(std::string_view& s, std::string_view one_of) {
  if (s.empty() || one_of.find(s.front()) == std::string_view::npos) return false;
  s.remove_prefix(1);
  return true;
}

Error expected(std::string_view what, std::string_view got, std::string_view example) {
  return {Cause::internal, "expected " + std::string(what) + ", got \"" + printable(got, 80) + "\"",
          "write it like " + std::string(example)};
}

// "1.234" with at most `decimals` decimals and no trailing zeros.
std::string decimal(double value, int decimals) {
  std::array<char, 64> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  std::string out(buffer.data(), static_cast<std::size_t>(n));
  if (out.find('.') == std::string::npos) return out;
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

struct DurationUnit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array duration_units{DurationUnit{"w", 604'800'000}, DurationUnit{"d", 86'400'000},
                                    DurationUnit{"h", 3'600'000},   DurationUnit{"m", 60'000},
                                    DurationUnit{"s", 1000},        DurationUnit{"ms", 1}};
// 292 years: what 63 bits of nanoseconds hold, the range of other programs' durations.
constexpr std::uint64_t max_ms = std::numeric_limits<std::int64_t>::max() / 1'000'000;

struct SizeUnit {
  std::string_view name;
  std::uintmax_t bytes;
};
constexpr std::array size_units{
    SizeUnit{"", 1},
    SizeUnit{"B", 1},
    SizeUnit{"KiB", 1ULL << 10U},
    SizeUnit{"MiB", 1ULL << 20U},
    SizeUnit{"GiB", 1ULL << 30U},
    SizeUnit{"TiB", 1ULL << 40U},
    SizeUnit{"PiB", 1ULL << 50U},
    SizeUnit{"EiB", 1ULL << 60U},
    SizeUnit{"kB", 1'000},
    SizeUnit{"KB", 1'000},
    SizeUnit{"MB", 1'000'000},
    SizeUnit{"GB", 1'000'000'000},
    SizeUnit{"TB", 1'000'000'000'000},
    SizeUnit{"PB", 1'000'000'000'000'000},
    SizeUnit{"EB", 1'000'000'000'000'000'000},
};

// The bytes of "0.DIGITS" of a unit, rounded down.
std::uintmax_t fraction_of(std::string_view digits, std::uintmax_t unit) {
  long double part = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
    part = (part + static_cast<long double>(*digit - '0')) / 10;
  return static_cast<std::uintmax_t>(part * static_cast<long double>(unit));
}

std::optional<Duration> parse_clock_time(std::string_view& s) {
  const auto hour = take_digits(s, 2);
  if (!hour || *hour > 23 || !take_char(s, ":")) return std::nullopt;
  const auto minute = take_digits(s, 2);
  if (!minute || *minute > 59 || !take_char(s, ":")) return std::nullopt;
  const auto second = take_digits(s, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second, the next minute's first
  std::int64_t micros = 0;
  if (take_char(s, ".")) {
    std::int64_t weight = 100'000;
    if (s.empty() || !is_digit(s.front())) return std::nullopt;
    for (; !s.empty() && is_digit(s.front()); s.remove_prefix(1), weight /= 10)
      micros += weight * (s.front() - '0');
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         Duration(micros);
}

std::optional<Duration> parse_offset(std::string_view& s) {
  if (take_char(s, "Zz")) return Duration{};
  const bool negative = !s.empty() && s.front() == '-';
  if (!take_char(s, "+-")) return std::nullopt;
  const auto hour = take_digits(s, 2);
  if (!hour || *hour > 23 || !take_char(s, ":")) return std::nullopt;
  const auto minute = take_digits(s, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const Duration offset = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  return negative ? -offset : offset;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view& s) {
  const auto year = take_digits(s, 4);
  if (!year || !take_char(s, "-")) return std::nullopt;
  const auto month = take_digits(s, 2);
  if (!month || !take_char(s, "-")) return std::nullopt;
  const auto day = take_digits(s, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view s) {
  const auto n = take_number(s);
  return s.empty() ? n : std::nullopt;
}

Result<Duration> parse_duration(std::string_view s) {
  const Error wrong = expected("a duration", s, "\"1h30m\", \"45s\", \"7d\" or \"250ms\"");
  if (s == "0") return Duration{};
  if (s.empty()) return wrong;
  std::uint64_t total = 0;
  std::size_t next_unit = 0;
  for (std::string_view rest = s; !rest.empty();) {
    const auto number = take_number(rest);
    if (!number) return wrong;
    const std::string_view name =
        rest.substr(0, std::min(rest.size(), rest.find_first_of("0123456789")));
    while (next_unit < duration_units.size() && duration_units[next_unit].name != name) ++next_unit;
    if (next_unit == duration_units.size()) return wrong;
    const auto ms = static_cast<std::uint64_t>(duration_units[next_unit++].ms);
    if (*number > (max_ms - total) / ms)
      return Error{Cause::internal, "duration \"" + printable(s, 80) + "\" is above 292 years", ""};
    total += *number * ms;
    rest.remove_prefix(name.size());
  }
  return Duration(std::chrono::milliseconds(static_cast<std::int64_t>(total)));
}

std::string format_duration(Duration d) {
  if (d < Duration{}) {
    // The least value has no positive counterpart; nobody can tell it from its neighbour.
    return "-" + format_duration(d == Duration::min() ? Duration::max() : -d);
  }
  if (d == Duration{}) return "0s";
  const auto micros = static_cast<double>(d.count());
  if (d < std::chrono::milliseconds(10)) return decimal(micros / 1e3, 3) + "ms";
  if (d < Duration(999'500)) return decimal(micros / 1e3, 0) + "ms";
  if (d < Duration(9'999'500)) return decimal(micros / 1e6, 3) + "s";
  // Rounding up must stay in range.
  constexpr Duration most = Duration::max() - std::chrono::seconds(1);
  auto ms = std::chrono::round<std::chrono::milliseconds>(std::min(d, most)).count();
  std::string out;
  for (const DurationUnit& unit : duration_units) {
    if (unit.name == "w" || ms < unit.ms) continue;  // "90d" says more than "12w6d"
    out.append(std::to_string(ms / unit.ms)).append(unit.name);
    ms %= unit.ms;
  }
  return out;
}

Result<std::uintmax_t> parse_size(std::string_view s) {
  const Error wrong = expected("a size", s, "\"20GiB\", \"1.5MB\" or 512");
  constexpr auto largest = std::numeric_limits<std::uintmax_t>::max();
  std::string_view rest = s;
  const auto whole = take_number(rest);
  if (!whole) return wrong;
  std::string_view digits;
  if (take_char(rest, ".")) {
    digits = rest.substr(0, std::min(rest.size(), rest.find_first_not_of("0123456789")));
    if (digits.empty()) return wrong;
    rest.remove_prefix(digits.size());
  }
  if (rest.size() > 1) take_char(rest, " ");
  for (const SizeUnit& unit : size_units) {
    if (unit.name != rest) continue;
    if (!digits.empty() && unit.bytes == 1) return wrong;
    const std::uintmax_t part = fraction_of(digits, unit.bytes);
    if (*whole > (largest - part) / unit.bytes)
      return Error{Cause::internal, "size \"" + printable(s, 80) + "\" is above 16 EiB", ""};
    return *whole * unit.bytes + part;
  }
  return wrong;
}

std::string format_size(std::uintmax_t bytes) {
  constexpr std::array<std::string_view, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 1023.5 would be rounded to 1024 of a unit that ends at 1023.
  for (; value >= 1023.5 && unit + 1 < units.size(); ++unit) value /= 1024;
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return decimal(value, unit == 0 ? 0 : decimals) + " " + std::string(units[unit]);
}

std::string format_count(std::uint64_t n) {
  std::string out = std::to_string(n);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, 1, ',');
  return out;
}

std::string format_time(TimePoint t) {
  using std::chrono::sys_days;
  using std::chrono::year;
  // RFC 3339 has years 0 to 9999; file systems hold more.
  constexpr TimePoint first = sys_days(year(0) / 1 / 1);
  constexpr TimePoint last = sys_days(year(9999) / 12 / 31) + days(1) - Duration(1);
  t = std::clamp(t, first, last);
  const auto date = std::chrono::floor<days>(t);
  const std::chrono::year_month_day ymd(date);
  const std::chrono::hh_mm_ss time(t - date);
  std::array<char, 80> buffer{};
  int n = std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                        static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                        static_cast<unsigned>(ymd.day()), static_cast<int>(time.hours().count()),
                        static_cast<int>(time.minutes().count()),
                        static_cast<int>(time.seconds().count()));
  std::string out(buffer.data(), static_cast<std::size_t>(n));
  if (const auto micros = static_cast<int>(time.subseconds().count()); micros != 0) {
    n = micros % 1000 == 0 ? std::snprintf(buffer.data(), buffer.size(), ".%03d", micros / 1000)
                           : std::snprintf(buffer.data(), buffer.size(), ".%06d", micros);
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return out + 'Z';
}

Result<TimePoint> parse_time(std::string_view s) {
  std::string_view rest = s;
  const auto date = parse_date(rest);
  if (date && take_char(rest, "Tt ")) {
    const auto time = parse_clock_time(rest);
    const auto offset = time ? parse_offset(rest) : std::nullopt;
    if (offset && rest.empty()) return TimePoint(*date) + *time - *offset;
  }
  return expected("an RFC 3339 time", s, "\"2026-11-23T14:34:54Z\"");
}

}  // namespace backproof::text
