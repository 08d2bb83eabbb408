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

// A value as it stands in a connection string of libpq, "key=value", quoted.
std::string conninfo_value(const std::string& value);

// The password in a file: its first line. Nothing of the file is ever shown.
Result<std::string> read_password(const Path& file);

// What can be said of a URL before it is used: as parse_pg_url(), and it must name a user and must
// not hold a password, which belongs into a file that others cannot read.
Result<void> check_named_server(std::string_view url);

// Copies the files that the URL names for TLS into `folder`: a jail lets no others be read. Errors:
// fetch.
Result<void> copy_tls_files(std::string_view url, const Path& folder);

// A server that a user names, its address looked up. Plain value.
struct NamedServer {
  std::string conninfo;  // for libpq, without dbname; the host's name stays, for TLS
  std::string entry;     // the database that the URL names, or "postgres"
  sockaddr_storage address{};
  socklen_t address_size = 0;

  // `tls`: where the copies of TLS's files are; empty: they are read where the URL says.
  static Result<NamedServer> look_up(std::string_view url, const std::string& password,
                                     const Path& tls);
  // Begins a connection that does not block.
  Connection connect() const;
};

}  // namespace backproof
