// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/file.h"

namespace backproof {

// Tells within a second that something happens in folders, where inotify(7) sees it: on file
// systems of this host, not on those that others write to over a network. It only hurries a
// listing, which comes anyway: what it cannot see or misses is late, never lost. A thread of its
// own; functions may be called from any thread.
class ArrivalWatch {
 public:
  // `changed` is called with the name of a target; not more than twice a second for each.
  explicit ArrivalWatch(std::function<void(const std::string& target)> changed);
  ArrivalWatch(const ArrivalWatch&) = delete;
  ArrivalWatch& operator=(const ArrivalWatch&) = delete;
  ~ArrivalWatch();

  // This folder for this target, and no other: what happened in it before is not told. True when it
  // was not watched until now. False also when it cannot be; to be tried again, as often as it is
  // listed, because another file system may be mounted there meanwhile. A file server that hangs
  // makes it wait, and nobody else.
  bool follow(const std::string& target, const Path& folder);
  // Nothing for any other target than these.
  void keep(const std::set<std::string>& targets);

 private:
  void run(const std::stop_token& stop);
  void take_events(std::set<std::string>& targets);
  void leave(const std::string& target);

  const std::function<void(const std::string& target)> changed_;
  const Fd inotify_, end_;
  std::mutex mutex_;
  std::map<int, std::set<std::string>> targets_;  // by watch; guarded by mutex_
  std::map<std::string, int> watches_;            // by target; guarded by mutex_
  std::jthread thread_;
};

}  // namespace backproof
