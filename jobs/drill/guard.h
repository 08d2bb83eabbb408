// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

// What keeps a team's command from production: it runs in namespaces of its own, without a network,
// in a file system that is read-only but for one folder, without any socket of this host, and sees
// no process but its own (namespaces(7), mount_namespaces(7)). The program starts itself for that,
// as `backproof guard`.
namespace backproof::drill {

// The command line of the guard. Its script comes on stdin, where no list of processes shows it.
// `place`: the folder that stays writable; empty: there is no guard at all, the script alone is
// kept from sight. `output`: a file that gets what it prints, from its first byte on made readable
// by its owner alone; empty: stdout and stderr stay.
std::vector<std::string> guard_command(const Path& program, const Path& place, const Path& output);

// What the guard writes to stderr when everything is shut, before a line of the script is executed.
inline constexpr const char* guarded_mark = "backproof: guarded\n";

// The guard itself, with what guard_command() was given. The exit code of
// the script, or 128 and the number of the signal that killed it.
int guard_main(const Path& place, const Path& output);

}  // namespace backproof::drill
