// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace backproof {

// What to run: no shell, no search in PATH unless `program` has no slash.
struct Command {
  std::vector<std::string> argv;                          // argv[0] is the program
  std::optional<std::map<std::string, std::string>> env;  // nothing: as ours
  std::string input;                                      // written to its stdin, then closed
  std::vector<int> passed{};  // descriptors of ours that it gets as its 3, 4, ...; no event channel
};

// How a process ended, and what it used (getrusage of the waited child).
struct Ended {
  int exit_code = 0;  // when it exited
  int signal = 0;     // when it was killed; 0 otherwise
  Duration user{}, system{};
  std::uintmax_t max_rss = 0;  // bytes

  bool ok() const { return signal == 0 && exit_code == 0; }
  std::string str() const;  // "exit code 3", "killed by SIGSEGV"
};

// A child in a process group of its own that dies with this process (parent-death signal of the
// starting thread: that thread must outlive the child). Owned by one thread. Destruction kills
// the group and reaps. Only stdin, stdout, stderr, what is passed and, when asked for, descriptor 3
// are inherited.
class Child {
 public:
  // event_channel: descriptor 3 of the child is a stream socket, the other end of which is ours.
  enum class Extra { none, event_channel };
  static Result<Child> start(const Command& command, Extra extra = Extra::none);
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  pid_t pid() const { return pid_; }
  // Readable when the child has ended (poll).
  int pidfd() const { return pidfd_.get(); }
  // Non-blocking: read ends of the child's stdout and stderr, our end of its descriptor 3 (-1 when
  // not asked for).
  int out() const { return out_.get(); }
  int err() const { return err_.get(); }
  int events() const { return events_.get(); }
  // SIGKILL to the whole group; harmless when it has ended.
  void kill_group() const;
  // SIGTERM to the child alone, for one that ends what it has started; harmless as above.
  void ask_to_end() const;
  // Blocks until it has ended, and kills what is left of its group. Only once.
  Ended wait();

 private:
  Child() = default;
  pid_t pid_ = -1;
  Fd pidfd_, out_, err_, events_;
};

struct Output {
  Ended ended;
  std::string out, err;  // capped; the rest is read and dropped
  bool timed_out = false, stopped = false, flooded = false;
  std::optional<Error> refused;  // what `watch` said
};
// What a run is held to, beside its deadline.
struct RunRules {
  std::size_t cap = 1U << 20U;  // bytes kept of stdout and of stderr
  bool ends_at_cap = false;     // more on stdout ends it (flooded), instead of being dropped
  std::stop_token stop;
  // One that ends what it has started is asked to, by SIGTERM, and killed only after this time.
  Duration grace{};
  // Asked five times a second; an Error ends the run.
  std::function<std::optional<Error>()> watch;
};
// Runs to the end, or kills the group at the deadline or, within a quarter of a second, when a stop
// is requested.
Result<Output> run(const Command& command, Duration deadline, const RunRules& rules);
// The same; output beyond `cap` bytes is dropped.
Result<Output> run(const Command& command, Duration deadline, std::size_t cap = 1U << 20U,
                   const std::stop_token& stop = {});

// "SIGSEGV"; "signal 77" for those without a name.
std::string signal_name(int number);

}  // namespace backproof
