// SPDX-License-Identifier: Apache-2.0
#include "drill/guard.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "exporter/commands/command.h"

namespace backproof {
namespace {

struct Arguments {
  std::string place, output;
};

}  // namespace

extern const CommandKind guard_command;
constinit const CommandKind guard_command{
    "guard", "runs a command of a drill, kept from production; started by drill and serve", false,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("--in", a->place, "the only folder that it may write to");
      app.add_option("--output", a->output, "what it prints goes there");
      return [a] { return drill::guard_main(a->place, a->output); };
    }};

}  // namespace backproof
