// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sandbox/jail.h"

namespace backproof {

// A running PostgreSQL server that a dump may be loaded into. Plain value.
struct PgServer {
  int major = 0;         // 15; 0: ask it
  std::string version;   // "15.18"; empty: ask it
  std::string conninfo;  // for libpq, without dbname: "host='/…' port=5432 user='…'"
  // Started in the sandbox, with settings that only a throw-away cluster may have, and its
  // superuser is ours. False: a server that the user named.
  bool throw_away = true;
  std::string entry = "postgres";     // a database that is there: where others are made
  std::string database = "restored";  // made for a dump that makes none of its own
  JailProof proof;                    // what its jail was proven to refuse
};

}  // namespace backproof
