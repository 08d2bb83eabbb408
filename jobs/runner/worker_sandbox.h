// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// The folder of one run below `scratch`, made and removed by the supervisor. Its name holds the
// supervisor's pid and start time, and the supervisor holds a lock on it, so that a later
// sweep_sandboxes() can tell a leftover from one in use, also from inside another container.
class WorkerSandbox {
 public:
  // Makes `scratch` as well when it is missing.
  static Result<WorkerSandbox> create(const Path& scratch, const std::string& run_id);
  WorkerSandbox(WorkerSandbox&& other) noexcept;
  WorkerSandbox& operator=(WorkerSandbox&&) = delete;
  ~WorkerSandbox();

  const Path& path() const { return path_; }
  // Removes it and says whether that worked; the destructor does nothing afterwards.
  Result<void> close();

 private:
  WorkerSandbox(Path path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  Path path_;
  Fd lock_;
};

// A folder below `scratch`, made when it is missing, in which a run keeps initialised database
// clusters for the next one: private to the user that workers run as. Empty when it cannot be had.
Path cluster_templates_in(const Path& scratch);

}  // namespace backproof
