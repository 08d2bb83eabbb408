// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sandbox/jail.h"

namespace backproof {

// A server to be started in a jail of its own.
struct JailedProgram {
  Path program;
  std::vector<std::string> args;  // without the program's name
  std::vector<std::string> env;   // "NAME=value"
  Path folder;                    // where it works, below the sandbox: it cannot leave it
  JailRules rules;
  Isolation require = Isolation::full;
  std::vector<std::string> without;  // as of enter_jail(), for tests
};

// A child of this process; not reaped by anything here.
struct JailedServer {
  pid_t pid = -1;
  Fd err;  // what it writes on stdout and stderr; non-blocking
  JailProof proof;
};

// Starts it in its jail, which was probed from inside before. It is the first to be killed when
// memory runs out, and dies with the calling thread. Errors: isolation (the jail holds less than
// required: the text says what got through), missing_tool (it cannot be executed).
Result<JailedServer> start_jailed(const JailedProgram& program);

}  // namespace backproof
