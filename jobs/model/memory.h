// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "model/run.h"

namespace backproof {

// What is remembered of a run that passed, to compare a later one with.
struct PassedRun {
  std::string sha256;  // of the backup
  TimePoint created;   // of the backup
  std::uintmax_t restored_bytes = 0;
  std::vector<TableFact> tables;

  bool operator==(const PassedRun&) const = default;
};
// The newest first; those of one target.
using Memory = std::vector<PassedRun>;

// So many passes are remembered: two months of nights.
inline constexpr std::size_t memory_length = 60;

PassedRun remembered(const Run& run);

}  // namespace backproof
