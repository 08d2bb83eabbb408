// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"

namespace backproof {
namespace {

std::string next_run(const Target& target) {
  if (!target.enabled) return "disabled";
  if (!target.schedule) return "only by hand";
  return "next run " + text::format_time(target.schedule->next_after(system_clock().now()));
}

int run(const Path& file) {
  const auto loaded = load_or_complain(file);
  if (!loaded) return code_of(Exit::usage);
  std::cout << text::printable(file.native()) << ": ok, "
            << text::plural(loaded->config.targets.size(), "target") << '\n';
  for (const Target& target : loaded->config.targets)
    std::cout << "  " << text::printable(target.name) << ": " << next_run(target) << '\n';
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind check_config_command;
constinit const CommandKind check_config_command{
    "check-config", "check a configuration file and say when each target runs next", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto file = std::make_shared<std::string>();
      app.add_option("FILE", *file, "the configuration file")->required();
      return [file] { return run(*file); };
    }};

}  // namespace backproof
