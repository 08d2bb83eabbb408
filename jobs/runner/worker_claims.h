// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "model/run.h"
#include "model/target.h"

namespace backproof {

// What a worker says of its run, held against what its supervisor knows better. A worker may be
// taken over by the backup that it reads, once it is in its sandbox: what it says until then is
// pinned, what it says later is believed within limits. One thread.
class WorkerClaims {
 public:
  explicit WorkerClaims(const Job& job);

  // The size of the file system of the sandbox: nothing restored can be larger.
  void scratch_holds(std::uintmax_t bytes) { scratch_ = bytes; }
  // Pins `run`'s backup and isolation when it is the first that has left stage sandbox behind.
  void pin(const Run& run, TimePoint now);
  // Cuts `run` down to what can be, with a warning among its findings where something could not,
  // and makes its texts fit for logs and terminals. The backup's path and id keep their bytes:
  // they are names to be opened, and whoever prints them makes them printable.
  void impose(Run& run, TimePoint started, TimePoint now) const;

 private:
  std::uint64_t cut_lists(Run& run) const;
  std::uint64_t cut_numbers(Run& run) const;

  Backup chosen_;                 // its id is empty where it was named by hand
  std::set<std::string> checks_;  // kinds that the job asks for
  std::uintmax_t scratch_ = UINTMAX_MAX;
  std::optional<Run> pinned_;  // only backup and isolation
};

}  // namespace backproof
