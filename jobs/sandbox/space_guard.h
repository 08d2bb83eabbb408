// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace backproof {

// Watches how much a folder holds while others write into it: beyond its budget, or when its file
// system runs full, that is an Error. Looks five times a second, less often where looking takes
// long. One thread.
class SpaceGuard {
 public:
  // `budget` in bytes, 0 = any. `what` is written, for the Error.
  SpaceGuard(Path folder, std::uintmax_t budget, std::string what = "the restored database");

  // Milliseconds until the next look is due.
  int wait_ms() const;
  // Looks when it is due. The Error (cause space) names needed and available.
  std::optional<Error> check();

 private:
  Path folder_;
  std::uintmax_t budget_;
  std::string what_;
  std::uintmax_t reserve_ = 0;               // of the file system, to stay free
  std::uintmax_t used_ = 0, free_then_ = 0;  // when the folder was last walked through
  Duration walk_{};                          // when it is to be walked through again at the latest
  Stopwatch watch_;
  Duration next_{};
};

}  // namespace backproof
