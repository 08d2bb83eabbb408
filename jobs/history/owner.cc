// SPDX-License-Identifier: Apache-2.0
#include "history/owner.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

namespace backproof::history {
namespace {

struct ProcessState {
  char state = '?';
  std::int64_t start = 0;
};

// proc(5), stat: fields 3 and 22. The name before them may hold blanks and parentheses.
std::optional<ProcessState> state_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  ProcessState found;
  fields >> found.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> found.start)) return std::nullopt;
  return found;
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

// "pid:[4026531836]"
std::string pid_namespace() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

}  // namespace

Owner this_process() {
  const std::int64_t pid = getpid();
  const auto state = state_of(pid);
  return {pid, state ? state->start : 0, boot_id() + ' ' + pid_namespace()};
}

bool is_alive(const Owner& owner) {
  const std::string_view told = owner.boot;
  const std::size_t blank = told.find(' ');
  if (owner.pid <= 0 || told.substr(0, blank) != boot_id()) return false;
  const bool is_ours = blank != told.npos && told.substr(blank + 1) == pid_namespace();
  if (!is_ours) return true;
  if (kill(static_cast<pid_t>(owner.pid), 0) != 0 && errno != EPERM) return false;
  const auto state = state_of(owner.pid);
  // Another user's process may be hidden (mount option hidepid): then its number has to do.
  if (!state) return true;
  if (state->state == 'Z' || state->state == 'X') return false;
  return owner.start == 0 || state->start == owner.start;
}

}  // namespace backproof::history
