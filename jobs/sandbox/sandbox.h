// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "model/run.h"

namespace backproof {

// What sandboxes may fill of a file system: what is free, less a reserve of 64 MiB or 1 % of it,
// whichever is larger.
std::uintmax_t usable(const Space& space);

// Somewhere to break things safely: a folder with a budget of bytes. The supervisor makes and
// removes it (so that nothing is left when a worker is killed); the worker fills it. One thread.
class Sandbox {
 public:
  // `folder` exists and is empty. `budget` is what may be written below it; 0 = what is usable.
  static Result<Sandbox> open(const Path& folder, std::uintmax_t budget);

  const Path& folder() const { return folder_; }
  std::uintmax_t budget() const { return budget_; }
  // `needed` bytes beside what is used: an Error (cause space) names needed and available.
  Result<void> reserve(std::uintmax_t needed) const;
  std::uintmax_t bytes_used() const { return bytes_below(folder_); }
  // Removes everything below the folder.
  Result<void> clear();

 private:
  Sandbox(Path folder, std::uintmax_t budget) : folder_(std::move(folder)), budget_(budget) {}
  Path folder_;
  std::uintmax_t budget_;
};

}  // namespace backproof
