// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <map>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// Where a connection leads, and what connect() says to that: 0 or an errno. EINPROGRESS comes with
// a socket.
struct Connection {
  Fd socket;
  int error = 0;
};

// A URL of libpq by its parts, with the names of its parameters
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS): "host",
// "port", "user", "password", "dbname", and what follows the question mark. Error texts hold
// nothing of it: it can have a password.
Result<std::map<std::string, std::string>> parse_pg_url(std::string_view url);

// A server that a user names, its address looked up. Plain value.
struct NamedServer {
  std::string conninfo;  // for libpq, without dbname; the host's name stays, for TLS
  sockaddr_storage address{};
  socklen_t address_size = 0;

  static Result<NamedServer> look_up(std::string_view url);
  // Begins a connection that does not block.
  Connection connect() const;
};

}  // namespace backproof
