// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/report.h"
#include "exporter/service_start.h"
#include "history/repair.h"
#include "model/run_json.h"

namespace backproof {
namespace {

struct Arguments {
  std::string config, target, verdict, format = "text";
  std::uint64_t limit = 50;
};

int run(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return code_of(Exit::usage);
  const auto history = open_existing_history(*config);
  if (!history) return complain(history.error());
  const auto runs =
      (*history)->list({arguments.target, verdict_named(arguments.verdict), arguments.limit});
  if (!runs) return complain(runs.error());
  if (arguments.format == "text") {
    std::cout << report_table(*runs);
  } else {
    for (const Run& run : *runs) std::cout << to_json(run, false) << '\n';
  }
  return code_of(Exit::passed);
}

void print_repair(const Path& file, const history::Repair& repair) {
  std::cout << "history   " << text::printable(file.native()) << "\nwas       "
            << text::printable(repair.damage) << "\nkept as   "
            << text::printable(repair.aside.native()) << "\n\n"
            << std::left << std::setw(12) << "WHAT" << std::right << std::setw(12) << "RECOVERED"
            << std::setw(8) << "LOST" << '\n';
  for (const history::Salvaged& kind : repair.report.kinds)
    std::cout << std::left << std::setw(12) << kind.what << std::right << std::setw(12)
              << text::format_count(kind.recovered) << std::setw(8) << text::format_count(kind.lost)
              << '\n';
  std::cout << '\n';
  if (repair.report.unreadable_pages > 0)
    std::cout << text::plural(repair.report.unreadable_pages, "page")
              << " could not be read: more may be lost than is known\n";
  if (repair.report.raised > 0)
    std::cout << text::plural(repair.report.raised, "counter")
              << " raised to what the recovered runs prove\n";
  if (!repair.report.log.empty())
    std::cout << "the write-ahead log could not be read, and with it the last results: "
              << text::printable(repair.report.log) << '\n';
}

int repair(const std::string& config_file) {
  const auto config = read_or_complain(config_file);
  if (!config) return code_of(Exit::usage);
  // No service may have the history open, nor start while it is replaced.
  const auto lock = lock_history(config->state_dir);
  if (!lock) return complain(lock.error());
  const auto repaired = history::repair(config->history_file(), system_clock().now());
  if (!repaired) return complain(repaired.error());
  if (*repaired)
    print_repair(config->history_file(), **repaired);
  else
    std::cout << "the history is whole: nothing was changed\n";
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind history_command;
constinit const CommandKind history_command{
    "history", "list what was verified, newest first", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("--config.file", a->config, "configuration file")
          ->type_name("FILE")
          ->required();
      app.add_option("--target", a->target, "only runs of this target")->type_name("NAME");
      app.add_option("--verdict", a->verdict, "only runs with this verdict")
          ->check(CLI::IsMember({"passed", "failed", "inconclusive"}));
      app.add_option("--limit", a->limit, "at most so many runs")
          ->type_name("N")
          ->check(CLI::Range(1, 100000))
          ->capture_default_str();
      app.add_option("--format", a->format, "text, or json: one document a line")
          ->check(CLI::IsMember({"text", "json"}))
          ->capture_default_str();
      const CLI::App* repairs =
          app.add_subcommand("repair",
                             "set a damaged history aside and recover what can still be read of it")
              ->fallthrough();
      return [a, repairs] { return repairs->parsed() ? repair(a->config) : run(*a); };
    }};

}  // namespace backproof
