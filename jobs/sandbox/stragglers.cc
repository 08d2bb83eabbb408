// SPDX-License-Identifier: Apache-2.0
#include "sandbox/stragglers.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/text.h"

namespace backproof {
namespace {

// A bomb of processes is not caught at the first look.
constexpr int most_passes = 100;
constexpr int wait_ms = 2000;

bool works_below(const std::string& process, const Path& sandbox) {
  std::error_code error;
  const std::string folder = std::filesystem::read_symlink("/proc/" + process + "/cwd", error);
  if (error || !folder.starts_with(sandbox.native())) return false;
  const char after = folder.c_str()[sandbox.native().size()];
  if (after != '/' && after != '\0' && after != ' ') return false;  // "SANDBOX (deleted)"
  const auto status = read_file("/proc/" + process + "/status");
  return status && status->find("\nNoNewPrivs:\t1") != std::string::npos;
}

std::vector<std::string> processes() {
  std::vector<std::string> all;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    std::string name = it->path().filename().string();
    if (text::parse_count(name)) all.push_back(std::move(name));
  }
  return all;
}

// By a descriptor, so that a number given anew meanwhile hits nobody else.
Fd killed(const std::string& process, const Path& sandbox) {
  const auto pid = static_cast<pid_t>(text::parse_count(process).value_or(0));
  if (pid <= 0 || pid == getpid() || !works_below(process, sandbox)) return {};
  Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
  if (!handle || !works_below(process, sandbox)) return {};
  if (syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0U) != 0) return {};
  return handle;
}

}  // namespace

std::uint64_t kill_stragglers(const Path& folder) {
  std::error_code error;
  const Path sandbox = std::filesystem::canonical(folder, error);
  if (error) return 0;
  std::uint64_t sum = 0;
  for (int pass = 0; pass < most_passes; ++pass) {
    std::vector<Fd> handles;
    for (const std::string& process : processes())
      if (Fd handle = killed(process, sandbox)) handles.push_back(std::move(handle));
    if (handles.empty()) break;
    sum += handles.size();
    for (const Fd& handle : handles) {
      pollfd ended{handle.get(), POLLIN, 0};
      poll(&ended, 1, wait_ms);
    }
  }
  return sum;
}

}  // namespace backproof
