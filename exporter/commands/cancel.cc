// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/control.h"

namespace backproof {
namespace {

struct Arguments {
  std::string config, id;
};

// The run that begins with this id; as given where the history knows none.
Result<std::string> full_id(const Config& config, const std::string& id) {
  TRY_ASSIGN(const auto history, open_existing_history(config));
  TRY_ASSIGN(const auto found, history->find(id));
  if (found && found->finished)
    return Error{Cause::internal, "run " + found->id + " has ended already",
                 "backproof show " + found->id + " says how"};
  return found ? found->id : id;
}

int run(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return code_of(Exit::usage);
  const auto id = full_id(*config, arguments.id);
  if (!id) return complain(id.error());
  const auto answer = ask_service(config->state_dir, {"cancel", *id});
  if (!answer) return complain(answer.error());
  std::cout << *answer << '\n';
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind cancel_command;
constinit const CommandKind cancel_command{
    "cancel", "end a verification that the service does now; it is not made again by itself", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("RUN", a->id, "its id, or the beginning of it (see history)")->required();
      app.add_option("--config.file", a->config, "configuration file")
          ->required()
          ->type_name("FILE");
      app.footer("The run is recorded as inconclusive: cancelled. Exit code: 0 cancelled, 64 not.");
      return [a] { return run(*a); };
    }};

}  // namespace backproof
