// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "model/event.h"
#include "model/manifest.h"
#include "model/target.h"

// Backups with their manifests, both of one snapshot of a live database. Nothing is written to the
// database. One thread, but for sessions that count beside each other.
namespace backproof {

// The manifest of a database for a backup that another tool takes: of PostgreSQL of the snapshot
// that it has exported (pg_export_snapshot()), or of the present where that is empty. SQLite has no
// snapshots that can be shared: writers must rest.
Result<Manifest> read_manifest_of(const LiveDatabase& live, const std::string& snapshot,
                                  const RunContext& context);

// `output` with the time in place of {time}: "20261126T031500Z".
Path named_at(std::string output, TimePoint now);

// Backs up into `output`: SQLite by its online backup, PostgreSQL by pg_dump in its custom format,
// or as SQL where the name ends in .sql. Then `output` and its manifest are there, whole and
// written to disk, the manifest first; in every other case neither is, but perhaps files named
// .NAME.*.partial of a process that was killed. An existing `output` is an Error.
Result<Manifest> take_backup(const LiveDatabase& live, const Path& output,
                             const Path& manifest_file, const RunContext& context);

// Whole and written to disk; an existing `file`, which may be anything, is an Error.
Result<void> write_manifest(const Manifest& manifest, const Path& file);

// The description of a live database's schema (db/content.h).
Result<std::vector<std::string>> read_schema_of(const LiveDatabase& live,
                                                const RunContext& context);

}  // namespace backproof
