// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engines/pg/archive_data.h"

namespace backproof {

// The members of a tar as pg_dump writes it: regular files with plain names, headers with checksums
// (POSIX ustar and its elder forms, see PostgreSQL's src/port/tar.c). The content of one is read to
// its end before the next is asked for.
class ArchiveTar final : public ByteSource {
 public:
  // `input` must outlive the object and stand at the beginning of a member.
  explicit ArchiveTar(ArchiveInput& input) : input_(input) {}

  // Goes to the next member; false at the two blocks of zeros that end the tar.
  Result<bool> next();
  const std::string& name() const { return name_; }
  // Of the member. 0 is its end, the padding behind it included.
  Result<std::size_t> read(std::span<unsigned char> into) override;
  // The rest of the member is of no interest.
  Result<void> skip();

 private:
  Result<void> read_block(std::span<unsigned char> block);

  ArchiveInput& input_;
  std::string name_;
  std::uint64_t left_ = 0;     // of the member's content
  std::uint64_t padding_ = 0;  // behind it
};

// A valid header of a regular file; what it says. Safe on anything of 512 bytes.
struct TarHeader {
  std::string name;
  std::uint64_t bytes = 0;
};
Result<TarHeader> parse_tar_header(ByteView block);

// The data of a tar whose toc.dat was read. All are borrowed.
std::unique_ptr<ArchiveData> tar_archive_data(ArchiveTar& tar, ArchiveInput& input,
                                              ArchiveEntries& entries);

}  // namespace backproof
