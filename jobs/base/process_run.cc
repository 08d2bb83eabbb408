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

constexpr Duration between_looks = std::chrono::milliseconds(250);

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

void read_rest(int fd, std::string& into, std::size_t cap) {
  std::size_t got = 0;
  std::size_t total = 0;
  while (total < most_left_in_pipe && read_some(fd, into, cap, got) == Read::some) total += got;
}

// Milliseconds until `end`, rounded up, as poll() wants them.
int wait_ms(Duration left) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, INT_MAX));
}

}  // namespace

Result<Output> run(const Command& command, Duration deadline, std::size_t cap,
                   const std::stop_token& stop) {
  TRY_ASSIGN(Child child, Child::start(command));
  Output output;
  const Stopwatch watch;
  std::array<pollfd, 3> fds{
      {{child.pidfd(), POLLIN, 0}, {child.out(), POLLIN, 0}, {child.err(), POLLIN, 0}}};
  std::array<std::string*, 3> into{nullptr, &output.out, &output.err};
  while ((fds[0].revents & POLLIN) == 0) {
    const Duration left = deadline - watch.took();
    if (left <= Duration::zero() || stop.stop_requested()) {
      output.stopped = stop.stop_requested();
      output.timed_out = !output.stopped;
      child.kill_group();
      break;
    }
    const Duration patience = stop.stop_possible() ? std::min(left, between_looks) : left;
    if (poll(fds.data(), fds.size(), wait_ms(patience)) < 0) {
      if (errno == EINTR) continue;
      return errno_error(Cause::internal, "cannot wait for " + command.argv.front());
    }
    for (std::size_t i = 1; i < fds.size(); ++i) {
      std::size_t got = 0;
      if (fds[i].revents != 0 && read_some(fds[i].fd, *into[i], cap, got) == Read::end)
        fds[i].fd = -1;  // poll() passes over it
    }
  }
  output.ended = child.wait();
  read_rest(child.out(), output.out, cap);
  read_rest(child.err(), output.err, cap);
  return output;
}

}  // namespace backproof
