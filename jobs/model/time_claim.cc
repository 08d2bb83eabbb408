// SPDX-License-Identifier: Apache-2.0
#include "model/time_claim.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

// Zones go from UTC-12 to UTC+14.
constexpr Duration most_east = 14h, most_west = 12h;
constexpr Duration most_ahead = 5min;
constexpr TimePoint oldest = std::chrono::sys_days{std::chrono::year{1990} / 1 / 1};
constexpr TimePoint newest = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Goes through a text; every take_ leaves it untouched where it says no.
class Cursor {
 public:
  explicit Cursor(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }
  bool take(std::string_view any_of) {
    if (at_ >= text_.size() || any_of.find(next()) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  // Exactly `digits` of them, whatever follows.
  std::optional<int> number(std::size_t digits, int least, int most) {
    if (rest().size() < digits) return {};
    int value = 0;
    for (const char c : rest().substr(0, digits)) {
      if (!is_digit(c)) return {};
      value = value * 10 + (c - '0');
    }
    if (value < least || value > most) return {};
    at_ += digits;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

std::optional<TimePoint> take_date(Cursor& cursor) {
  Cursor at = cursor;
  const auto year = at.number(4, 1990, 2099);
  if (!year) return {};
  const char between = at.next();
  const bool apart = at.take("-_.");
  const auto month = at.number(2, 1, 12);
  if (!month || (apart && !at.take(std::string_view(&between, 1)))) return {};
  const auto day = at.number(2, 1, 31);
  if (!day) return {};
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return {};
  cursor = at;
  return TimePoint{std::chrono::sys_days{date}};
}

// Hours, minutes and, where they follow in the same manner, seconds.
std::optional<Duration> take_time(Cursor& cursor) {
  Cursor at = cursor;
  const auto hour = at.number(2, 0, 23);
  if (!hour) return {};
  const char between = at.next();
  const bool apart = at.take(":-_.h");
  const auto minute = at.number(2, 0, 59);
  if (!minute) return {};
  cursor = at;
  Duration time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (apart && !at.take(std::string_view(&between, 1))) return time;
  // A leap second is the first of the next minute.
  if (const auto second = at.number(2, 0, 60); second && !is_digit(at.next())) {
    cursor = at;
    time += std::chrono::seconds(*second);
  }
  return time;
}

std::optional<Duration> take_offset(Cursor& cursor) {
  Cursor at = cursor;
  if (at.take("Zz")) {
    if (is_letter(at.next()) || is_digit(at.next())) return {};
    cursor = at;
    return Duration{};
  }
  const bool west = at.next() == '-';
  if (!at.take("+-")) return {};
  const auto hours = at.number(2, 0, 14);
  if (!hours) return {};
  at.take(":");
  const int minutes = at.number(2, 0, 59).value_or(0);
  if (is_digit(at.next())) return {};
  cursor = at;
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(minutes);
  return west ? -offset : offset;
}

// Seconds since 1970 as ten digits.
std::optional<TimeClaim> seconds_claim(std::string_view text) {
  constexpr std::size_t digits = 10;
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  if (end - text.begin() != digits) return {};
  const TimePoint time{std::chrono::seconds(text::parse_count(text.substr(0, digits)).value_or(0))};
  if (time < oldest || time >= newest) return {};
  return exactly(time);
}

TimeClaim on_the_day(TimePoint day) {
  return {day, day - most_east, day + 24h + most_west};
}

std::optional<TimeClaim> claim_at(std::string_view name, std::size_t start) {
  Cursor cursor(name, start);
  const auto date = take_date(cursor);
  if (!date) return seconds_claim(name.substr(start));
  const bool bare = !is_digit(cursor.next());
  // "2026-11-20-0300-0400" says nothing of a zone: a minus means one behind a T only.
  const bool iso = cursor.next() == 'T';
  cursor.take("T_-. ");
  if (const auto time = take_time(cursor); time && !is_digit(cursor.next())) {
    const TimePoint local = *date + *time;
    if (cursor.rest().starts_with("UTC")) return exactly(local);
    if (iso || cursor.next() == 'Z' || cursor.next() == '+')
      if (const auto offset = take_offset(cursor)) return exactly(local - *offset);
    if (!is_letter(cursor.next())) return somewhere(local);
  }
  return bare ? std::optional(on_the_day(*date)) : std::nullopt;
}

}  // namespace

TimeClaim exactly(TimePoint t) {
  return {t, t, t};
}

TimeClaim somewhere(TimePoint t) {
  return {t, t - most_east, t + most_west};
}

bool is_believable(const TimeClaim& claim, TimePoint now) {
  return claim.at >= oldest && claim.earliest <= now + most_ahead;
}

TimePoint resolved(const TimeClaim& claim, TimePoint modified, TimePoint now) {
  if (claim.earliest <= modified && modified <= claim.latest) return modified;
  return claim.is_exact() ? claim.at : std::min(claim.at, now);
}

std::optional<TimeClaim> claim_of(std::string_view written) {
  Cursor cursor(written);
  const auto date = take_date(cursor);
  if (!date || !cursor.take(" T")) return {};
  const auto time = take_time(cursor);
  if (!time) return {};
  const TimePoint local = *date + *time;
  const std::string_view zone = text::trim(cursor.rest());
  if (zone == "UTC" || zone == "GMT") return exactly(local);
  Cursor offset(zone);
  if (const auto given = take_offset(offset); given && offset.rest().empty())
    return exactly(local - *given);
  return somewhere(local);
}

std::optional<TimeClaim> claim_of_name(std::string_view name) {
  std::optional<TimeClaim> last;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_digit(name[i]) || (i > 0 && is_digit(name[i - 1]))) continue;
    const auto claim = claim_at(name, i);
    if (!claim) continue;
    // "2026-11-20_2026-11-21": the later. But what follows a date may be a counter or a process.
    if (!last || claim->latest - claim->earliest <= last->latest - last->earliest) last = claim;
  }
  return last;
}

}  // namespace backproof
