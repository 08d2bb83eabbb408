// SPDX-License-Identifier: Apache-2.0
#include "runner/policy.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <tuple>

#include "base/digest.h"
#include "base/text.h"

namespace backproof {
namespace {

using Retained = std::vector<RetainedBackup>;
using Order = std::vector<const RetainedBackup*>;

std::string shown(TimePoint t) {
  return text::format_time(std::chrono::floor<std::chrono::seconds>(t));
}

std::string last_verified(const RetainedBackup& retained) {
  if (was_judged(retained))
    return "verified " + shown(retained.record->verified) + ": " +
           std::string(name_of(*retained.record->verdict));
  if (!retained.record) return "never verified";
  return "tried " + shown(retained.record->tried) + ", and nothing was found out";
}

// When it came under the eyes of the target: a copy of an old backup is new here.
TimePoint appeared(const RetainedBackup& retained, const DueTime& due) {
  return std::max({retained.backup.created, retained.backup.modified, due.target_created});
}

// Until when it is to be judged (again).
TimePoint limit_of(const RetainedBackup& retained, Duration within, const DueTime& due) {
  return within + (was_judged(retained) ? retained.record->verified : appeared(retained, due));
}

Choice chosen(const Order& picks, const Retained& all, const auto& reason_of,
              const auto& passed_over_because) {
  Choice choice;
  for (const RetainedBackup* pick : picks) choice.picks.push_back({pick->backup, reason_of(*pick)});
  for (const RetainedBackup& each : all) {
    if (std::ranges::find(picks, &each) != picks.end()) continue;
    choice.passed_over.push_back(text::printable(each.backup.id) + " of " + dated(each.backup) +
                                 ": " + passed_over_because(each));
  }
  return choice;
}

Choice choose_newest(const Retained& all) {
  const auto why = [&](const RetainedBackup&) {
    return "the newest of " + text::plural(all.size(), "backup");
  };
  return chosen({&all.front()}, all, why, [](const RetainedBackup&) { return "older"; });
}

Choice choose_every_new(const Retained& all) {
  Order picks;
  for (const RetainedBackup& each : all)
    if (!was_judged(each)) picks.push_back(&each);
  std::ranges::reverse(picks);
  std::ranges::stable_sort(picks, {}, [](const RetainedBackup* each) {
    return each->record ? each->record->tried : TimePoint{};
  });
  return chosen(picks, all, last_verified, last_verified);
}

// Those whose hash with the due time is smallest: the same whoever draws, in whatever order the
// source lists.
Choice choose_random(const Retained& all, unsigned count, const DueTime& due) {
  const std::string seed = shown(due.scheduled == TimePoint{} ? due.now : due.scheduled);
  std::map<std::string, const RetainedBackup*> drawn;
  for (const RetainedBackup& each : all) {
    Sha256 hash;
    hash.update(as_bytes(seed + '\n' + each.backup.id));
    drawn.emplace(hash.hex(), &each);
  }
  Order picks;
  for (const auto& [hash, each] : drawn)
    if (picks.size() < count) picks.push_back(each);
  const std::string draw = "drawn for " + seed;
  return chosen(
      picks, all, [&](const RetainedBackup&) { return draw; },
      [&](const RetainedBackup&) { return "not " + draw; });
}

// Of `waiting`, most urgent first, how many must be judged now.
std::size_t needed_now(const Order& waiting, std::size_t retained, Duration within,
                       const DueTime& due) {
  const auto judged = [](const RetainedBackup* each) { return was_judged(*each); };
  const auto never =
      static_cast<std::size_t>(std::ranges::find_if(waiting, judged) - waiting.begin());
  const auto is_late = [&](const RetainedBackup* each) {
    return limit_of(*each, within, due) <= due.now;
  };
  if (due.interval <= Duration{})
    return std::max(never, static_cast<std::size_t>(std::ranges::count_if(waiting, is_late)));
  // One due time is kept in reserve, for the one that is missed.
  const auto rounds =
      static_cast<std::size_t>(std::max<Duration::rep>(1, within / due.interval - 1));
  const std::size_t share = (retained + rounds - 1) / rounds;
  std::vector<TimePoint> limits;
  for (const RetainedBackup* each : waiting)
    limits.push_back(limit_of(*each, within, due) - due.interval);
  std::ranges::sort(limits);
  // Whatever cannot be done later with an even share at each due time until its limit.
  std::size_t needed = std::min(share, never);
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const auto later =
        static_cast<std::size_t>(std::max<Duration::rep>(0, (limits[i] - due.now) / due.interval));
    if (i + 1 > share * later) needed = std::max(needed, i + 1 - share * later);
  }
  return std::min(needed, waiting.size());
}

Choice choose_coverage(const Retained& all, Duration within, const DueTime& due) {
  Order waiting;
  for (const RetainedBackup& each : all)
    if (&each != &all.front()) waiting.push_back(&each);
  // What a run could not tell of goes behind what was not tried, so that it keeps nobody waiting.
  std::ranges::stable_sort(waiting, {}, [](const RetainedBackup* each) {
    const TimePoint judged = was_judged(*each) ? each->record->verified : TimePoint{};
    const TimePoint tried = each->record ? each->record->tried : TimePoint{};
    return std::tuple(judged, tried, each->backup.created);
  });
  Order picks{&all.front()};
  const std::size_t needed = needed_now(waiting, all.size(), within, due);
  picks.insert(picks.end(), waiting.begin(),
               waiting.begin() + static_cast<Order::difference_type>(needed));
  return chosen(
      picks, all,
      [&](const RetainedBackup& each) {
        return &each == &all.front() ? "the newest of " + text::plural(all.size(), "backup")
                                     : last_verified(each);
      },
      [&](const RetainedBackup& each) {
        return last_verified(each) + "; to be by " + shown(limit_of(each, within, due));
      });
}

}  // namespace

std::vector<RetainedBackup> retained_of(const std::vector<Backup>& backups,
                                        const std::vector<BackupRecord>& records) {
  std::map<std::string_view, const BackupRecord*> by_id;
  for (const BackupRecord& record : records) by_id.emplace(record.id, &record);
  std::vector<RetainedBackup> all;
  all.reserve(backups.size());
  for (const Backup& backup : backups) {
    all.push_back({backup, {}});
    const auto found = by_id.find(backup.id);
    if (found != by_id.end() &&
        is_same_backup(backup, found->first, found->second->bytes, found->second->modified))
      all.back().record = *found->second;
  }
  return all;
}

bool is_same_backup(const Backup& listed, std::string_view id, std::uintmax_t bytes,
                    TimePoint modified) {
  const bool unknown = listed.bytes == 0 && listed.path.empty();
  return listed.id == id && listed.modified == modified && (unknown || listed.bytes == bytes);
}

bool was_judged(const RetainedBackup& retained) {
  return retained.record && retained.record->verdict;
}

Choice choose(const SelectSpec& select, const std::vector<RetainedBackup>& retained,
              const DueTime& due) {
  if (retained.empty()) return {};
  switch (select.policy) {
    case Policy::newest:
      break;
    case Policy::every_new:
      return choose_every_new(retained);
    case Policy::random:
      return choose_random(retained, select.count, due);
    case Policy::coverage:
      return choose_coverage(retained, select.within, due);
  }
  return choose_newest(retained);
}

std::vector<Pick> arrivals_of(const std::vector<RetainedBackup>& retained, const DueTime& due) {
  std::vector<Pick> arrivals;
  for (const RetainedBackup& each : std::views::reverse(retained))
    if (!each.record && std::max(each.backup.modified, each.backup.created) > due.target_created)
      arrivals.push_back({each.backup, "it has arrived"});
  return arrivals;
}

Coverage coverage_of(const SelectSpec& select, std::vector<RetainedBackup> retained,
                     const DueTime& due) {
  constexpr std::size_t most_shown = 50;
  const bool promises = select.within > Duration{} &&
                        (select.policy == Policy::every_new || select.policy == Policy::coverage);
  Coverage coverage;
  for (const RetainedBackup& each : retained) {
    const bool judged = was_judged(each);
    const bool passed = each.record && each.record->passed != TimePoint{};
    coverage.unverified += judged ? 0U : 1U;
    coverage.passed += passed ? 1U : 0U;
    coverage.failed += judged && *each.record->verdict == Verdict::failed ? 1U : 0U;
    if (passed) coverage.newest_passed = std::max(coverage.newest_passed, each.backup.created);
    const bool wanted = promises && (!judged || select.policy == Policy::coverage);
    if (wanted && limit_of(each, select.within, due) < due.now) ++coverage.overdue;
  }
  if (retained.size() > most_shown) retained.resize(most_shown);
  coverage.newest = std::move(retained);
  return coverage;
}

}  // namespace backproof
