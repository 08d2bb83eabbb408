// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <random>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/selftest_report.h"
#include "exporter/signals.h"
#include "runner/selftest.h"
#include "runner/worker.h"

namespace backproof {
namespace {

struct Arguments {
  std::string target, config, format = "text";
  std::optional<std::uint64_t> seed;
};

// The matrix grows while the damages are tried: a self-test takes as long as 16 verifications.
Selftest test(const Arguments& arguments, const Config& config, const Target& target,
              const HistoryStore& history) {
  const StopOnSignal signals;
  SelftestOrder order;
  order.target = target;
  order.seed = arguments.seed ? *arguments.seed : std::random_device{}();
  if (arguments.format == "text") {
    order.tried = [](const Trial& trial) { std::cout << report_line(trial) << std::flush; };
    std::cout << report_head(target.name, order.seed) << std::flush;
  }
  return run_selftest(order, history,
                      selftest_tools("/proc/self/exe", config.scratch_dir, system_clock()),
                      system_clock(), signals.token());
}

int run(const Arguments& arguments) {
  const auto loaded = load_or_complain(arguments.config);
  if (!loaded) return code_of(Exit::usage);
  const auto target = target_named(loaded->config, arguments.target);
  if (!target) return complain(target.error());
  if (const auto made = make_folder(loaded->config.scratch_dir); !made)
    return complain(made.error());
  const auto history = open_history(loaded->config);
  if (!history) return complain(history.error());
  sweep_sandboxes(loaded->config.scratch_dir);
  const Selftest result = test(arguments, loaded->config, **target, **history);
  if (arguments.format == "json")
    std::cout << to_json(result) << std::endl;
  else
    std::cout << report_end(result) << std::flush;
  // What came out is known and said, whether or not it can be recorded.
  if (const auto recorded = (*history)->record(result); !recorded) complain(recorded.error());
  return code_of(exit_for(result.result));
}

std::function<int()> define(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  app.add_option("TARGET", a->target, "a target of the configuration")->required();
  app.add_option("--config.file", a->config, "configuration file")->type_name("FILE")->required();
  app.add_option("--seed", a->seed,
                 "which rows, bits and tables are hit: the same seed hits the same again")
      ->type_name("N")
      // What does not fit would be taken for the largest one.
      ->check([](const std::string& text) {
        return text::parse_count(text) ? std::string() : "expected a whole number of 64 bits";
      });
  app.add_option("--format", a->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.footer(
      "Damages copies of the target's newest backup that passed and demands the right verdict of "
      "each.\nExit code: 0 every damage got it, 1 one did not, 2 it could not be done, 64 usage.");
  return [a] { return run(*a); };
}

}  // namespace

extern const CommandKind selftest_command;
constinit const CommandKind selftest_command{
    "selftest", "damage copies of a backup that passed: each must get the right verdict", true,
    define};

}  // namespace backproof
