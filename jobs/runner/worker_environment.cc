// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_environment.h"

#include <cstdlib>

#include "sandbox/command.h"

namespace backproof {

std::map<std::string, std::string> worker_environment(const Path& sandbox) {
  std::map<std::string, std::string> env;
  for (const char* key : {"PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                          "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const char* value = std::getenv(key); value != nullptr) env[key] = value;
  // For the commands of the configuration, which the worker runs before it is in jail.
  if (const char* home = std::getenv("HOME"); home != nullptr) env[outer_home] = home;
  for (const char* key : {"HOME", "TMPDIR", "SQLITE_TMPDIR"}) env[key] = sandbox.string();
  return env;
}

}  // namespace backproof
