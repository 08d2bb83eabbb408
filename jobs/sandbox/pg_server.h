// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace backproof {

// A running PostgreSQL server that a dump may be loaded into. Plain value.
struct PgServer {
  int major = 0;         // 15
  std::string version;   // "15.18"
  std::string conninfo;  // for libpq, without dbname: "host='/…' port=5432 user='…'"
  // Started in the sandbox, with settings that only a throw-away cluster may have, and its
  // superuser is ours. False: a server that the user named.
  bool throw_away = true;
};

}  // namespace backproof
