// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "model/run.h"

namespace backproof {

// What this process uses: opened before the jail closes /proc. One thread.
class UsageMeter {
 public:
  static Result<UsageMeter> open(Path sandbox);
  // Raises the maxima in `resources` by what is used now. The memory alone is cheap to ask for.
  void sample(Resources& resources) const;
  void sample_memory(Resources& resources) const;

 private:
  UsageMeter(Fd status, Path sandbox) : status_(std::move(status)), sandbox_(std::move(sandbox)) {}
  Fd status_;  // /proc/self/status
  Path sandbox_;
};

// "RssAnon:     1234 kB" of a /proc/PID/status as bytes; 0 when it is not there.
std::uintmax_t anonymous_bytes_of(std::string_view status);
// The same of an open one; 0 when its process has ended.
std::uintmax_t anonymous_bytes_of(int status_fd);

}  // namespace backproof
