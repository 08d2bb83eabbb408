// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include "base/file.h"

namespace backproof {

// Signals arrive where somebody waits for them, never in a handler. Both classes block SIGTERM,
// SIGINT and SIGHUP for the calling thread and all it starts later, so they come before the first
// thread. SIGPIPE is ignored from then on: a closed pipe is an error of write().

// Holds the three back from its making until they are let go, so that none is met by its default
// action before somebody waits for it. What came meanwhile comes then.
class HeldSignals {
 public:
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  void let_go();  // as it was before

 private:
  sigset_t before_;
};

// For a server: wait() gives the next of the three.
class SignalWait {
 public:
  SignalWait();
  int wait();
};

// For one piece of work: each of the three requests a stop.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  Fd end_;  // eventfd: the watching thread shall end
  std::jthread watcher_;
};

}  // namespace backproof
