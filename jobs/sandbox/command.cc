// SPDX-License-Identifier: Apache-2.0
#include "sandbox/command.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/text.h"
#include "sandbox/guard.h"

namespace backproof {
namespace {

std::map<std::string, std::string> environment(const TeamCommand& command) {
  std::map<std::string, std::string> env;
  if (command.whole_environment) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view pair = *entry;
      if (const std::size_t at = pair.find('='); at != std::string_view::npos)
        env.emplace(pair.substr(0, at), pair.substr(at + 1));
    }
  } else {
    env = plain_environment();
  }
  if (!command.guarded_in.empty()) env["TMPDIR"] = command.guarded_in.native();
  for (const auto& [name, value] : command.env) env[name] = value;
  return env;
}

// Nothing of the script's own is in what stands before the mark, or instead of it.
std::string reason_of(const Output& output) {
  const std::string_view first =
      text::trim(std::string_view(output.err).substr(0, output.err.find('\n')));
  return first.empty() ? output.ended.str() : text::printable(first, 200);
}

}  // namespace

std::map<std::string, std::string> plain_environment() {
  static constexpr std::array kept{"PATH", "HOME", "LANG",    "LC_ALL",
                                   "TZ",   "USER", "LOGNAME", "TMPDIR"};
  std::map<std::string, std::string> env;
  for (const char* name : kept)
    if (const char* value = std::getenv(name); value != nullptr) env[name] = value;
  env.try_emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  // A worker's own is its sandbox.
  if (const char* home = std::getenv(outer_home); home != nullptr) env["HOME"] = home;
  return env;
}

std::string CommandEnd::str(Duration limit) const {
  if (timed_out) return "did not end within " + text::format_duration(limit);
  if (stopped) return "was stopped";
  return ended.signal != 0 ? "was " + ended.str() : "ended with " + ended.str();
}

Result<CommandEnd> run_command(const TeamCommand& command, const Path& program,
                               const std::stop_token& stop) {
  std::error_code error;
  const Path place =
      command.guarded_in.empty() ? Path() : std::filesystem::canonical(command.guarded_in, error);
  GuardOrder order;
  order.place = place;
  order.output = command.output;
  const Command started{guard_arguments(program, order), environment(command),
                        command.script + "\n"};
  // All that is looked for in what it writes is the mark, which comes first.
  constexpr std::size_t kept = 4096;
  TRY_ASSIGN(const Output output, run(started, command.limit, kept, stop));
  if (!output.err.starts_with(guarded_mark) && !output.timed_out && !output.stopped)
    return Error{Cause::isolation,
                 "a command of the team could not be started as it should: " + reason_of(output),
                 place.empty() ? ""
                               : "it must be kept from production, for which this user needs "
                                 "namespaces; guard = false trusts the commands"};
  return CommandEnd{output.ended, output.timed_out, output.stopped};
}

}  // namespace backproof
