// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "base/log.h"
#include "exporter/build_info.h"
#include "exporter/commands/command.h"

namespace backproof {
namespace {

std::string version_text() {
  const BuildInfo build = build_info();
  return "backproof, version " + build.version +
         " (revision: " + (build.revision.empty() ? "unknown" : build.revision) +
         ")\n  compiler: " + build.compiler;
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

int parse_and_run(int argc, char** argv) {
  CLI::App app("Proves that database backups restore.\n", "backproof");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(38);
  LogOptions logs;
  app.add_option("--log.level", logs.level, "debug, info, warn or error")->capture_default_str();
  app.add_option("--log.format", logs.format, "logfmt or json")->capture_default_str();
  std::function<int()> chosen;
  for (const CommandKind* kind : all_commands()) {
    CLI::App* command = app.add_subcommand(std::string(kind->name), std::string(kind->summary));
    if (!kind->listed) command->group("");
    const std::function<int()> run = kind->define(*command);
    command->final_callback([&chosen, run] { chosen = run; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const bool wanted = e.get_exit_code() == 0;  // --help, --version
    app.exit(e, std::cout, std::cerr);
    return wanted ? 0 : code_of(Exit::usage);
  }
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
