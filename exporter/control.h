// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/file.h"

namespace backproof {

// What somebody at a shell asks of the service that runs.
struct Asked {
  std::string verb;     // "verify" a target, "cancel" a run, or whether a run is "pending"
  std::string subject;  // the target's name, or the run's id
};

// Where the service can be asked: a stream socket in the state folder that only its user and root
// may use. One thread, one question at a time; each is one line of JSON, and so is the answer.
class ControlServer {
 public:
  using Answer = std::function<Result<std::string>(const Asked&)>;
  // Takes the place of a socket that an earlier service left: the caller holds the folder's lock.
  static Result<std::unique_ptr<ControlServer>> start(const Path& state_dir, Answer answer);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  // Waits for a question that is being answered, and removes the socket.
  ~ControlServer();

 private:
  ControlServer(Fd folder, Fd socket, Answer answer);
  void run(const std::stop_token& stop);
  void serve(const Fd& client) const;

  const Fd folder_, socket_, end_;
  const Answer answer_;
  std::jthread thread_;
};

// Asks the service that keeps its history in this folder. An Error is its own, or says that none
// runs there.
Result<std::string> ask_service(const Path& state_dir, const Asked& asked);

}  // namespace backproof
