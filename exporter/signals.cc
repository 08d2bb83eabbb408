// SPDX-License-Identifier: Apache-2.0
#include "exporter/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <tuple>

namespace backproof {
namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

void block() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

HeldSignals::HeldSignals() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

void HeldSignals::let_go() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

SignalWait::SignalWait() {
  block();
}

int SignalWait::wait() {
  const sigset_t set = watched();
  int number = -1;
  while (number < 0) number = sigwaitinfo(&set, nullptr);  // again after EINTR
  return number;
}

StopOnSignal::StopOnSignal() {
  block();
  end_.reset(eventfd(0, EFD_CLOEXEC));
  const sigset_t set = watched();
  watcher_ = std::jthread([this, signals = Fd(signalfd(-1, &set, SFD_CLOEXEC))] {
    std::array<pollfd, 2> fds{pollfd{signals.get(), POLLIN, 0}, pollfd{end_.get(), POLLIN, 0}};
    while (poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[0].revents != 0) stop_.request_stop();
  });
}

StopOnSignal::~StopOnSignal() {
  const std::uint64_t one = 1;
  std::ignore = write_all(end_.get(), {reinterpret_cast<const unsigned char*>(&one), sizeof one});
}

}  // namespace backproof
