// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/command.h"
#include "runner/worker.h"

namespace backproof {

extern const CommandKind work_command;
constinit const CommandKind work_command{
    "work", "one verification in a process of its own; started by serve and verify", false,
    [](CLI::App&) -> std::function<int()> { return worker_main; }};

}  // namespace backproof
