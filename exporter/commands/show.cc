// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/report.h"
#include "model/run_json.h"

namespace backproof {
namespace {

struct Arguments {
  std::string config, id, format = "text";
};

int run(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return code_of(Exit::usage);
  const auto history = open_existing_history(*config);
  if (!history) return complain(history.error());
  const auto found = (*history)->find(arguments.id);
  if (!found) return complain(found.error());
  if (!*found)
    return complain({Cause::internal, "no run " + text::quote_shell(arguments.id),
                     "backproof history lists them"});
  if (arguments.format == "json") {
    std::cout << to_json(**found, true, 2) << '\n';
  } else {
    std::cout << report(**found) << "\nlog\n" << report_log(**found);
  }
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind show_command;
constinit const CommandKind show_command{
    "show", "show one run with its log", true, [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("RUN", a->id, "its id, or the beginning of it")->required();
      app.add_option("--config.file", a->config, "configuration file")
          ->type_name("FILE")
          ->required();
      app.add_option("--format", a->format, "text or json")
          ->check(CLI::IsMember({"text", "json"}))
          ->capture_default_str();
      return [a] { return run(*a); };
    }};

}  // namespace backproof
