// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "model/run.h"

namespace backproof {

// What is remembered of a run that passed, to compare a later one with.
struct PassedRun {
  std::string sha256;  // of the backup
  // When the backup was last written to: a copy of an old one is written anew, however old its
  // content says that it is, and the same one verified again is not.
  TimePoint created;
  std::uintmax_t restored_bytes = 0;
  std::vector<TableFact> tables;
  bool by_manifest = false;  // it was compared with one

  bool operator==(const PassedRun&) const = default;
};
// The newest first; those of one target.
using Memory = std::vector<PassedRun>;

// So many passes are remembered: two months of nights.
inline constexpr std::size_t memory_length = 60;

PassedRun remembered(const Run& run);

// Of runs, the newest first, as many as a job has room for: a worker takes 16 MiB of JSON, in which
// a byte of a name may be six. So of thousands of tables fewer passes are remembered.
Memory memory_of(const std::vector<Run>& passed);

}  // namespace backproof
