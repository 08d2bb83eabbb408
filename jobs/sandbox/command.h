// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "base/process.h"
#include "base/result.h"

namespace backproof {

// The variable of a worker's environment that holds the HOME of whoever started it.
inline constexpr const char* outer_home = "BACKPROOF_HOME";

// A command that a team wrote, for /bin/sh. What it prints is shown nowhere, because it may be a
// secret: it goes to `output`, a file for this user alone, or is dropped.
struct TeamCommand {
  std::string script;
  std::map<std::string, std::string> env;  // beside PATH, HOME, LANG and the like of ours
  bool whole_environment = false;          // all of ours
  Duration limit{};
  Path output;  // empty: dropped
  // The only folder that it can write to, kept from everything else (sandbox/guard.h); empty: it
  // may do what its user may.
  Path guarded_in;
};

// PATH, HOME, LANG and the like of this process, for a command; with nothing else of it.
std::map<std::string, std::string> plain_environment();

// How it ended. Killed at its limit or by a stop, with all that it started where it is guarded.
struct CommandEnd {
  Ended ended;
  bool timed_out = false, stopped = false;
  bool ok() const { return !timed_out && !stopped && ended.ok(); }
  std::string str(Duration limit) const;  // "ended with exit code 3", "did not end within 1h"
};

// Blocks. `program`: this one, which guards. An Error (isolation) when it could not be kept as it
// should: it was not started.
Result<CommandEnd> run_command(const TeamCommand& command, const Path& program,
                               const std::stop_token& stop);

}  // namespace backproof
