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

Exit exit_for(Verdict verdict);

// One line of commands.def. `define` adds the command's options and returns what is called when
// they were parsed; what it returns is the exit code.
struct CommandKind {
  std::string_view name;
  std::string_view summary;
  bool listed;  // in --help
  std::function<int()> (*define)(CLI::App& app);
  // Called with SIGTERM, SIGINT and SIGHUP held back: it waits for them (exporter/signals.h).
  bool waits_for_signals = false;
};
std::vector<const CommandKind*> all_commands();

// What is wrong with a file, a line each, on stderr.
void print_problems(const Path& file, const Problems& problems);

// For commands that need a configuration: prints every problem on stderr.
std::optional<LoadedConfig> load_or_complain(const Path& file);

// The same for commands that only look at what was recorded: no source or folder need be there.
std::optional<Config> read_or_complain(const Path& file);

// The target of this name, which lives as long as the configuration; an Error where there is none.
Result<const Target*> target_named(const Config& config, const std::string& name);

// The folder is made when it is missing, with those above it.
Result<void> make_folder(const Path& folder);
// The history of a configuration; its folder and the file are made when they are missing.
Result<std::unique_ptr<HistoryStore>> open_history(const Config& config);
// The same where a history must be there already.
Result<std::unique_ptr<HistoryStore>> open_existing_history(const Config& config);

// "backproof: TEXT" on stderr; gives Exit::usage for convenience.
int complain(const Error& error);

}  // namespace backproof
