// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

// Whose run it is: one open history's, which holds a lock (flock(2)) on an empty file of its own,
// HISTORY-owners/ID.lock, from before its first run is written until it closes. The kernel lets go
// of the lock however a process ends, and shows it to every process on the machine. A number of a
// process would mean nothing in another PID namespace (pid_namespaces(7)): a container that was
// started anew could not tell what the one before it had left.
//
// No name is ever used twice: what was found dead stays dead.
namespace backproof::history {

class Owner {
 public:
  // Makes and locks a new file for the history at `history`, a path without symlinks: every process
  // must come to the same folder. The folder is made where it is missing, and what root makes
  // belongs to the owner of the history, as SQLite's own files beside it do. An Error, with a hint,
  // where the file system has no such locks: without one nobody could see that this process lives.
  static Result<Owner> claim(const Path& history);
  Owner(Owner&& other) noexcept
      : file_(std::exchange(other.file_, {})),
        id_(std::move(other.id_)),
        lock_(std::move(other.lock_)) {}
  Owner& operator=(Owner&& other) noexcept;
  // Removes the file and lets go of the lock: to others the same as if it had died.
  ~Owner();

  const std::string& id() const { return id_; }
  // Whether the file is still where others look for it.
  bool is_seen() const;

 private:
  Owner(Path file, std::string id) : file_(std::move(file)), id_(std::move(id)) {}
  Path file_;
  std::string id_;
  Fd lock_;  // not inherited by programs that are started: a worker must not outlive it as owner
};

// False only when it is certainly gone: its file is missing, or its lock could be had; then the
// file is removed. To ask is to hold the lock for a moment, so two may not ask at once: each would
// take the other for the owner. The caller holds the history's write transaction.
bool is_alive(const Path& history, std::string_view id);

// Removes the files of all that are gone. As is_alive() for the caller. How many are alive.
std::uint64_t sweep_owners(const Path& history);

}  // namespace backproof::history
