// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/snapshot.h"

namespace backproof {

// Bytes that verifying a backup will take in the sandbox, as far as one can know before: what the
// target's last restore took, in proportion to the sizes of the two backups, and a quarter more;
// twice what was not enough; without any experience twenty times the backup, and 256 MiB for a
// server and its log. No more than the target's max_scratch. `bytes`: of the backup.
std::uintmax_t scratch_needed(const Target& target, const TargetHistory& history,
                              std::uintmax_t bytes);

// The free space of the scratch folder, given away before it is used, so that no run fails because
// another one started. What a run is promised is the most that it may take. Not thread-safe.
class ScratchPromises {
 public:
  // What was free when it was measured, and what the sandboxes of these runs held then, which the
  // free space lacks already. To be told now and then: until then what was promised counts.
  void measured(std::uintmax_t free, const std::map<std::string, std::uintmax_t>& used);
  // What a run may be promised that needs `needed` bytes, with `others` places for further runs
  // that may start: that, and its share of what is left over. Nothing: it must wait for one that
  // goes on. Where none does, all there is: whether it is enough, the run finds out.
  std::optional<std::uintmax_t> offer(std::uintmax_t needed, unsigned others) const;
  void promise(const std::string& run, std::uintmax_t bytes);
  void release(const std::string& run);
  std::vector<std::string> runs() const;  // that something is promised
  std::uintmax_t total() const;           // promised to them

 private:
  struct Promise {
    std::uintmax_t bytes = 0, used = 0;
  };
  std::uintmax_t free_ = 0;
  std::map<std::string, Promise> promised_;  // by run
};

}  // namespace backproof
