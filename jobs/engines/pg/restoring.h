// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "db/pg_database.h"
#include "engines/engine.h"
#include "engines/pg/dump.h"

namespace backproof {

struct PgOptions {
  bool accept_unmarked = false;  // SQL that nothing proves whole may pass
  PgSettings questions;
};
PgOptions pg_options(Options& options);

// What the reader of a dump learned beside its events.
struct PgRead {
  bool proven_whole = true;  // the dump says where it ends
};
using PgReader = std::function<Result<PgRead>(ByteSource& content, DumpSink& sink)>;

// Restores what `read` tells into a throw-away server of the sandbox, compares the catalog with
// what the dump names, and hands over the databases to be questioned. For a server that the user
// named everything is read twice: first to see that it is for one database only.
Result<std::unique_ptr<Database>> restore_pg(const PgReader& read, const PgOptions& options,
                                             Artefact& artefact, const RunContext& context);

}  // namespace backproof
