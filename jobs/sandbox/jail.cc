// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "sandbox/jail_landlock.h"
#include "sandbox/jail_probe.h"
#include "sandbox/jail_rights.h"
#include "sandbox/jail_seccomp.h"

namespace backproof {
namespace {

Result<void> check_one_thread() {
#ifndef BACKPROOF_SANITIZED  // their runtime has a thread of its own, which runs none of our code
  std::error_code error;
  std::filesystem::directory_iterator it("/proc/self/task", error);
  const auto threads = error ? 0 : std::distance(it, std::filesystem::directory_iterator());
  if (threads > 1)
    return Error{
        Cause::internal,
        "the jail can be entered by one thread only, and there are " + std::to_string(threads), ""};
#endif
  return {};
}

CallRules calls_for(const JailRules& rules, int landlock) {
  constexpr int truncate_known = 3;  // the ABI from which on Landlock restricts it
  CallRules calls;
  calls.connects = static_cast<bool>(rules.serve_connects);
  calls.internet = rules.internet;
  calls.server = rules.is_server();
  calls.truncates = landlock >= truncate_known;
  return calls;
}

}  // namespace

Result<JailProof> enter_jail(const JailRules& rules, const std::vector<std::string>& without) {
  const auto wanted = [&](const char* part) {
    return std::find(without.begin(), without.end(), part) == without.end();
  };
  TRY(check_one_thread());
  const pid_t parent = getppid();
  const bool was_root = geteuid() == 0;

  // Who we are. Root makes the network namespace while it still may.
  bool no_network = enter_namespaces();
  TRY(give_up_root(rules.writable));
  if (!no_network) no_network = enter_namespaces();
  // The number of threads counts per user, or per namespace: not where we share the user.
  TRY(give_up_privileges(rules, parent, was_root || no_network));

  // What we may open, then what we may call.
  int landlock = 0;
  ClosedCalls seccomp;
  if (wanted("landlock")) {
    TRY_ASSIGN(landlock, close_landlock(rules));
  }
  if (wanted("seccomp")) {
    TRY_ASSIGN(seccomp, close_seccomp(calls_for(rules, landlock)));
  }
  if (rules.serve_connects && seccomp.notifications)
    TRY(rules.serve_connects(std::move(seccomp.notifications)));

  TRY_ASSIGN(JailProof proof, probe_jail(rules, landlock > 0 || seccomp.closed));
  if (no_network) proof.held.emplace_back("network namespace");
  return proof;
}

}  // namespace backproof
