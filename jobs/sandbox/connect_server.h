// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/file.h"
#include "base/result.h"
#include "sandbox/named_server.h"

namespace backproof {

// Answers the connect() calls of a jailed process (seccomp_unotify(2)): puts a connection of our
// choice in the place of its socket. Neither the address nor anything else of that process's memory
// is looked at, so that nothing depends on what it writes there meanwhile. One thread.
class ConnectServer {
 public:
  // An Error (cause isolation) when this kernel cannot hand over descriptors like that.
  static Result<ConnectServer> open(Fd notifications);

  int fd() const { return notifications_.get(); }  // readable when somebody calls connect()
  // Answers one call by what `make` gives. False when nobody can call any more.
  bool answer(const std::function<Connection()>& make);

 private:
  explicit ConnectServer(Fd notifications) : notifications_(std::move(notifications)) {}
  Fd notifications_;
};

}  // namespace backproof
