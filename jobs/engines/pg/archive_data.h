// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/inflate_stream.h"
#include "engines/pg/archive_reader.h"
#include "engines/pg/archive_toc.h"

// The data of an archive's entries as its form stores it: one implementation a form.
namespace backproof {

// The entries of a table of contents, found by what stands before their data, and which of them had
// it. Borrows the table of contents.
class ArchiveEntries {
 public:
  explicit ArchiveEntries(const ArchiveToc& toc);

  const ArchiveHeader& header() const { return toc_.header; }
  // The entry is about to have its data: an error where there is none such, or it had it already.
  Result<const ArchiveEntry*> begin(std::int64_t id);
  Result<const ArchiveEntry*> begin(std::string_view member);
  bool begun(const ArchiveEntry& entry) const;
  // The first set of large objects that had no data yet; null when there is none.
  const ArchiveEntry* next_objects() const;

 private:
  Result<const ArchiveEntry*> begin_at(std::size_t index);

  const ArchiveToc& toc_;
  std::unordered_map<std::int64_t, std::size_t> ids_;
  std::unordered_map<std::string_view, std::size_t> members_;  // of those with data
  std::vector<bool> begun_;
};

inline bool holds_objects(const ArchiveEntry& entry) {
  return entry.is("BLOBS");
}

// In the order of calls: next(), then content() for a table, or next_object() and content() for
// each large object until there is none, then next() again; finish() after the last. Content is
// read to its end before anything else is asked.
class ArchiveData {
 public:
  virtual ~ArchiveData() = default;
  // The entry whose data comes; `wanted` is the one whose turn it is and that had none yet.
  virtual Result<const ArchiveEntry*> next(const ArchiveEntry& wanted) = 0;
  // The OID of the next large object of the entry; 0 when there is none.
  virtual Result<std::uint32_t> next_object() = 0;
  // Unpacked. Borrowed until the next call.
  virtual Result<ByteSource*> content() = 0;
  // All data was met: reads to the archive's own end.
  virtual Result<void> finish(ArchiveEnd& end) = 0;
};

// Reads what is behind the archive's end.
Result<void> read_trailing(ArchiveInput& input, ArchiveEnd& end);
// Windows that one stream of an archive may have: those of every level of every tool.
inline constexpr std::uintmax_t archive_window_limit = 140U << 20U;

// `input` stands behind the table of contents; all are borrowed.
Result<std::unique_ptr<ArchiveData>> custom_archive_data(ArchiveInput& input,
                                                         ArchiveEntries& entries);
// `folder` of a directory.
std::unique_ptr<ArchiveData> folder_archive_data(ArchiveFolder& folder, ArchiveEntries& entries);

}  // namespace backproof
