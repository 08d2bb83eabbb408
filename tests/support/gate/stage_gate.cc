// SPDX-License-Identifier: Apache-2.0
// Loaded into a real worker (LD_PRELOAD) by tests that act exactly where a stage begins or ends:
// the worker tells of its run there, and then waits for one byte from the pipe that
// BACKPROOF_STAGE_GATE names. The program itself knows nothing of this.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int event_fd = 3;

void wait_for_a_byte() {
  // Opened at the first stage: earlier the worker closes whatever it inherited, later its jail
  // opens nothing.
  static const int gate = [] {
    const char* path = std::getenv("BACKPROOF_STAGE_GATE");
    const int fd = path != nullptr ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    unsetenv("LD_PRELOAD");  // for what it starts
    return fd;
  }();
  char byte = 0;
  while (gate >= 0 && read(gate, &byte, 1) < 0 && errno == EINTR) {
  }
}

}  // namespace

extern "C" ssize_t write(int fd, const void* bytes, size_t size) {
  constexpr char so_far[] = R"({"event":"run")";
  const ssize_t done = syscall(SYS_write, fd, bytes, size);
  const int number = errno;
  if (fd == event_fd && size >= sizeof so_far && memcmp(bytes, so_far, sizeof so_far - 1) == 0)
    wait_for_a_byte();
  errno = number;
  return done;
}
