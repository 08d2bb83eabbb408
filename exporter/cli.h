// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace backproof {

// The command line from beginning to end; the exit code of the program. Never throws.
int run_command_line(int argc, char** argv);

}  // namespace backproof
