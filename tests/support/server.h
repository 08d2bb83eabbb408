// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/process.h"
#include "support/support.h"

namespace backproof::test {

// A real `backproof serve` on a free port of 127.0.0.1, ended with the object.
class Server {
 public:
  // Starts it, with more arguments if given, and waits until it says that it listens. `at_once` is
  // called before that, with its process id, when it has only just been started. `before` is a
  // command that becomes the program, as prlimit does.
  explicit Server(const Path& config, const std::vector<std::string>& more = {},
                  const std::function<void(pid_t)>& at_once = {},
                  std::vector<std::string> before = {});
  ~Server();

  // Body of GET PATH; fails the test unless the status is 200.
  std::string get(const std::string& path) const;
  // The value of a series like `backproof_runs_total{target="a"}`; fails when it is not there.
  double metric(const std::string& series) const;
  // Asks again and again, up to a minute, until `done` is true of GET PATH's body.
  std::string wait_for(const std::string& path,
                       const std::function<bool(const std::string&)>& done) const;
  const std::string& address() const { return address_; }  // "127.0.0.1:40123"
  void signal(int number) const;
  pid_t pid() const { return child_->pid(); }
  // Waits for the end; what it wrote to stderr is in log() afterwards.
  Ended wait();
  // Everything that it wrote to stderr so far.
  const std::string& log();
  // Reads stderr until `text` occurs.
  void wait_for_log(const std::string& text);

 private:
  bool read_some(Duration patience);
  std::unique_ptr<Child> child_;
  std::string address_, log_;
  bool ended_ = false;
};

// Process ids of the direct children of `parent`.
std::vector<pid_t> children_of(pid_t parent);
// A TCP connection to "127.0.0.1:PORT" that has said nothing yet.
Fd connected_to(const std::string& address);

}  // namespace backproof::test
