// SPDX-License-Identifier: Apache-2.0
// From text to a Cron.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/cron.h"

namespace backproof {
namespace {

struct Field {
  std::string_view name;
  int min, max;
  std::vector<std::string> names;  // of min, min + 1, ...
};

const std::array<Field, 5>& fields() {
  static const std::array<Field, 5> all{
      {{"minute", 0, 59, {}},
       {"hour", 0, 23, {}},
       {"day of month", 1, 31, {}},
       {"month",
        1,
        12,
        {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
       {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
  return all;
}

using Nickname = std::pair<std::string_view, std::string_view>;
constexpr std::array nicknames{Nickname{"@hourly", "0 * * * *"},   Nickname{"@daily", "0 0 * * *"},
                               Nickname{"@midnight", "0 0 * * *"}, Nickname{"@weekly", "0 0 * * 0"},
                               Nickname{"@monthly", "0 0 1 * *"},  Nickname{"@yearly", "0 0 1 1 *"},
                               Nickname{"@annually", "0 0 1 1 *"}};

Error wrong(const Field& field, std::string text, std::string hint = "") {
  return {Cause::internal, std::string(field.name) + ": " + std::move(text), std::move(hint)};
}

std::string shown(std::string_view s) {
  return '"' + text::printable(s, 60) + '"';
}

std::optional<int> number(std::string_view s) {
  int n = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (s.empty() || s.front() == '-' || error != std::errc{} || end != s.data() + s.size())
    return std::nullopt;
  return n;
}

Result<int> parse_one(const Field& field, std::string_view s) {
  if (const auto n = number(s); n && *n >= field.min && *n <= field.max) return *n;
  const auto named = std::find(field.names.begin(), field.names.end(), text::lower(s));
  if (named != field.names.end()) return field.min + static_cast<int>(named - field.names.begin());
  std::string hint;
  if (s == "?") hint = "write * for any";
  if (const std::string near = text::nearest(s, field.names); !near.empty() && !number(s))
    hint = "did you mean \"" + near + "\"?";
  const std::string names =
      field.names.empty() ? "" : " or " + field.names.front() + " to " + field.names.back();
  return wrong(field,
               "expected " + std::to_string(field.min) + " to " + std::to_string(field.max) +
                   names + ", got " + shown(s),
               hint);
}

// One item of a list: *, N, N-M, each range with an optional /STEP. Sets its values in `bits`.
Result<void> parse_values(const Field& field, std::string_view item, std::bitset<64>& bits) {
  const auto parts = text::split(item, '/');
  const std::string_view range = parts[0];
  const std::size_t dash = range.find('-');
  int first = field.min;
  int last = field.max == 7 ? 6 : field.max;  // 7 is Sunday's second number
  if (range != "*") {
    TRY_ASSIGN(first, parse_one(field, range.substr(0, dash)));
    last = first;
  }
  if (dash != std::string_view::npos) {
    TRY_ASSIGN(last, parse_one(field, range.substr(dash + 1)));
    if (field.max == 7 && last == 0) last = 7;  // fri-sun
    if (last < first)
      return wrong(field, "range " + shown(range) + " runs backwards",
                   "write two ranges with a comma between them");
  }
  int step = 1;
  if (parts.size() > 1) {
    const auto n = number(parts[1]);
    if (range != "*" && dash == std::string_view::npos)
      return wrong(field, "a step needs a range, got " + shown(item),
                   "write " + std::string(range) + "-" + std::to_string(field.max) + "/" +
                       std::string(parts[1]));
    if (parts.size() > 2 || !n || *n < 1 || *n > last - first + 1)
      return wrong(field, "expected a step of 1 to " + std::to_string(last - first + 1) + ", got " +
                              shown(item));
    step = *n;
  }
  for (int value = first; value <= last; value += step)
    bits.set(static_cast<std::size_t>(field.max == 7 ? value % 7 : value));
  return {};
}

// L, or L-N. Sets how many days before the last one.
Result<void> parse_from_last(const Field& field, std::string_view item, Cron& cron) {
  if (item.size() == 1) {
    cron.before_last.set(0);
    return {};
  }
  const auto before = item[1] == '-' ? number(item.substr(2)) : std::nullopt;
  if (!before || *before < 1 || *before > 30)
    return wrong(field, "expected L or L-1 to L-30, got " + shown(item),
                 "L is the last day of the month, L-1 the day before it");
  cron.before_last.set(static_cast<std::size_t>(*before));
  return {};
}

// fri#2, the second Friday of a month, or friL, its last.
Result<void> parse_of_month(const Field& field, std::string_view item, Cron& cron) {
  const std::size_t mark = item.find_first_of("#lL");
  const bool is_last = item[mark] != '#';
  if (is_last && mark + 1 != item.size())
    return wrong(field, "expected nothing behind the L, got " + shown(item));
  if (mark == 0)
    return wrong(field, "expected a day before " + shown(item),
                 "write friL for the last Friday of the month, fri#1 for the first");
  TRY_ASSIGN(const int day, parse_one(field, item.substr(0, mark)));
  const auto weekday = static_cast<std::size_t>(day % 7);
  if (is_last) {
    cron.on_last.set(weekday);
    return {};
  }
  const auto n = number(item.substr(mark + 1));
  if (!n || *n < 1 || *n > 5)
    return wrong(field, "expected #1 to #5, got " + shown(item),
                 "write " + std::string(item.substr(0, mark)) + "L for the last of the month");
  cron.on_nth.set(weekday * 5 + static_cast<std::size_t>(*n - 1));
  return {};
}

enum Place : std::size_t { minute, hour, day_of_month, month, day_of_week };

Result<void> parse_item(Place place, std::string_view item, std::bitset<64>& bits, Cron& cron) {
  const Field& field = fields()[place];
  const std::string lower = text::lower(item);
  if (place == day_of_month && lower.starts_with('l')) return parse_from_last(field, item, cron);
  if (place == day_of_week && (lower.ends_with('l') || lower.find('#') != std::string::npos))
    return parse_of_month(field, item, cron);
  return parse_values(field, item, bits);
}

// Values go to the result, what depends on the length of a month to `cron`.
Result<std::bitset<64>> parse_field(Place place, std::string_view s, Cron& cron) {
  std::bitset<64> bits;
  for (const std::string_view item : text::split(s, ',')) TRY(parse_item(place, item, bits, cron));
  return bits;
}

template <std::size_t N>
std::bitset<N> narrowed(const std::bitset<64>& bits) {
  return std::bitset<N>(bits.to_ullong());
}

Result<std::string> expand(std::string_view expression) {
  if (!expression.starts_with('@')) return std::string(expression);
  std::vector<std::string> names;
  for (const auto& [name, meaning] : nicknames) {
    if (text::lower(expression) == name) return std::string(meaning);
    names.emplace_back(name);
  }
  const std::string near = text::nearest(expression, names);
  return Error{
      Cause::internal, "unknown schedule " + shown(expression),
      near.empty() ? "use one of " + text::join(names, ", ") : "did you mean \"" + near + "\"?"};
}

std::vector<std::string_view> words(std::string_view s) {
  std::vector<std::string_view> out;
  constexpr std::string_view blank = " \t";
  for (std::size_t at = s.find_first_not_of(blank); at != std::string_view::npos;) {
    const std::size_t end = std::min(s.find_first_of(blank, at), s.size());
    out.push_back(s.substr(at, end - at));
    at = s.find_first_not_of(blank, end);
  }
  return out;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view expression) {
  expression = text::trim(expression);
  TRY_ASSIGN(const std::string expanded, expand(expression));
  const auto parts = words(expanded);
  if (parts.size() != fields().size())
    return Error{Cause::internal,
                 "expected five fields (minute hour day-of-month month day-of-week), got " +
                     text::plural(parts.size(), "field") + " in " + shown(expression),
                 parts.size() == 6 ? "there is no field for seconds or years"
                                   : "write it like \"30 3 * * sun\" or \"@weekly\""};
  Cron cron;
  std::array<std::bitset<64>, 5> bits;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    TRY_ASSIGN(bits[i], parse_field(static_cast<Place>(i), parts[i], cron));
  }
  cron.at_minutes = narrowed<60>(bits[minute]);
  cron.at_hours = narrowed<24>(bits[hour]);
  cron.on_days = narrowed<32>(bits[day_of_month]);
  cron.in_months = narrowed<13>(bits[month]);
  cron.on_weekdays = narrowed<7>(bits[day_of_week]);
  // crontab(5): a field that starts with * is not restricted, even by a step.
  cron.any_day = parts[day_of_month].starts_with('*');
  cron.any_weekday = parts[day_of_week].starts_with('*');
  return cron;
}

Result<std::bitset<7>> parse_weekdays(std::string_view s) {
  std::bitset<64> bits;
  for (const std::string_view item : text::split(s, ','))
    TRY(parse_values(fields()[day_of_week], item, bits));
  return narrowed<7>(bits);
}

}  // namespace backproof
