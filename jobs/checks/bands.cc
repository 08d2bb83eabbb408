// SPDX-License-Identifier: Apache-2.0
#include "checks/bands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/text.h"

namespace backproof {
namespace {

using Counts = std::vector<std::uint64_t>;  // the newest first
using Shown = std::string (*)(std::uint64_t);

std::string rows(std::uint64_t n) {
  return text::plural(n, "row");
}
std::string size(std::uint64_t n) {
  return text::format_size(n);
}

struct Band {
  std::uint64_t lowest = 0, highest = 0, median = 0, fall = 0, rise = 0;

  explicit Band(const Counts& counts) {
    Counts sorted = counts;
    std::ranges::nth_element(sorted,
                             sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2));
    median = sorted[sorted.size() / 2];
    const auto [low, high] = std::ranges::minmax(counts);
    lowest = low;
    highest = high;
    for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
      const std::uint64_t later = counts[i], earlier = counts[i + 1];
      if (later < earlier)
        fall = std::max(fall, earlier - later);
      else
        rise = std::max(rise, later - earlier);
    }
  }
};

double share(std::uint64_t n, double of) {
  return static_cast<double>(n) * of;
}

bool has_dropped(const Band& band, std::uint64_t last, std::uint64_t now, std::uint64_t least) {
  if (now >= last || last - now < least) return false;
  const auto fallen = static_cast<double>(last - now);
  return share(now, 1) < share(band.lowest, 0.8) ||
         (share(now, 1) < share(band.median, 0.8) && fallen > share(last, 0.2) &&
          fallen > share(band.fall, 2));
}

bool has_exploded(const Band& band, std::uint64_t last, std::uint64_t now, std::uint64_t least) {
  return now > last && now - last >= least && share(now, 1) > share(band.highest, 2) &&
         share(now - last, 1) > share(band.rise, 2);
}

void compare(const std::string& table, const Counts& before, std::uint64_t now, std::uint64_t least,
             Shown shown, std::vector<Drift>& found) {
  const Band band(before);
  const std::string expected = "about " + shown(before.front()) + ", in earlier passes " +
                               shown(band.lowest) + " to " + shown(band.highest);
  if (now == 0 && band.lowest > 0 && before.front() >= least)
    found.push_back({DriftKind::zero, table, shown(now), expected});
  else if (has_dropped(band, before.front(), now, least))
    found.push_back({DriftKind::dropped, table, shown(now), expected});
  else if (has_exploded(band, before.front(), now, least))
    found.push_back({DriftKind::exploded, table, shown(now), expected});
}

// What a table held, as far as it is known; empty: nothing is.
std::string state_of(const TableFact& fact) {
  if (!fact.digest.empty()) return fact.digest;
  if (fact.newest == TimePoint{}) return "";
  return std::to_string(fact.rows) + "@" + text::format_time(fact.newest);
}

// What earlier passes say of one table, the newest first.
struct Earlier {
  Counts rows;
  Counts bytes;  // of those passes that know them
  std::vector<std::string>
      states;  // in passes of other backups than this one, until one is unknown
};

std::map<std::string, Earlier> earlier_of(const Memory& passes, TimePoint created) {
  std::map<std::string, Earlier> earlier;
  std::size_t backups = 0;  // other ones so far
  for (const PassedRun& pass : passes) {
    const bool is_other = pass.created != created;
    created = pass.created;
    for (const TableFact& fact : pass.tables) {
      Earlier& table = earlier[full_name(fact)];
      table.rows.push_back(fact.rows);
      if (fact.bytes != 0) table.bytes.push_back(fact.bytes);
      if (std::string state = state_of(fact);
          is_other && table.states.size() == backups && !state.empty())
        table.states.push_back(std::move(state));
    }
    backups += is_other ? 1 : 0;
  }
  return earlier;
}

constexpr std::uint64_t least_rows = 10;
constexpr std::uint64_t least_bytes = 1U << 20U;

// Its rows; and where they are as ever, their bytes: values can be gone out of rows that are there.
void compare_table(const Earlier& earlier, const TableFact& now, std::vector<Drift>& found) {
  const std::size_t before = found.size();
  if (earlier.rows.size() < passes_to_learn) return;
  compare(full_name(now), earlier.rows, now.rows, least_rows, rows, found);
  if (found.size() == before && now.bytes != 0 && earlier.bytes.size() >= passes_to_learn)
    compare(full_name(now), earlier.bytes, now.bytes, least_bytes, size, found);
}

void compare_state(const std::vector<std::string>& states, const TableFact& fact,
                   std::vector<Drift>& found) {
  constexpr double chance = 1e-6;
  const std::string state = state_of(fact);
  if (state.empty()) return;
  const auto changed = std::ranges::find_if(states, [&](const auto& one) { return one != state; });
  const auto same = static_cast<std::size_t>(changed - states.begin());
  const std::size_t before = states.size() - same;
  if (before < passes_to_learn) return;
  std::size_t changes = 0, longest = 1, streak = 1;
  for (std::size_t i = same; i + 1 < states.size(); ++i) {
    const bool differs = states[i] != states[i + 1];
    changes += differs ? 1 : 0;
    streak = differs ? 1 : streak + 1;
    longest = std::max(longest, streak);
  }
  const double rate = (static_cast<double>(changes) + 0.5) / static_cast<double>(before + 1);
  if (same + 1 <= 2 * longest || std::pow(1 - rate, static_cast<double>(same)) >= chance) return;
  found.push_back({DriftKind::frozen, full_name(fact),
                   "unchanged in " + text::plural(same + 1, "backup"),
                   "changes, at the latest after " + text::plural(longest, "backup")});
}

void compare_tables(const Memory& passes, const PassedRun& now, std::vector<Drift>& found) {
  const auto earlier = earlier_of(passes, now.created);
  std::map<std::string, const TableFact*> present;
  for (const TableFact& fact : now.tables) present.emplace(full_name(fact), &fact);
  for (const TableFact& fact : passes.front().tables)
    if (!present.contains(full_name(fact)))
      found.push_back({DriftKind::vanished, full_name(fact), "absent", rows(fact.rows)});
  for (const auto& [table, fact] : present) {
    const auto known = earlier.find(table);
    if (known == earlier.end()) {
      found.push_back({DriftKind::appeared, table, rows(fact->rows), "absent"});
      continue;
    }
    compare_table(known->second, *fact, found);
    compare_state(known->second.states, *fact, found);
  }
}

}  // namespace

std::string_view name_of(DriftKind kind) {
  constexpr std::array<std::string_view, 7> names{"dropped",  "zero",   "exploded",     "vanished",
                                                  "appeared", "frozen", "same_artefact"};
  return names.at(static_cast<std::size_t>(kind));
}

std::vector<std::string> drift_kinds() {
  std::vector<std::string> names;
  for (const DriftKind kind :
       {DriftKind::dropped, DriftKind::zero, DriftKind::exploded, DriftKind::vanished,
        DriftKind::appeared, DriftKind::frozen, DriftKind::same_artefact})
    names.emplace_back(name_of(kind));
  return names;
}

std::vector<Drift> drifts(const Memory& passes, const PassedRun& now) {
  std::vector<Drift> found;
  const auto same = std::ranges::find_if(passes, [&](const PassedRun& pass) {
    return !pass.sha256.empty() && pass.sha256 == now.sha256 && pass.created != now.created;
  });
  // A database that never changes has the same bytes every night.
  const bool ever_differs =
      std::ranges::any_of(passes, [&](const PassedRun& pass) { return pass.sha256 != now.sha256; });
  if (same != passes.end() && ever_differs)
    found.push_back({DriftKind::same_artefact, "",
                     "the bytes of the backup of " + text::format_time(same->created),
                     "bytes of its own"});
  if (passes.size() < passes_to_learn) return found;
  compare_tables(passes, now, found);
  Counts bytes;
  for (const PassedRun& pass : passes) bytes.push_back(pass.restored_bytes);
  compare("", bytes, now.restored_bytes, least_bytes, size, found);
  return found;
}

}  // namespace backproof
