// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/pg/archive_toc.h"
#include "runner/damage/pg_view.h"

// The head of an archive as pieces of its bytes, so that it can be written again with some of them
// left out (engines/pg/archive_toc.h reads what it means).
namespace backproof::damage {

// Numbers and texts of an archive, one after the other. Whatever does not fit is cause damaged.
class Cursor {
 public:
  Cursor(std::string_view bytes, std::size_t begin, unsigned int_size)
      : at(begin), bytes_(bytes), int_size_(int_size) {}
  Result<std::string_view> take(std::size_t n);
  Result<unsigned> byte();
  Result<std::int64_t> integer();
  Result<std::string_view> text();  // empty for an absent one
  void set_int_size(unsigned n) { int_size_ = n; }
  std::size_t at;

 private:
  std::string_view bytes_;
  unsigned int_size_;
};

struct TocEntry {
  std::int64_t id = 0;
  bool has_data = false;
  std::string_view before_definition, definition, after_definition;  // up to where its data is
  std::string_view member;                                           // of a tar or directory
};

struct Toc {
  ArchiveForm form = ArchiveForm::custom;
  ArchiveCompression compression = ArchiveCompression::none;
  unsigned minor = 0, int_size = 4, off_size = 8;
  std::string_view head;  // before the number of entries
  std::size_t end = 0;    // behind the last entry
  std::vector<TocEntry> entries;
  std::vector<PgObject> objects;  // the same, in the same order

  std::string integer(std::int64_t value) const;
  std::string text(std::string_view value) const;
  // With entries left out as the change says; `with_other`: and with those of another table.
  std::string written(const PgChange& change, bool with_other) const;
};

// The id of the other table's data, and where a tar or directory has it.
inline constexpr std::int64_t other_id = 1'000'002;
inline constexpr std::string_view other_member = "1000002.dat";

// `form` as the archive has it: tar for a toc.dat.
Result<Toc> read_toc(std::string_view archive, ArchiveForm form);

}  // namespace backproof::damage
