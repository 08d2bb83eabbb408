// SPDX-License-Identifier: Apache-2.0
// What bounds a target's runs, and when one that could not tell is tried again.
#include "base/text.h"
#include "exporter/config_target.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""s;

Duration at_least_a_second(Options& options, std::string_view key, Duration fallback) {
  const Duration given = options.duration(key, fallback);
  if (given >= 1s || given == fallback) return given;
  options.problem(key, "expected at least 1s, got " + text::format_duration(given));
  return fallback;
}

// 0, or no less than what anything can be done with.
std::uintmax_t none_or_at_least(Options& options, std::string_view key, std::uintmax_t least,
                                std::uintmax_t fallback) {
  const std::uintmax_t given = options.size(key, fallback);
  if (given == 0 || given >= least) return given;
  options.problem(key, "expected 0 or at least " + text::format_size(least) + ", got " +
                           text::format_size(given));
  return fallback;
}

void read_stage_timeouts(Options& options, std::map<Stage, Duration>& timeouts,
                         Problems& problems) {
  const Table& table = options.table("stage_timeout");
  Options own(table, options.line_of("stage_timeout"), options.where() + ", stage_timeout",
              problems);
  for (const Stage stage : all_stages) {
    const Duration given = at_least_a_second(own, name_of(stage), Duration{});
    if (given > Duration{})
      timeouts[stage] = given;
    else if (own.has(name_of(stage)))
      timeouts.erase(stage);
  }
  own.finish();
}

}  // namespace

void read_limits(Options& options, Limits& limits, Problems& problems) {
  constexpr std::uintmax_t kib = 1024, mib = kib * 1024;
  limits.timeout = at_least_a_second(options, "timeout", limits.timeout);
  read_stage_timeouts(options, limits.stage_timeouts, problems);
  limits.scratch = options.size("max_scratch", limits.scratch);
  limits.max_ratio = static_cast<std::uintmax_t>(
      options.integer("max_ratio", static_cast<std::int64_t>(limits.max_ratio), 1, 1'000'000'000));
  limits.memory = none_or_at_least(options, "max_memory", 64 * mib, limits.memory);
  limits.cpu = at_least_a_second(options, "max_cpu", limits.cpu);
  limits.read_rate = none_or_at_least(options, "max_read_rate", 64 * kib, limits.read_rate);
  limits.nice = static_cast<int>(options.integer("nice", limits.nice, 0, 19));
  limits.io = io_priority_named(options.choice("io_priority", std::string(name_of(limits.io)),
                                               {"normal", "low", "idle"}))
                  .value_or(limits.io);
}

void read_retry(Options& options, RetrySpec& retry, Problems& problems) {
  const Table& table = options.table("retry");
  Options own(table, options.line_of("retry"), options.where() + ", retry", problems);
  retry.attempts = static_cast<unsigned>(own.integer("attempts", retry.attempts, 1, 20));
  retry.delay = at_least_a_second(own, "delay", retry.delay);
  retry.max_delay = at_least_a_second(own, "max_delay", retry.max_delay);
  if (retry.max_delay < retry.delay)
    own.problem("max_delay", "expected at least the delay of " +
                                 text::format_duration(retry.delay) + ", got " +
                                 text::format_duration(retry.max_delay));
  own.finish();
}

}  // namespace backproof
