// SPDX-License-Identifier: Apache-2.0
#include "sandbox/configured_command.h"

#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sandbox/command.h"
#include "sandbox/guard.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""s;

constexpr std::uintmax_t most_secret = 64U << 10U;
constexpr std::size_t most_stderr = 256U << 10U;
constexpr std::size_t most_lines = 3, longest_line = 200;
constexpr Duration grace = 15s;  // more than the guard takes to end everything
constexpr int file_too_large = 128 + SIGXFSZ;

Result<std::string> read_secret(const std::string& name, const Path& file, Cause cause) {
  const auto failed = [&](const std::string& why) {
    return Error{cause, "cannot read the secret " + name + ": " + why,
                 "its file must be readable for this user, with the secret in its first line"};
  };
  const auto content = read_file(file, most_secret);
  if (!content) return failed(content.error().text);
  std::string line = content->substr(0, content->find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty())
    return failed("the first line of " + text::printable(file.native()) + " is empty");
  if (line.find('\0') != std::string::npos)
    return failed(text::printable(file.native()) + " is no text");
  return line;
}

// The last lines that say something: many tools end with advice, after what went wrong. Cut where
// the last is not whole: half a secret is in no list.
std::string last_lines(std::string err, const std::map<std::string, std::string>& secrets) {
  const bool is_cut = err.size() >= most_stderr;
  err.erase(0, std::string_view(guarded_mark).size());
  if (is_cut) err.erase(err.rfind('\n') == std::string::npos ? 0 : err.rfind('\n'));
  err = redacted(std::move(err), secrets);
  std::vector<std::string> said;
  const auto lines = text::split(err, '\n');
  for (auto line = lines.rbegin(); line != lines.rend() && said.size() < most_lines; ++line)
    if (!text::trim(*line).empty())
      said.push_back(text::printable(text::trim(*line), longest_line));
  std::ranges::reverse(said);
  return text::join(said, "; ");
}

// A shell says 128 + N of a child that was killed, too.
std::string end_of(const Ended& ended) {
  const int number = ended.signal != 0 ? ended.signal : ended.exit_code - 128;
  const bool killed = number > 0 && number < 65;
  return killed ? "was ended by " + signal_name(number) : "ended with " + ended.str();
}

Result<std::string> judged(Output output, const std::string& name, Cause cause,
                           const CommandRules& rules,
                           const std::map<std::string, std::string>& secrets) {
  if (output.refused) return *output.refused;
  if (output.stopped) return Error{Cause::cancelled, name + " was cancelled", ""};
  if (output.timed_out)
    return Error{Cause::timeout, name + " did not end within " + text::format_duration(rules.limit),
                 "is what it asks reachable? Or give it more time"};
  if (!output.err.starts_with(guarded_mark))
    return Error{Cause::internal,
                 name + " could not be started: " +
                     (output.err.empty() ? output.ended.str() : text::printable(output.err, 200)),
                 ""};
  if (output.flooded)
    return Error{cause, name + " printed more than " + text::format_size(rules.most_output), ""};
  if (output.ended.ok()) return std::move(output.out);
  if (output.ended.exit_code == file_too_large)
    return Error{Cause::space,
                 name + " would write more than the " + text::format_size(rules.max_file) +
                     " that the sandbox may hold",
                 "raise the target's scratch limit, or make room where sandboxes are kept"};
  const std::string said = last_lines(std::move(output.err), secrets);
  return Error{cause, name + " " + end_of(output.ended) + (said.empty() ? "" : ": " + said), ""};
}

}  // namespace

std::string redacted(std::string text, const std::map<std::string, std::string>& secrets) {
  // The longest first: one may be part of another.
  std::vector<std::string_view> values;
  for (const auto& [name, value] : secrets) values.push_back(value);
  std::ranges::sort(values, [](auto a, auto b) { return a.size() > b.size(); });
  for (const std::string_view value : values)
    for (std::size_t at = 0; !value.empty() && (at = text.find(value, at)) != std::string::npos;
         at += 3)
      text.replace(at, value.size(), "***");
  return text;
}

Result<std::string> run_configured(const ConfiguredCommand& command, std::string_view name,
                                   Cause cause, const CommandRules& rules) {
  std::map<std::string, std::string> secrets;
  for (const auto& [variable, file] : command.secrets) {
    TRY_ASSIGN(secrets[variable], read_secret(variable, file, cause));
  }
  std::map<std::string, std::string> env = plain_environment();
  using Variables = std::map<std::string, std::string>;
  for (const Variables* more : {&command.environment, &std::as_const(secrets), &rules.told})
    for (const auto& [variable, value] : *more) env[variable] = value;
  GuardOrder order;
  order.whole = true;
  order.max_file = rules.max_file;
  order.held = rules.held;
  Command started{{}, std::move(env), command.script + "\n"};
  for (const auto& [ours, theirs] :
       {std::pair{rules.input, &order.input}, std::pair{rules.result, &order.result}}) {
    if (ours < 0) continue;
    *theirs = 3 + static_cast<int>(started.passed.size());
    started.passed.push_back(ours);
  }
  started.argv = guard_arguments(rules.program, order);
  RunRules run_rules;
  run_rules.cap = std::max(rules.most_output, most_stderr);
  run_rules.ends_at_cap = rules.result < 0;
  run_rules.stop = rules.stop;
  run_rules.grace = grace;
  run_rules.watch = rules.watch;
  TRY_ASSIGN(Output output, run(started, rules.limit, run_rules));
  output.flooded = output.flooded || (rules.result < 0 && output.out.size() > rules.most_output);
  return judged(std::move(output), std::string(name), cause, rules, secrets);
}

}  // namespace backproof
