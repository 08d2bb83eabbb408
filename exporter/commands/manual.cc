// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/manual/completion.h"
#include "exporter/manual/pages.h"

namespace backproof {
namespace {

// The type as the parser shows it: "FILE", "TEXT:{text,json}", "N:INT in [1 - 366]".
void take_type(const std::string& type, manual::Argument& argument) {
  argument.value = type.substr(0, type.find(':'));
  const std::size_t open = type.find('{'), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return;
  const std::string choices = type.substr(open + 1, close - open - 1);
  for (const std::string_view choice : text::split(choices, ','))
    argument.choices.emplace_back(choice);
}

manual::Argument argument_of(const CLI::Option& option) {
  manual::Argument argument;
  for (const std::string& name : option.get_snames()) argument.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) argument.names.push_back("--" + name);
  argument.positional = argument.names.empty();
  if (argument.positional) argument.names.push_back(option.get_name(true));
  if (option.get_items_expected_max() > 0) take_type(option.get_type_name(), argument);
  argument.fallback = option.get_default_str();
  argument.meaning = option.get_description();
  argument.required = option.get_required();
  argument.repeats = option.get_items_expected_max() > 1;
  return argument;
}

std::vector<manual::Argument> arguments_of(const CLI::App& app) {
  std::vector<manual::Argument> arguments;
  for (const CLI::Option* option : app.get_options()) {
    // Every command has --help; it is told of once.
    const bool told = app.get_parent() != nullptr && option == app.get_help_ptr();
    if (!told) arguments.push_back(argument_of(*option));
  }
  return arguments;
}

manual::Program program_of(const CLI::App& app) {
  manual::Program program;
  program.arguments = arguments_of(app);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty())
      program.commands.push_back({command->get_name(), command->get_description(),
                                  command->get_footer(), arguments_of(*command)});
  return program;
}

struct Arguments {
  std::string name, date;
};

int run(const Arguments& wanted, const CLI::App& app) {
  const manual::Program program = program_of(app);
  if (wanted.name == "backproof.8")
    std::cout << manual::program_page(program, wanted.date);
  else if (wanted.name == "backproof.toml.5")
    std::cout << manual::config_page(wanted.date);
  else if (wanted.name == "bash")
    std::cout << manual::bash_completion(program);
  else
    std::cout << manual::zsh_completion(program);
  std::cout << std::flush;
  return code_of(std::cout ? Exit::passed : Exit::failed);
}

}  // namespace

extern const CommandKind manual_command;
constinit const CommandKind manual_command{
    "manual", "print what is installed beside the program: manual pages, completion of shells",
    false, [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("NAME", a->name, "which text")
          ->required()
          ->check(CLI::IsMember({"backproof.8", "backproof.toml.5", "bash", "zsh"}));
      app.add_option("--date", a->date, "of the pages");
      return [a, &app] { return run(*a, *app.get_parent()); };
    }};

}  // namespace backproof
