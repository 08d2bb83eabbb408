// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engines/pg/archive_data.h"

namespace backproof {

// One file of a directory archive at a time, unpacked when its name says that it is compressed:
// pg_dump and people who compress files afterwards add .gz, .lz4 or .zst.
class ArchiveFile {
 public:
  explicit ArchiveFile(ArchiveFolder& folder) : folder_(folder) {}

  // Opens `name`, or it with one of the endings; incomplete where there is none. Borrowed until the
  // next call.
  Result<ByteSource*> open(const std::string& name);

 private:
  ArchiveFolder& folder_;
  std::unique_ptr<ByteSource> raw_;
  std::unique_ptr<StreamInflate> inflate_;  // kept from file to file
  std::size_t packing_ = 0;                 // what it is for
};

}  // namespace backproof
