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

  // From now on these folders, by target, and no others. One that cannot be watched is left out:
  // told again, it is tried again.
  void follow(const std::map<std::string, Path>& folders);

 private:
  void run(const std::stop_token& stop);
  void take_events(std::set<std::string>& targets);

  const std::function<void(const std::string& target)> changed_;
  const Fd inotify_, end_;
  std::mutex mutex_;
  std::map<int, std::set<std::string>> targets_;  // by watch; guarded by mutex_
  std::map<Path, int> watches_;                   // guarded by mutex_
  std::jthread thread_;
};

}  // namespace backproof
