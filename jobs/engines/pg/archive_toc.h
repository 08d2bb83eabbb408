// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/pg/archive_input.h"

// The head of an archive of pg_dump: its header and its table of contents. Versions 1.12 (pg_dump
// 9.0) to 1.16 (pg_dump 17 and 18). Source: pg_backup_archiver.c (ReadHead, ReadToc) and the
// ReadExtraToc of pg_backup_custom.c, pg_backup_tar.c and pg_backup_directory.c.
namespace backproof {

// What the toc.dat of a directory says is the tar form too.
enum class ArchiveForm { custom, tar };
enum class ArchiveCompression { none, gzip, lz4, zstd };
enum class ArchiveSection { none, pre_data, data, post_data };
std::string_view name_of(ArchiveSection section);  // "pre-data"; empty for none

struct ArchiveHeader {
  unsigned minor = 0;  // of version 1.x of the format
  unsigned off_size = 0;
  ArchiveCompression compression = ArchiveCompression::none;
  std::string created;  // "2026-11-23 20:52:03", in the unknown time zone of pg_dump
  std::string database, server_version, dump_version;
};

// Absent is something else than empty where it says optional.
struct ArchiveEntry {
  std::int64_t id = 0;
  ArchiveSection section = ArchiveSection::none;
  bool has_data = false;
  bool droppable = false;    // its DROP statement is not empty
  bool partitioned = false;  // a partitioned table; known from 1.16 on
  std::string type, tag, owner;
  std::string definition;  // SQL; OIDs in lines for BLOB METADATA
  std::string drop;        // kept only for what is named by it: functions, operators, ...
  std::string copy;        // COPY ... FROM stdin; empty where the data is SQL
  std::string schema;
  std::optional<std::string> tablespace, access_method;
  std::int64_t first_dependency = 0;     // 0: none
  std::string member;                    // of a tar or directory: where its data is
  std::optional<std::uint64_t> data_at;  // of a custom archive, where it says: its data block

  bool is(std::string_view of_type) const { return type == of_type; }
  // "entry 3201 (TABLE DATA public.users)", for people.
  std::string str() const;
};

struct ArchiveToc {
  ArchiveHeader header;
  std::vector<ArchiveEntry> entries;  // in the archive's order, each with an id of its own
};

// Reads both; `input` then stands behind them. Errors: version, truncated, damaged, space (a text
// of more than 64 MiB, or more than 128 MiB in memory altogether), hostile (a member that is no
// plain file name).
Result<ArchiveToc> read_archive_toc(ArchiveInput& input, ArchiveForm form);

}  // namespace backproof
