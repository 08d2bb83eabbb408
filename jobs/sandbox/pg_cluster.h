// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "sandbox/jail_server.h"
#include "sandbox/named_server.h"
#include "sandbox/pg_binaries.h"

namespace backproof {

struct PgClusterSetup {
  Path sandbox;
  Path data;                  // an initialised cluster below it
  std::uintmax_t budget = 0;  // bytes below the sandbox; 0 = any
  std::uintmax_t memory = 0;  // bytes of data of each process; 0 = any
  bool keeper_is_init = false;
  Isolation require = Isolation::full;
  std::vector<std::string> without;
};

// A throw-away server that accepts connections on a unix socket in its data folder, started in its
// jail with settings that only a throw-away cluster may have. They stand on its command line, where
// ALTER SYSTEM does not reach. Child of the process that started it, which reaps it. One thread.
class PgCluster {
 public:
  // Returns when it accepts connections. SIGCHLD must be blocked.
  static Result<PgCluster> start(const PgBinaries& binaries, const PgClusterSetup& setup);

  pid_t pid() const { return server_.pid; }
  const JailProof& proof() const { return server_.proof; }
  // What the server writes: to be read, with read_log(), whenever there is something.
  int log() const { return server_.err.get(); }
  void read_log();
  // A new connection, non-blocking. To this server whatever happens to its files meanwhile.
  Connection connect() const;
  // Of its log's end: "server process (PID 7) was terminated by signal 9": 9; 0 = none.
  int signal_in_log() const;

 private:
  explicit PgCluster(JailedServer server) : server_(std::move(server)) {}
  Result<void> wait_until_ready(const Path& data, int changes);
  Error not_started();
  JailedServer server_;
  Fd socket_;  // O_PATH: the file that it listens on
  std::string log_;
};

}  // namespace backproof
