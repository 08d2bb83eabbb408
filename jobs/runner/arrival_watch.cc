// SPDX-License-Identifier: Apache-2.0
#include "runner/arrival_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <vector>

namespace backproof {
namespace {

// A file that is closed after writing, or renamed into the folder, or linked there.
constexpr std::uint32_t arrivals = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR;
constexpr std::chrono::milliseconds calm{500};

}  // namespace

ArrivalWatch::ArrivalWatch(std::function<void(const std::string& target)> changed)
    : changed_(std::move(changed)),
      inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ArrivalWatch::~ArrivalWatch() {
  thread_.request_stop();
  eventfd_write(end_.get(), 1);
}

bool ArrivalWatch::follow(const std::string& target, const Path& folder) {
  // The same folder again gives the same watch.
  const int watch = inotify_add_watch(inotify_.get(), folder.c_str(), arrivals);
  const std::lock_guard lock(mutex_);
  const auto known = watches_.find(target);
  if (known != watches_.end() && known->second == watch) return false;
  leave(target);
  if (watch < 0) return false;
  watches_[target] = watch;
  targets_[watch].insert(target);
  return true;
}

void ArrivalWatch::keep(const std::set<std::string>& targets) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> gone;
  for (const auto& [target, watch] : watches_)
    if (!targets.contains(target)) gone.push_back(target);
  for (const std::string& target : gone) leave(target);
}

// The caller holds mutex_.
void ArrivalWatch::leave(const std::string& target) {
  const auto known = watches_.find(target);
  if (known == watches_.end()) return;
  const auto others = targets_.find(known->second);
  others->second.erase(target);
  if (others->second.empty()) {
    inotify_rm_watch(inotify_.get(), known->second);
    targets_.erase(others);
  }
  watches_.erase(known);
}

void ArrivalWatch::take_events(std::set<std::string>& targets) {
  alignas(inotify_event) std::array<char, 1U << 16U> buffer;
  const std::lock_guard lock(mutex_);
  while (true) {
    const ssize_t got = read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event + event.len;
      // Too many came at once: which is not known, so each.
      for (const auto& [watch, names] : targets_)
        if (watch == event.wd || (event.mask & IN_Q_OVERFLOW) != 0)
          targets.insert(names.begin(), names.end());
    }
  }
}

void ArrivalWatch::run(const std::stop_token& stop) {
  std::array<pollfd, 2> fds{{{end_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
  while (!stop.stop_requested()) {
    if (poll(fds.data(), fds.size(), -1) < 0 || fds[0].revents != 0) continue;
    std::set<std::string> targets;
    take_events(targets);
    for (const std::string& target : targets) changed_(target);
    // A backup that is written in many small files comes as one.
    poll(fds.data(), 1, static_cast<int>(calm.count()));
  }
}

}  // namespace backproof
