// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/memory.h"

// What is unusual about a restored database, by the target's earlier passes. A pure function of
// values, so that years of it can be simulated.
namespace backproof {

// The order is that of `drift_kinds`.
enum class DriftKind { dropped, zero, exploded, vanished, appeared, frozen, same_artefact };
std::string_view name_of(DriftKind kind);
std::vector<std::string> drift_kinds();

struct Drift {
  DriftKind kind;
  std::string table;  // "sales.orders"; empty: the whole database
  std::string observed, expected;
};

// Fewer passes than this say nothing yet: two weeks of nights hold two weekends.
inline constexpr std::size_t passes_to_learn = 14;

// Of a table's rows, and of their bytes where the rows are as ever (and of the size of the whole
// database) two things are learned from the last passes:
// its lowest, highest and median level, and the largest fall and rise from one pass to the next.
// Counts are
//   dropped   when they are below 0.8 of the lowest level; or below 0.8 of the median, and fell by
//             more than a fifth and by more than twice the largest fall;
//   exploded  when they are above twice the highest level and rose by more than twice the
//             largest rise;
//   zero      when the table was never empty before.
// So a table that grows may grow on, one that is emptied every Sunday may be emptied, and neither
// may lose half of its rows on a Tuesday. Small tables move freely: nothing below ten rows (or a
// megabyte) of difference counts.
//
// A table is frozen when its rows, or where their digest is not known its newest time, stay the
// same for more than twice as many backups as ever before, and so long that by its habit of
// changing this had happened by chance less than once in a million. So what never changes may go on
// so, and what changes every night and is the same for a week is news: a replica that stopped.
//
// A table is vanished or appeared when the last pass, or all passes, say otherwise. The same
// artefact is one whose bytes passed before as a backup of another time, of a target whose backups
// are not the same for ever.
std::vector<Drift> drifts(const Memory& passes, const PassedRun& now);

}  // namespace backproof
