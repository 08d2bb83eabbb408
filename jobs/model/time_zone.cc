// SPDX-License-Identifier: Apache-2.0
#include "model/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace backproof {
namespace {

using std::chrono::sys_days;

// The database speaks of years that microseconds cannot hold.
constexpr TimePoint earliest = sys_days(std::chrono::year(1) / 1 / 1);
constexpr TimePoint latest = sys_days(std::chrono::year(9999) / 1 / 1);

TimePoint within_reach(date::sys_seconds t) {
  return std::clamp<date::sys_seconds>(t, std::chrono::floor<std::chrono::seconds>(earliest),
                                       std::chrono::floor<std::chrono::seconds>(latest));
}

Error unknown_zone(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = text::nearest(name, known);
  return {Cause::internal, "unknown time zone \"" + text::printable(name, 60) + '"',
          near.empty() ? R"(use a name like "Europe/Berlin" or "UTC")"
                       : "did you mean \"" + near + "\"?"};
}

}  // namespace

Result<TimeZone> TimeZone::named(std::string_view name) {
  TimeZone zone;
  if (name == "UTC" || name == "Etc/UTC") return zone;
  return guarded(Cause::internal, "time zone database", [&]() -> Result<TimeZone> {
    const auto& known = date::get_tzdb().zones;
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& one) { return one.name() == name; });
    if (found == known.end()) {
      std::vector<std::string> names;
      for (const auto& one : known) names.push_back(one.name());
      return unknown_zone(name, names);
    }
    found->get_info(date::sys_seconds{});  // reads its file now, where an error can be told
    zone.rules_ = &*found;
    return zone;
  });
}

WallTime TimeZone::wall_at(TimePoint t) const {
  if (rules_ == nullptr) return std::chrono::floor<std::chrono::minutes>(t);
  const auto whole = std::chrono::floor<std::chrono::seconds>(t);
  return std::chrono::floor<std::chrono::minutes>(whole + rules_->get_info(whole).offset);
}

TimePoint TimeZone::instant_of(WallTime wall) const {
  if (rules_ == nullptr) return wall;
  const auto info = rules_->get_info(date::local_seconds(wall.time_since_epoch()));
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return wall - info.first.offset;
}

TimeZone::Stretch TimeZone::stretch_at(TimePoint t) const {
  if (rules_ == nullptr) return {earliest, latest, {}};
  const auto info = rules_->get_info(std::chrono::floor<std::chrono::seconds>(t));
  return {within_reach(info.begin), within_reach(info.end), info.offset};
}

std::string local_time(const TimeZone& zone, TimePoint t) {
  const auto offset =
      std::chrono::duration_cast<std::chrono::minutes>(zone.stretch_at(t).offset).count();
  std::string out = text::format_time(t + std::chrono::minutes(offset));
  out.pop_back();  // the Z
  const auto two = [](auto n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  const auto size = offset < 0 ? -offset : offset;
  return out + (offset < 0 ? '-' : '+') + two(size / 60) + ':' + two(size % 60);
}

bool is_time_zone(std::string_view zone) {
  return TimeZone::named(zone).has_value();
}

}  // namespace backproof
