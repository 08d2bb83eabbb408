// SPDX-License-Identifier: Apache-2.0
#include "runner/arrival_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

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

void ArrivalWatch::follow(const std::map<std::string, Path>& folders) {
  const std::lock_guard lock(mutex_);
  std::map<Path, int> kept;
  targets_.clear();
  for (const auto& [target, folder] : folders) {
    // The same folder again gives the same watch.
    const int watch = inotify_add_watch(inotify_.get(), folder.c_str(), arrivals);
    if (watch < 0) continue;
    targets_[watch].insert(target);
    kept[folder] = watch;
  }
  for (const auto& [folder, watch] : watches_)
    if (!targets_.contains(watch)) inotify_rm_watch(inotify_.get(), watch);
  watches_ = std::move(kept);
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
