// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <optional>

#include "base/log.h"
#include "base/text.h"
#include "exporter/build_info.h"
#include "exporter/commands/command.h"
#include "exporter/signals.h"

namespace backproof {
namespace {

std::string version_text() {
  const BuildInfo build = build_info();
  const auto known = [](const std::string& fact) { return fact.empty() ? "unknown" : fact; };
  return "backproof, version " + build.version + " (branch: " + known(build.branch) +
         ", revision: " + known(build.revision) + ")\n  compiler: " + build.compiler;
}

// Options before or behind the command that every command has.
struct LogOptions {
  std::string level = "info", format = "logfmt";

  Result<void> apply() const {
    TRY_ASSIGN(const log::Level wanted_level, log::level_named(level));
    TRY_ASSIGN(const log::Format wanted_format, log::format_named(format));
    log::configure(wanted_level, wanted_format);
    return {};
  }
};

const CLI::App* chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? nullptr : chosen.front();
}

std::vector<std::string> option_names(const CLI::App& app, const CLI::App* command) {
  std::vector<std::string> names;
  for (const CLI::App* one : {&app, command}) {
    if (one == nullptr) continue;
    for (const CLI::Option* option : one->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

Error unknown(const std::string& what, const std::string& word,
              const std::vector<std::string>& known, const std::string& help) {
  const std::string near = text::nearest(word, known);
  return {Cause::internal, "no " + what + " \"" + text::printable(word, 80) + "\"",
          near.empty() ? help + " --help lists them" : "did you mean \"" + near + "\"?"};
}

// The first word that is none of ours, which the parser may have passed over for something that
// is missing because of it.
std::optional<Error> unknown_word(const CLI::App& app) {
  const CLI::App* command = chosen_command(app);
  for (const std::string& word : app.remaining(true)) {
    if (word.size() > 1 && word.starts_with('-'))
      return unknown("option", word.substr(0, word.find('=')), option_names(app, command),
                     command == nullptr ? "backproof" : "backproof " + command->get_name());
    if (command != nullptr) continue;
    std::vector<std::string> names;
    for (const CommandKind* kind : all_commands())
      if (kind->listed) names.emplace_back(kind->name);
    return unknown("command", word, names, "backproof");
  }
  return std::nullopt;
}

int parse_and_run(int argc, char** argv) {
  HeldSignals signals;
  CLI::App app("Proves that database backups restore.\n", "backproof");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(38);
  LogOptions logs;
  app.add_option("--log.level", logs.level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log.format", logs.format, "logfmt or json")
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->capture_default_str();
  std::function<int()> chosen;
  bool waits_for_signals = false;
  for (const CommandKind* kind : all_commands()) {
    CLI::App* command = app.add_subcommand(std::string(kind->name), std::string(kind->summary));
    if (!kind->listed) command->group("");
    const std::function<int()> run = kind->define(*command);
    command->final_callback([&chosen, &waits_for_signals, kind, run] {
      chosen = run;
      waits_for_signals = kind->waits_for_signals;
    });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const bool wanted = e.get_exit_code() == 0;  // --help, --version
    if (!wanted)
      if (const auto error = unknown_word(app)) return complain(*error);
    app.exit(e, std::cout, std::cerr);
    return wanted ? 0 : code_of(Exit::usage);
  }
  if (!waits_for_signals) signals.let_go();
  if (const Result<void> applied = logs.apply(); !applied) return complain(applied.error());
  return chosen();
}

}  // namespace

int run_command_line(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& e) {
    return complain({Cause::internal, e.what(), "this is a bug: please report it"});
  }
}

}  // namespace backproof
