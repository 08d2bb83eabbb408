// SPDX-License-Identifier: Apache-2.0
#include "model/memory.h"

namespace backproof {

PassedRun remembered(const Run& run) {
  return {run.backup.sha256, run.backup.modified, run.restored_bytes, run.tables,
          was_compared_with_manifest(run)};
}

namespace {

// Names and their counts, before JSON.
std::size_t size_of(const Run& run) {
  constexpr std::size_t beside_names = 48;
  std::size_t bytes = 0;
  for (const TableFact& fact : run.tables)
    bytes += fact.schema.size() + fact.table.size() + fact.digest.size() + beside_names;
  return bytes;
}

}  // namespace

Memory memory_of(const std::vector<Run>& passed) {
  constexpr std::size_t most_bytes = 2U << 20U;
  Memory memory;
  std::size_t bytes = 0;
  for (const Run& run : passed) {
    bytes += size_of(run);
    if (bytes > most_bytes) break;
    memory.push_back(remembered(run));
  }
  return memory;
}

}  // namespace backproof
