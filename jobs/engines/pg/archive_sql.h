// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engines/pg/archive_toc.h"
#include "engines/pg/dump.h"

// What pg_restore makes of the entries of an archive besides sending their definitions: order,
// settings, owners (pg_backup_archiver.c: _tocEntryRequired, _tocEntryRestorePass, _printTocEntry).
namespace backproof {

// Entries are told in three rounds, each in the archive's order.
enum class ArchiveRound { main, privileges, last };
// Nothing for what is not told at all: settings, and what belongs to the database as a whole.
std::optional<ArchiveRound> round_of(const ArchiveEntry& entry);

// Facts from the header and from the entries that are not told.
DumpHeader header_of(const ArchiveToc& toc);

// Writes the SQL of entries. Borrows the table of contents.
class ArchiveSql {
 public:
  // Takes a piece of SQL that may be several statements.
  using Say = std::function<Result<void>(std::string_view)>;

  explicit ArchiveSql(const ArchiveToc& toc);

  bool standard_strings() const { return standard_strings_; }
  const std::string& client_encoding() const { return client_encoding_; }
  // What comes before all entries.
  std::string settings() const;
  // What comes before an entry, its data included, where it changes.
  std::string before(const ArchiveEntry& entry);
  // Its definition, owner and access method. Errors: version, for a type whose owner nobody knows
  // how to set; damaged.
  Result<void> define(const ArchiveEntry& entry, const Say& say) const;

 private:
  Result<void> define_owner(const ArchiveEntry& entry, const Say& say) const;
  Result<void> grant_objects(const ArchiveEntry& entry, const Say& say) const;

  const ArchiveToc& toc_;
  std::string client_encoding_ = "SQL_ASCII";  // as pg_restore has it without an entry
  bool standard_strings_ = false;
  std::string search_path_;  // the statement
  // As set last; nothing: not yet.
  std::optional<std::string> schema_, tablespace_, access_method_;
};

}  // namespace backproof
