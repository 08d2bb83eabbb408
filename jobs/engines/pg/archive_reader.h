// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/inflate.h"
#include "engines/pg/dump.h"
#include "model/event.h"

// Reads the archives of pg_dump: custom (-Fc), tar (-Ft) and directory (-Fd), versions 1.12
// (pg_dump 9.0) to 1.16 (pg_dump 17 and 18), and tells the statements and data that `pg_restore -d`
// without options would send, in its order. Source: PostgreSQL's
// src/bin/pg_dump/pg_backup_archiver.c, pg_backup_custom.c, pg_backup_tar.c, pg_backup_directory.c.
//
// DATABASE and DATABASE PROPERTIES entries, and comments and privileges of the database, are not
// told, as pg_restore without --create leaves them out: what they say is in header(). The order of
// the table of contents is the order of pg_restore; privileges come after everything else, and
// event triggers and the filling of materialized views after those. Places are ids of entries.
namespace backproof {

// By the first bytes; safe on anything.
bool is_custom_archive(ByteView head);
// The first member of a tar is toc.dat, and begins as pg_dump writes it, as far as it is there.
// Needs 512 bytes.
bool is_tar_archive(ByteView head);

struct ArchiveEnd {
  std::uint64_t entries = 0;        // of the table of contents
  std::uint64_t data_entries = 0;   // of these, with data: all of it was met, each once
  std::uint64_t large_objects = 0;  // with content
  // Bytes behind the archive's end that do not belong to it; all of them zero: padding. Only of one
  // stream.
  std::uint64_t trailing = 0;
  bool trailing_zeros = false;
  bool database_settings = false;  // of ALTER DATABASE: they belong to pg_restore --create
};

// One stream, custom or tar, read to its end. Errors: the sink's own; truncated (ends too early,
// also a table's data without its end marker), damaged (checksums, flags, ids and lengths that
// cannot be, data twice or of nothing), incomplete (a tar without data that its table of contents
// promises), version, space, hostile. They name the entry, never a value. Memory: a table of
// contents of at most 128 MiB, one statement, a window of the compression, and under 2 MiB.
Result<ArchiveEnd> read_archive(ByteSource& content, DumpSink& sink, const RunContext& context);

// The files of a directory archive, opened before the jail was closed.
class ArchiveFolder {
 public:
  virtual ~ArchiveFolder() = default;
  // The bytes of a file as they are, nothing unpacked; null where there is no such file. `name` is
  // a plain file name. Up to two are read at the same time.
  virtual Result<std::unique_ptr<ByteSource>> open(std::string_view name) = 0;
};

// As above; a file that the table of contents promises and that is not there is cause incomplete.
Result<ArchiveEnd> read_archive_folder(ArchiveFolder& folder, DumpSink& sink,
                                       const RunContext& context);

}  // namespace backproof
