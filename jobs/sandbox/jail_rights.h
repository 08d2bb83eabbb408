// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "sandbox/jail.h"

// What the process gives up before Landlock and seccomp close: the steps of enter_jail(), in their
// order. All act on a process with one thread.
namespace backproof {

// The user that a worker started by root becomes: "nobody" of every distribution.
inline constexpr unsigned unprivileged_user = 65534;

// Root only, else nothing: hands `folder` and all below it over to the unprivileged user, who then
// replaces root for good, without supplementary groups. An Error names the folder above `folder`
// that does not let that user through.
Result<void> give_up_root(const Path& folder);

// In a fresh user namespace: the user outside is `user` inside, and nobody else is there.
struct UserMap {
  unsigned user = 0, group = 0;                  // inside
  unsigned outside_user = 0, outside_group = 0;  // as before the namespace was made
};
void map_user(const UserMap& map);

// For good, of this process and all that it starts.
void drop_capabilities();

// An empty network namespace, inside a user namespace of its own where that takes no privilege.
// False where the system does not allow it: an addition that nothing relies on.
bool enter_namespaces();

// No capabilities and none to come, no new privileges, not traceable, files private, limits as
// `rules` say, killed when `parent` dies. An Error when it has died meanwhile.
Result<void> give_up_privileges(const JailRules& rules, pid_t parent, bool limit_threads);

}  // namespace backproof
