// SPDX-License-Identifier: Apache-2.0
#include "model/backup.h"

#include <array>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::array<std::string_view, 5> names{"mtime", "name", "listing", "manifest", "content"};

}  // namespace

std::string_view name_of(Evidence evidence) {
  return names.at(static_cast<std::size_t>(evidence));
}

std::optional<Evidence> evidence_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names.at(i) == name) return static_cast<Evidence>(i);
  return {};
}

std::string dated(const Backup& backup) {
  const auto shown = [](TimePoint t) {
    return text::format_time(std::chrono::floor<std::chrono::seconds>(t));
  };
  if (backup.created == TimePoint{}) return "an unknown time";
  std::string said = shown(backup.created);
  if (backup.evidence == Evidence::mtime) return said + ", when it was last modified";
  said += ", as its " + std::string(name_of(backup.evidence)) + " says";
  const Duration apart = std::chrono::abs(backup.modified - backup.created);
  if (backup.modified != TimePoint{} && apart > std::chrono::days(1))
    said += " (modified " + shown(backup.modified) + ")";
  return said;
}

}  // namespace backproof
