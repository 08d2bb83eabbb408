// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"

// What starts a command that a team wrote: the program starts itself for that, as `backproof
// guard`, so that the script is in no list of processes.
namespace backproof {

struct GuardOrder {
  // Keeps the command from production: it runs in namespaces of its own, without a network, in a
  // file system that is read-only but for this folder, without any socket of this host, and sees no
  // process but its own (namespaces(7), mount_namespaces(7)). Empty: it may do what its user may.
  Path place{};
  // A file that gets what it prints, made readable by its owner alone; empty: stdout and stderr
  // stay.
  Path output{};
  // Whatever the command started ends when it does, when this guard gets SIGTERM and when the
  // guard's parent dies; in sessions of their own, too. Without namespaces: what became another
  // user's is out of reach.
  bool whole = false;
  // The command's stdin and stdout, as descriptors that the guard was given; -1: nothing is there
  // to read, and stdout stays.
  int input = -1, result = -1;
  std::uintmax_t max_file = 0;  // bytes that it may write into one file; 0: any
  // A folder that is locked (flock, shared) for as long as anything of a whole one may run.
  Path held{};
};

// The command line of the guard. Its script comes on stdin.
std::vector<std::string> guard_arguments(const Path& program, const GuardOrder& order);

// What the guard writes to stderr when everything is shut, before a line of the script is executed.
inline constexpr const char* guarded_mark = "backproof: guarded\n";

// The guard itself. The exit code of the script, or 128 and the number of the signal that killed
// it.
int guard_main(const GuardOrder& order);

// The part of it that GuardOrder::whole asks for (sandbox/guard_whole.cc): calls `execute` in a
// child, waits for its end and ends all that is left. Its exit code. `started` is called before.
int guard_whole(const GuardOrder& order, void (*started)(), void (*execute)(const GuardOrder&));

}  // namespace backproof
