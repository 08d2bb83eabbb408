// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config.h"

namespace CLI {
class App;
}

namespace backproof {

// What a shell sees. 0, 1 and 2 are verdicts; usage and configuration errors are none.
enum class Exit { passed = 0, failed = 1, inconclusive = 2, usage = 64 };
inline int code_of(Exit exit) {
  return static_cast<int>(exit);
}

// One line of commands.def. `define` adds the command's options and returns what is called when
// they were parsed; what it returns is the exit code.
struct CommandKind {
  std::string_view name;
  std::string_view summary;
  bool listed;  // in --help
  std::function<int()> (*define)(CLI::App& app);
};
std::vector<const CommandKind*> all_commands();

// For commands that need a configuration: prints every problem on stderr.
std::optional<LoadedConfig> load_or_complain(const Path& file);

// "backproof: TEXT" on stderr; gives Exit::usage for convenience.
int complain(const Error& error);

}  // namespace backproof
