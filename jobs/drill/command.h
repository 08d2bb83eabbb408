// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/process.h"
#include "model/target.h"

namespace backproof::drill {

// What a restore or smoke command must not reach, beside the network.
struct Guard {
  std::vector<Path> hidden;     // folders that are empty for it: sockets of servers
  std::vector<Path> read_only;  // folders in which it changes nothing: SQLite's live database
  Path writable;                // that stays so, below one of these

  bool operator==(const Guard&) const = default;
};

// What keeps a command from the live database: its socket's folder and those where a client looks
// of itself, or the folder of its file. An Error (isolation) where that would hide what the command
// needs: `place`, where it restores to, or `backup`.
Result<Guard> guard_of(const LiveDatabase& live, const Path& place, const Path& backup);

// A command that a team wrote, for /bin/sh. What it prints is shown nowhere, because it may be a
// secret: it goes to `output`, a file for this user alone, or is dropped.
struct TeamCommand {
  std::string script;
  std::map<std::string, std::string> env;  // beside PATH, HOME, LANG and the like of ours
  bool whole_environment = false;          // all of ours
  Duration limit{};
  Path output;                 // empty: dropped
  std::optional<Guard> guard;  // nothing: it may reach everything
};

// How it ended. Killed at its limit or by a stop, with all that it started where it is guarded.
struct CommandEnd {
  Ended ended;
  bool timed_out = false, stopped = false;
  bool ok() const { return !timed_out && !stopped && ended.ok(); }
  std::string str(Duration limit) const;  // "ended with exit code 3", "did not end within 1h"
};

// Blocks. An Error (isolation) when it cannot be kept from what `guard` names: it was not started.
Result<CommandEnd> run_command(const TeamCommand& command, const std::stop_token& stop);

}  // namespace backproof::drill
