// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/command.h"

#include <iostream>

namespace backproof {

#define COMMAND(name) extern const CommandKind name##_command;
#include "exporter/commands/commands.def"
#undef COMMAND

std::vector<const CommandKind*> all_commands() {
  return {
#define COMMAND(name) &name##_command,
#include "exporter/commands/commands.def"
#undef COMMAND
  };
}

std::optional<LoadedConfig> load_or_complain(const Path& file) {
  ConfigResult result = load_config(file);
  for (const Problem& problem : result.problems) std::cerr << problem_text(file, problem) << '\n';
  return std::move(result.loaded);
}

int complain(const Error& error) {
  std::cerr << "backproof: " << error.str() << '\n';
  return code_of(Exit::usage);
}

}  // namespace backproof
