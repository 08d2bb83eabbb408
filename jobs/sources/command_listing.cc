// SPDX-License-Identifier: Apache-2.0
#include "sources/command_listing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>

#include "base/text.h"
#include "model/time_claim.h"

namespace backproof {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_id = 4096, longest_version = 4096, shown = 60;
constexpr double latest_second = 4'102'444'800;  // 2100
constexpr std::uintmax_t most_bytes = INT64_MAX;
constexpr const char* form = R"(write one like {"id": "shop-1.dump", "bytes": 1024, "modified": )"
                             R"("2026-11-20T03:00:00Z"})";

// What is wrong with a line, without its number.
struct Wrong {
  std::string text;
};

std::string piece(std::string_view text) {
  return '"' + text::printable(text, shown) + '"';
}

// Fit for a variable of an environment.
std::string text_of(const Json& value, const char* key, std::size_t longest) {
  if (!value.is_string()) throw Wrong{std::string(key) + " is no string"};
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > longest)
    throw Wrong{std::string(key) + " is longer than " + text::format_count(longest) + " bytes"};
  if (text.find('\0') != std::string::npos) throw Wrong{std::string(key) + " holds a zero byte"};
  return text;
}

TimePoint time_of(const Json& value, const char* key) {
  if (value.is_number()) {
    const double seconds = value.get<double>();
    if (seconds > 0 && seconds < latest_second)
      return TimePoint{std::chrono::floor<Duration>(std::chrono::duration<double>(seconds))};
    throw Wrong{std::string(key) + " is no time between 1970 and 2100, in seconds"};
  }
  if (!value.is_string()) throw Wrong{std::string(key) + " is no time"};
  const auto& text = value.get_ref<const std::string&>();
  const auto parsed = text::parse_time(text);
  if (!parsed) throw Wrong{std::string(key) + " is no time of RFC 3339: " + piece(text)};
  return *parsed;
}

void take(Backup& backup, const std::string& key, const Json& value) {
  if (key == "id") {
    backup.id = text_of(value, "id", longest_id);
  } else if (key == "bytes") {
    if (!value.is_number_unsigned()) throw Wrong{"bytes is no whole number"};
    backup.bytes = value.get<std::uintmax_t>();
    if (backup.bytes > most_bytes) throw Wrong{"bytes is more than any file has"};
  } else if (key == "modified") {
    backup.modified = time_of(value, "modified");
  } else if (key == "created") {
    backup.created = time_of(value, "created");
    backup.evidence = Evidence::listing;
  } else if (key == "version") {
    backup.version = text_of(value, "version", longest_version);
  } else {
    throw Wrong{"unknown key " + piece(key) + "; known are id, bytes, modified, created, version"};
  }
}

void date(Backup& backup, TimePoint now) {
  // Nothing is the newest because of a clock that is wrong.
  const bool believed =
      backup.evidence == Evidence::listing && is_believable(exactly(backup.created), now);
  if (backup.modified == TimePoint{} && believed) backup.modified = backup.created;
  if (believed) return;
  backup.evidence = Evidence::mtime;
  backup.created = backup.modified;
  const auto claim = claim_of_name(backup.id);
  if (!claim || !is_believable(*claim, now)) return;
  backup.created = resolved(*claim, backup.modified, now);
  backup.evidence = Evidence::name;
}

Backup backup_of(std::string_view line, TimePoint now) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) throw Wrong{"is no JSON object: " + piece(line)};
  Backup backup;
  for (const auto& [key, value] : json.items())
    if (!value.is_null()) take(backup, key, value);
  if (backup.id.empty()) throw Wrong{"has no id"};
  date(backup, now);
  // Where the source has no name for it: another size or time is another backup.
  if (backup.version.empty())
    backup.version = std::to_string(backup.bytes) + ' ' +
                     std::to_string(backup.modified.time_since_epoch().count());
  return backup;
}

Error wrong_line(std::size_t number, const std::string& text) {
  return {Cause::fetch,
          "line " + std::to_string(number) + " of what the list command printed " + text, form};
}

}  // namespace

Result<Listing> read_listing(std::string_view text, TimePoint now) {
  Listing listing;
  std::map<std::string, std::size_t, std::less<>> lines;
  std::size_t number = 0;
  for (const std::string_view line : text::split(text, '\n')) {
    if (++number > most_listing_lines + 1)
      return Error{Cause::fetch,
                   "the list command printed more than " + text::plural(most_listing_lines, "line"),
                   "list what is retained, not everything that there ever was"};
    if (text::trim(line).empty()) continue;
    try {
      listing.backups.push_back(backup_of(line, now));
    } catch (const Wrong& wrong) {
      return wrong_line(number, wrong.text);
    }
    const auto [first, is_new] = lines.emplace(listing.backups.back().id, number);
    if (!is_new)
      return wrong_line(number, "has the id of line " + std::to_string(first->second) + ": " +
                                    piece(first->first));
  }
  std::ranges::sort(listing.backups, [](const Backup& a, const Backup& b) {
    return std::tie(a.created, a.id) > std::tie(b.created, b.id);
  });
  return listing;
}

}  // namespace backproof
