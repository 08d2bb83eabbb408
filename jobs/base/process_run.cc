// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/process.h"

namespace backproof {
namespace {

// What may still sit in a pipe whose writers are dead is at most its capacity; a process that
// escaped the group could go on writing for ever.
constexpr std::size_t most_left_in_pipe = 1U << 20U;

constexpr Duration between_looks = std::chrono::milliseconds(200);

enum class Read { some, nothing, end };

// One read of a non-blocking pipe, kept up to `cap` bytes.
Read read_some(int fd, std::string& into, std::size_t cap, std::size_t& got) {
  std::array<char, 1U << 16U> buffer;
  const ssize_t n = read(fd, buffer.data(), buffer.size());
  got = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Read::nothing : Read::end;
  if (n == 0) return Read::end;
  into.append(buffer.data(), std::min(got, cap - std::min(cap, into.size())));
  return Read::some;
}

// How much of it was dropped.
std::size_t read_rest(int fd, std::string& into, std::size_t cap) {
  const std::size_t before = into.size();
  std::size_t got = 0;
  std::size_t total = 0;
  while (total < most_left_in_pipe && read_some(fd, into, cap, got) == Read::some) total += got;
  return before + total - into.size();
}

// Milliseconds until `end`, rounded up, as poll() wants them.
int wait_ms(Duration left) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, INT_MAX));
}

// One run while it goes on.
class Runner {
 public:
  Runner(Child child, Duration deadline, const RunRules& rules)
      : child_(std::move(child)), deadline_(deadline), rules_(rules) {}

  Result<Output> follow() {
    while ((fds_[0].revents & POLLIN) == 0) {
      const Duration left = deadline_ - watch_.took();
      if (is_over(left)) {
        end();
        break;
      }
      const bool looks = rules_.stop.stop_possible() || rules_.watch;
      TRY(wait(looks ? std::min(left, between_looks) : left));
    }
    output_.ended = child_.wait();
    const std::size_t dropped = read_rest(child_.out(), output_.out, rules_.cap);
    output_.flooded = output_.flooded || (rules_.ends_at_cap && dropped > 0);
    read_rest(child_.err(), output_.err, rules_.cap);
    return std::move(output_);
  }

 private:
  bool is_over(Duration left) {
    output_.stopped = rules_.stop.stop_requested();
    output_.timed_out = !output_.stopped && left <= Duration::zero();
    if (!output_.stopped && !output_.timed_out && rules_.watch && watch_.took() >= next_look_) {
      output_.refused = rules_.watch();
      next_look_ = watch_.took() + between_looks;
    }
    return output_.stopped || output_.timed_out || output_.flooded || output_.refused;
  }

  // Waits for something to happen, and reads what there is to read.
  Result<void> wait(Duration patience) {
    if (poll(fds_.data(), fds_.size(), wait_ms(patience)) < 0) {
      if (errno == EINTR) return {};
      return errno_error(Cause::internal, "cannot wait for a child");
    }
    for (std::size_t i = 1; i < fds_.size(); ++i) {
      std::size_t got = 0;
      const std::size_t before = into_[i]->size();
      if (fds_[i].revents != 0 && read_some(fds_[i].fd, *into_[i], rules_.cap, got) == Read::end)
        fds_[i].fd = -1;  // poll() passes over it
      if (i == 1 && rules_.ends_at_cap) output_.flooded = before + got > rules_.cap;
    }
    return {};
  }

  void end() {
    if (rules_.grace > Duration::zero()) {
      child_.ask_to_end();
      pollfd ended{child_.pidfd(), POLLIN, 0};
      while (poll(&ended, 1, wait_ms(rules_.grace)) < 0 && errno == EINTR) {
      }
    }
    child_.kill_group();
  }

  Child child_;
  Duration deadline_;
  const RunRules& rules_;
  const Stopwatch watch_;
  Duration next_look_{};
  Output output_;
  std::array<pollfd, 3> fds_{
      {{child_.pidfd(), POLLIN, 0}, {child_.out(), POLLIN, 0}, {child_.err(), POLLIN, 0}}};
  std::array<std::string*, 3> into_{nullptr, &output_.out, &output_.err};
};

}  // namespace

Result<Output> run(const Command& command, Duration deadline, const RunRules& rules) {
  TRY_ASSIGN(Child child, Child::start(command));
  return Runner(std::move(child), deadline, rules).follow();
}

Result<Output> run(const Command& command, Duration deadline, std::size_t cap,
                   const std::stop_token& stop) {
  RunRules rules;
  rules.cap = cap;
  rules.stop = stop;
  return run(command, deadline, rules);
}

}  // namespace backproof
