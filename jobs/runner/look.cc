// SPDX-License-Identifier: Apache-2.0
// The parent's side.
#include "runner/look.h"

#include <array>

#include "base/process.h"
#include "base/text.h"
#include "runner/worker_environment.h"
#include "runner/worker_sandbox.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""s;

constexpr Duration deadline = 5s;
constexpr std::size_t longest_answer = 1000;

std::optional<TimePoint> time_from(std::string_view digits) {
  constexpr std::uint64_t least = 631'152'000'000'000, most = 4'102'444'800'000'000;  // 1990, 2100
  const auto value = text::parse_count(digits);
  if (!value || *value < least || *value > most) return {};
  return TimePoint{Duration{static_cast<Duration::rep>(*value)}};
}

std::optional<TimeClaim> content_from(std::string_view numbers) {
  const auto parts = text::split(numbers, ' ');
  if (parts.size() != 3) return {};
  const auto at = time_from(parts[0]), earliest = time_from(parts[1]), latest = time_from(parts[2]);
  if (!at || !earliest || !latest || *earliest > *at || *at > *latest) return {};
  // No zone is further away.
  if (*latest - *earliest > std::chrono::hours(26)) return {};
  return TimeClaim{*at, *earliest, *latest};
}

// Each kind of line counts once, and only what look_main() writes is understood.
Result<Look> understood(std::string_view answer, Look look) {
  if (!answer.ends_with("\nend\n") && answer != "end\n") {
    look.trouble = "it could not be looked at: the answer is not whole";
    return look;
  }
  for (const std::string_view line : text::split(answer, '\n')) {
    const std::string_view word = line.substr(0, line.find(' '));
    const std::string_view rest = line.substr(std::min(line.size(), word.size() + 1));
    if (word == "jail") return Error{Cause::isolation, text::printable(rest, 300), ""};
    if (word == "content" && !look.content) look.content = content_from(rest);
    if (word == "manifest" && !look.manifest)
      if (const auto time = time_from(rest)) look.manifest = exactly(*time);
    if (word == "trouble" && look.trouble.empty()) look.trouble = text::printable(rest, 300);
  }
  return look;
}

}  // namespace

Result<Look> look_at(const Target& target, const Backup& backup, const Path& program,
                     const Path& scratch, TimePoint now) {
  Job job;
  job.run_id = new_run_id(now);
  job.target = target;
  job.target.checks.clear();
  job.chosen = backup;
  TRY_ASSIGN(WorkerSandbox sandbox, WorkerSandbox::create(scratch, job.run_id));
  job.sandbox = sandbox.path();
  const Command command{
      {program.string(), "look"}, worker_environment(sandbox.path()), to_json(job)};
  TRY_ASSIGN(const Output output, run(command, deadline, longest_answer));
  if (output.timed_out)
    return Error{Cause::timeout, "it took longer than " + text::format_duration(deadline), ""};
  Look look{backup.id, backup.version, {}, {}, ""};
  if (!output.ended.ok()) {
    look.trouble = "the process that looked at it was ended: " + output.ended.str();
    return look;
  }
  return understood(output.out, std::move(look));
}

std::function<Result<Look>(const Target&, const Backup&)> looker_in(Path scratch) {
  return [scratch = std::move(scratch)](const Target& target, const Backup& backup) {
    return look_at(target, backup, "/proc/self/exe", scratch, system_clock().now());
  };
}

}  // namespace backproof
