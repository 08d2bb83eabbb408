// SPDX-License-Identifier: Apache-2.0
// When a target runs: its schedules, and what moves their starts.
#include "base/text.h"
#include "exporter/config_target.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""s;

// Reads `key` if it is there and `parse` finds its text good; else the fallback stays.
template <typename Parse>
std::string checked_string(Options& options, std::string_view key, std::string fallback,
                           const Parse& parse) {
  std::string given = options.string(key, fallback);
  if (given == fallback) return fallback;
  const auto parsed = parse(given);
  if (parsed) return given;
  options.problem(key, parsed.error().text, parsed.error().hint);
  return fallback;
}

Result<void> check_schedule(const std::string& expression) {
  if (expression == "none") return {};
  TRY_ASSIGN(const Schedule schedule, Schedule::parse(expression));
  if (schedule.interval({}) > Duration{}) return {};
  return Error{Cause::internal, "\"" + text::printable(expression, 80) + "\" never comes",
               "for a target that is only verified by hand write \"none\""};
}

Result<void> check_zone(const std::string& zone) {
  TRY(Schedule::parse("@weekly", zone));
  return {};
}

std::optional<Schedule> schedule_of(const std::string& expression, const std::string& zone) {
  if (expression == "none") return std::nullopt;
  auto schedule = Schedule::parse(expression, zone);
  if (!schedule) return std::nullopt;
  return *std::move(schedule);
}

Duration read_jitter(Options& options, Duration fallback) {
  const Duration given = options.duration("jitter", fallback);
  if (given == Duration{} || given >= 1s) return given;
  options.problem("jitter", "expected at least 1s, got " + text::format_duration(given),
                  "starts are spread by whole seconds; \"0\" spreads none");
  return fallback;
}

std::vector<std::string> read_blackout(Options& options, const std::vector<std::string>& fallback) {
  const std::vector<std::string> given = options.strings("blackout");
  if (!options.has("blackout")) return fallback;
  const auto parsed = Blackout::parse(given, "UTC");
  if (parsed) return given;
  options.problem("blackout", parsed.error().text, parsed.error().hint);
  return fallback;
}

}  // namespace

void read_start_settings(Options& options, TargetSettings& settings) {
  settings.schedule = checked_string(options, "schedule", settings.schedule, check_schedule);
  settings.time_zone = checked_string(options, "time_zone", settings.time_zone, check_zone);
  settings.jitter = read_jitter(options, settings.jitter);
  settings.blackout = read_blackout(options, settings.blackout);
}

void take_start_settings(const TargetSettings& settings, Target& target) {
  target.schedule = schedule_of(settings.schedule, settings.time_zone);
  target.jitter = settings.jitter;
  if (auto blackout = Blackout::parse(settings.blackout, settings.time_zone))
    target.blackout = *std::move(blackout);
}

std::optional<Schedule> read_schedule(Options& options, const std::string& fallback,
                                      const std::string& zone) {
  return schedule_of(checked_string(options, "schedule", fallback, check_schedule), zone);
}

// One that is as long as the time between two runs would leave it to chance which comes first.
void check_jitter(Options& options, const Target& target) {
  const auto check = [&](std::string_view of, const std::optional<Schedule>& schedule) {
    if (!schedule || target.jitter == Duration{}) return;
    const Duration shortest = schedule->shortest_interval({});
    if (target.jitter < shortest) return;
    options.problem("jitter",
                    "expected less than " + text::format_duration(shortest) +
                        ", the least between two times of " + std::string(of) + " \"" +
                        text::printable(schedule->expression(), 80) + "\", got " +
                        text::format_duration(target.jitter),
                    "give this target a shorter one, or jitter = \"0\"");
  };
  check("its schedule", target.schedule);
  check("its selftest.schedule", target.selftest);
  if (target.drill) check("its drill.schedule", target.drill->schedule);
}

}  // namespace backproof
