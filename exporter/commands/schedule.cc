// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <queue>
#include <tuple>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "model/start.h"

namespace backproof {
namespace {

struct Arguments {
  std::string config, format = "text";
  int days = 7;
};

// One schedule of one target, at its next start.
struct Coming {
  Start start;
  const Target* target;
  const Schedule* schedule;
  const char* kind;

  void go_on() { start = next_start(*target, *schedule, start.at); }
};

// The soonest is the greatest; of one moment, the first in the order of the file.
struct IsLater {
  bool operator()(const Coming& a, const Coming& b) const {
    return std::tie(a.start.at, a.target) > std::tie(b.start.at, b.target);
  }
};
using Agenda = std::priority_queue<Coming, std::vector<Coming>, IsLater>;

Agenda agenda_of(const Config& config, TimePoint now) {
  Agenda agenda;
  for (const Target& target : config.targets) {
    if (!target.enabled) continue;
    const auto add = [&](const std::optional<Schedule>& schedule, const char* kind) {
      if (schedule) agenda.push({next_start(target, *schedule, now), &target, &*schedule, kind});
    };
    add(target.schedule, "verification");
    add(target.selftest, "self-test");
    if (target.drill) add(target.drill->schedule, "drill");
  }
  return agenda;
}

void print_text(const Coming& coming) {
  std::cout << local_time(coming.schedule->time_zone(), coming.start.at) << "  "
            << text::format_time(coming.start.at) << "  " << std::left << std::setw(12)
            << coming.kind << "  " << text::printable(coming.target->name, 140) << "  ("
            << coming.schedule->zone() << ")\n";
}

void print_json(const Coming& coming) {
  const nlohmann::ordered_json document{
      {"start", text::format_time(coming.start.at)},
      {"local", local_time(coming.schedule->time_zone(), coming.start.at)},
      {"time_zone", coming.schedule->zone()},
      {"scheduled", text::format_time(coming.start.scheduled)},
      {"kind", coming.kind},
      {"target", coming.target->name}};
  std::cout << document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
            << '\n';
}

// One at a time: a year of every minute is more than one wants to hold.
int run(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return code_of(Exit::usage);
  const TimePoint now = system_clock().now();
  const TimePoint end = now + std::chrono::days(arguments.days);
  for (Agenda agenda = agenda_of(*config, now); !agenda.empty() && std::cout;) {
    Coming coming = agenda.top();
    agenda.pop();
    if (coming.start.at == TimePoint{} || coming.start.at > end) continue;
    arguments.format == "json" ? print_json(coming) : print_text(coming);
    coming.go_on();
    agenda.push(coming);
  }
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind schedule_command;
constinit const CommandKind schedule_command{
    "schedule", "list what the schedules will start, soonest first", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("--config.file", a->config, "configuration file")
          ->type_name("FILE")
          ->required();
      app.add_option("--days", a->days, "of so many days from now on")
          ->type_name("N")
          ->check(CLI::Range(1, 366))
          ->capture_default_str();
      app.add_option("--format", a->format, "text, or json: one document a line")
          ->check(CLI::IsMember({"text", "json"}))
          ->capture_default_str();
      return [a] { return run(*a); };
    }};

}  // namespace backproof
