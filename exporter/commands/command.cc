// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/command.h"

#include <filesystem>
#include <iostream>

#include "base/text.h"

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

void print_problems(const Path& file, const Problems& problems) {
  for (const Problem& problem : problems) std::cerr << problem_text(file, problem) << '\n';
}

std::optional<LoadedConfig> load_or_complain(const Path& file) {
  ConfigResult result = load_config(file);
  print_problems(file, result.problems);
  return std::move(result.loaded);
}

std::optional<Config> read_or_complain(const Path& file) {
  ReadConfig read = read_config(file);
  print_problems(file, read.problems);
  return std::move(read.config);
}

Result<void> make_folder(const Path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return Error{Cause::internal,
               "cannot create " + text::printable(folder.native()) + ": " + error.message(),
               "create it for the user that backproof runs as"};
}

Result<std::unique_ptr<HistoryStore>> open_history(const Config& config) {
  TRY(make_folder(config.state_dir));
  return HistoryStore::open(config.history_file());
}

Result<std::unique_ptr<HistoryStore>> open_existing_history(const Config& config) {
  if (std::filesystem::exists(config.history_file()))
    return HistoryStore::open(config.history_file());
  return Error{
      Cause::internal,
      "no history yet: " + text::printable(config.history_file().native()) + " is not there",
      "backproof serve, or verify with --config.file, makes it"};
}

Exit exit_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return Exit::passed;
    case Verdict::failed:
      return Exit::failed;
    case Verdict::inconclusive:
      return Exit::inconclusive;
  }
  return Exit::inconclusive;
}

Result<const Target*> target_named(const Config& config, const std::string& name) {
  for (const Target& target : config.targets)
    if (target.name == name) return &target;
  return Error{
      Cause::internal,
      "no target " + text::quote_shell(name) + " in " + text::printable(config.file.native()),
      "backproof check-config lists them"};
}

int complain(const Error& error) {
  std::cerr << "backproof: " << error.str() << '\n';
  return code_of(Exit::usage);
}

}  // namespace backproof
