// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "sandbox/pg_server.h"

namespace backproof {

struct KeeperSetup {
  Path sandbox;        // of the run: the cluster lives below it
  Path templates;      // where initialised clusters are kept between runs; empty: nowhere
  Path pg_bin;         // the server's binaries: ".../bin"; empty: the newest installed
  std::string server;  // a server that the user names, as a URL for libpq; empty: a throw-away one
  std::string password;       // for it
  std::string database;       // to be made there
  std::uintmax_t budget = 0;  // bytes below the sandbox; beyond it the server is stopped; 0 = any
  std::uintmax_t memory = 4ULL << 30U;  // bytes of data of each of the server's processes; 0 = any
  Isolation require = Isolation::full;  // less of the server's jail, and it is not started
  std::vector<std::string> without;     // parts of the server's jail, as of enter_jail(): for tests
};

// The helper beside a worker that does what the worker's jail forbids: starts and stops a
// throw-away PostgreSQL server, which has a jail of its own, and connects to it. Its process is
// trusted and never sees a byte of the backup: what the jailed worker can say to it is "start" with
// a number, and "connect" without an address. Worker's side; one thread, but connections may be
// made by any thread.
class Keeper {
 public:
  // Forks it, before the worker's jail closes and while this process has one thread. Cheap: nothing
  // is started or read yet. It dies with this process, and all that it started dies with it.
  static Result<std::unique_ptr<Keeper>> start(const KeeperSetup& setup);
  virtual ~Keeper() = default;  // ends it and everything it started, and waits for that

  // Hands over the descriptor on which the kernel reports connect() calls of this process
  // (seccomp_unotify(2), Linux 5.9): from now on each becomes a connection to the server of
  // start_server(), whatever its address says, or EPERM while there is none. The descriptor that
  // connect() was called for is replaced: connections do not block, like those of libpq.
  virtual Result<void> serve_connects(Fd notifications) = 0;

  // Starts the newest installed server, of a major version of at least `least_major`. Errors:
  // version (none installed that is new enough, with the package in the hint), missing_tool (none
  // installed at all), isolation (the server's jail is not tight; the text says what got
  // through), space, internal, for a named server fetch (its address cannot be found) and
  // isolation (`require` is full: nothing jails it). Only once.
  virtual Result<PgServer> start_server(int least_major) = 0;
  // Whether the server is one that the user named. Then the worker's jail must allow sockets of
  // AF_INET: libpq makes one, of which the keeper makes a connection to that server.
  virtual bool is_named() const = 0;
  // What start_server() has given, to those who were not there.
  virtual const std::optional<PgServer>& server() const = 0;

  // Why the server is gone, when it is: its budget (space) or its own death (crashed). For those
  // whose connection broke: waits up to half a second for a server that is about to go.
  virtual std::optional<Error> trouble() = 0;
};

}  // namespace backproof
