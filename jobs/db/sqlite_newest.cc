// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_newest.h"

#include <algorithm>
#include <chrono>

namespace backproof {
namespace {

// Two digits at a place, up to `most`; what is beyond it or no number is above 99.
unsigned two_digits(std::string_view text, std::size_t at, unsigned most) {
  constexpr unsigned none = 1000;
  const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
  const unsigned number = tens > 9 || ones > 9 ? none : tens * 10 + ones;
  return number > most ? none : number;
}

bool is_number(unsigned two) {
  return two < 100;
}

std::optional<std::int64_t> plain_date(std::string_view text) {
  const unsigned century = two_digits(text, 0, 99), year = two_digits(text, 2, 99);
  const unsigned month = two_digits(text, 5, 12), day = two_digits(text, 8, 31);
  if (!is_number(century) || !is_number(year) || !is_number(month) || !is_number(day) ||
      month == 0 || day == 0 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  // As SQLite reads it, the 31st of a month with 30 days is the first of the next.
  const std::chrono::sys_days first =
      std::chrono::year(static_cast<int>(century * 100 + year)) / static_cast<int>(month) / 1;
  return std::chrono::sys_seconds(first + std::chrono::days(day - 1)).time_since_epoch().count();
}

// Behind "HH:MM:SS" nothing, or a point and up to three decimals: SQLite rounds what has more.
bool is_fraction(std::string_view text) {
  if (text.empty()) return true;
  return text.size() >= 2 && text.size() <= 4 && text[0] == '.' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::int64_t> plain_time(std::string_view text) {
  constexpr std::size_t date = 10, minutes = 16, seconds = 19;
  if (text.size() < date) return std::nullopt;
  const auto day = plain_date(text);
  if (!day || text.size() == date) return day;
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() < minutes || (text[date] != ' ' && text[date] != 'T') || text[13] != ':')
    return std::nullopt;
  const unsigned hour = two_digits(text, 11, 23), minute = two_digits(text, 14, 59);
  if (!is_number(hour) || !is_number(minute)) return std::nullopt;
  const std::int64_t time = *day + hour * 3600 + minute * 60;
  if (text.size() == minutes) return time;
  if (text.size() < seconds || text[minutes] != ':') return std::nullopt;
  const unsigned second = two_digits(text, 17, 59);
  if (!is_number(second) || !is_fraction(text.substr(seconds))) return std::nullopt;
  return time + second;
}

void NewestTime::add(const SqliteValue& value) {
  constexpr double last_julian_day = 5373484.5, unix_epoch = 2440587.5;
  constexpr std::int64_t millis = 100000000000, micros = 100000000000000;
  switch (value.kind) {
    case SqliteValue::Kind::null:
    case SqliteValue::Kind::blob:
      break;
    case SqliteValue::Kind::integer:
      // What is negative is before 1970 at any scale.
      add_seconds(value.integer > micros   ? value.integer / 1000000
                  : value.integer > millis ? value.integer / 1000
                                           : value.integer);
      break;
    case SqliteValue::Kind::real: {
      double seconds = value.real;
      if (seconds >= 0 && seconds <= last_julian_day) {
        seconds = (seconds - unix_epoch) * 86400;
      } else if (seconds > static_cast<double>(micros)) {
        seconds /= 1000000;
      } else if (seconds > static_cast<double>(millis)) {
        seconds /= 1000;
      }
      // Compared before it is cut to whole seconds, as SQL does.
      if (seconds > 0 && seconds <= static_cast<double>(latest_))
        add_seconds(static_cast<std::int64_t>(seconds));
      break;
    }
    case SqliteValue::Kind::text: {
      const std::string_view text(reinterpret_cast<const char*>(value.bytes.data()),
                                  value.bytes.size());
      if (const auto seconds = plain_time(text)) {
        add_seconds(*seconds);
      } else if (std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        add_unread();
      }
      break;
    }
  }
}

}  // namespace backproof
