// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// An installed PostgreSQL server.
struct PgBinaries {
  Path folder;          // ".../bin", with `postgres` and `initdb`
  int major = 0;        // 15
  std::string version;  // "15.18"
  std::string full;     // as it says itself: "postgres (PostgreSQL) 15.18 (Debian …)"
  Path postgres() const { return folder / "postgres"; }
  Path initdb() const { return folder / "initdb"; }
};

// The server in `configured` or, when that is empty, the newest in the usual places and in PATH.
// Runs `postgres --version` to learn which it is. Errors: missing_tool (none), version (none of at
// least `least_major`), with the package to install in the hint.
Result<PgBinaries> find_pg_binaries(const Path& configured, int least_major);

// The newest pg_dump in the same places: of PostgreSQL `least_major` or newer, because it dumps no
// server that is newer than itself.
Result<Path> find_pg_dump(int least_major);

// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" into its parts; a beta is of the major
// version it will be.
Result<PgBinaries> parse_pg_version(std::string_view line, std::string_view program = "postgres");

// The dynamic loader that `program` names (ELF, PT_INTERP): executing one executes the other.
Result<Path> loader_of(const Path& program);

}  // namespace backproof
