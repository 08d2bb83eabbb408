// SPDX-License-Identifier: Apache-2.0
#include "sandbox/guard.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "exporter/commands/command.h"

namespace backproof {
namespace {

struct Arguments {
  std::string place, output, held;
  GuardOrder order;
};

}  // namespace

extern const CommandKind guard_command;
constinit const CommandKind guard_command{
    "guard", "runs a command of the configuration; started by drill, serve, verify and work", false,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("--in", a->place, "the only folder that it may write to");
      app.add_option("--output", a->output, "what it prints goes there");
      app.add_flag("--whole", a->order.whole, "what it starts ends with it");
      app.add_option("--input", a->order.input, "descriptor that becomes its stdin");
      app.add_option("--result", a->order.result, "descriptor that becomes its stdout");
      app.add_option("--max-file", a->order.max_file, "bytes that it may write into one file");
      app.add_option("--held", a->held, "folder that is locked while anything of it runs");
      return [a] {
        a->order.place = a->place;
        a->order.output = a->output;
        a->order.held = a->held;
        return guard_main(a->order);
      };
    }};

}  // namespace backproof
