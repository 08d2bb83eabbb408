// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engines/pg/archive_data.h"
#include "engines/pg/archive_sql.h"
#include "engines/pg/archive_statements.h"

namespace backproof {

// Tells a sink what an archive holds. All are borrowed. Used once.
class ArchiveTeller {
 public:
  ArchiveTeller(const ArchiveToc& toc, ArchiveEntries& entries, ArchiveData& data, DumpSink& sink,
                const RunContext& context);

  Result<ArchiveEnd> tell();

 private:
  Result<void> tell_entry(const ArchiveEntry& entry);
  Result<void> begin(const ArchiveEntry& entry);
  Result<void> tell_data(const ArchiveEntry& entry);
  Result<void> tell_objects(const ArchiveEntry& entry);
  Result<void> tell_rows(const ArchiveEntry& entry);
  Result<void> tell_sql(const ArchiveEntry& entry);
  void list_objects();
  Result<void> fills(std::uint32_t oid);
  Result<void> all_objects_there() const;
  Result<std::size_t> fill(ByteSource& content, std::size_t at);
  ByteView piece(std::size_t bytes) const;

  const ArchiveToc& toc_;
  ArchiveEntries& entries_;
  ArchiveData& data_;
  DumpSink& sink_;
  const RunContext& context_;
  ArchiveSql sql_;
  ArchiveStatements statements_;
  std::unique_ptr<unsigned char[]> buffer_;
  ArchiveEnd end_;
  std::uint64_t told_ = 0;              // bytes of data
  std::vector<std::uint32_t> objects_;  // large objects that the archive makes, sorted
  std::vector<bool> filled_;            // had their content
};

}  // namespace backproof
