// SPDX-License-Identifier: Apache-2.0
#include "runner/look.h"

#include "exporter/commands/command.h"

namespace backproof {

extern const CommandKind look_command;
constinit const CommandKind look_command{
    "look", "reads in a jail when a backup was made; started by serve and verify", false,
    [](CLI::App&) -> std::function<int()> { return look_main; }};

}  // namespace backproof
