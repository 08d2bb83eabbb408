// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/process.h"
#include "base/result.h"

namespace backproof {

// A command of the configuration, for /bin/sh, that brings or opens backups. It is the team's: it
// may do what this user may. What it brings is not, and is read by nobody but a worker in jail.
struct ConfiguredCommand {
  std::string script;
  std::map<std::string, std::string> environment;  // beside PATH, HOME, LANG and the like of ours
  std::map<std::string, Path> secrets;             // further variables: the first line of each file
};

// What one run of it is given and held to.
struct CommandRules {
  Path program = "/proc/self/exe";  // this one, which guards (sandbox/guard.h)
  Duration limit{};
  std::stop_token stop{};
  std::map<std::string, std::string> told{};  // variables that win over those of the configuration
  int input = -1;               // its stdin, a descriptor of ours; -1: nothing is there to read
  int result = -1;              // its stdout; -1: what it prints is returned
  std::size_t most_output = 0;  // bytes that it may print then; more is an Error
  std::uintmax_t max_file = 0;  // bytes of the largest file that it may write; 0: any
  Path held{};                  // GuardOrder::held
  std::function<std::optional<Error>()> watch{};  // RunRules::watch
};

// Runs it and waits; when it has ended, so has all that it started. What it printed, where `result`
// asks for that. An Error of `cause` when it did not end with exit code 0, was not all that it may
// be, or a secret cannot be read; else timeout, cancelled, space, or what `watch` said. It begins
// with `name` ("the list command"), and the last lines of stderr are in it, without the secrets.
Result<std::string> run_configured(const ConfiguredCommand& command, std::string_view name,
                                   Cause cause, const CommandRules& rules);

// `text` without the values of secrets: "***" in their place.
std::string redacted(std::string text, const std::map<std::string, std::string>& secrets);

}  // namespace backproof
