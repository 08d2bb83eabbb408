// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/sqlite.h"
#include "support/damage.h"

namespace backproof::test {

// The copy of a database and of what lay beside it while a connection had it open.
struct Snapshot {
  Snapshot(const Folder& folder, const std::vector<std::string>& sql, std::string name = "copy.db")
      : file(folder / name) {
    const Path live = folder / ("live-" + name);
    auto db = sqlite::Connection::open(live.native()).value();
    for (const std::string& statement : sql) db.run(statement).value();
    for (const char* end : {"", "-wal", "-journal"})
      if (std::filesystem::exists(live.native() + end))
        std::filesystem::copy_file(live.native() + end, file.native() + end);
  }
  std::string wal() const { return content_of(file.native() + "-wal"); }
  std::string journal() const { return content_of(file.native() + "-journal"); }
  void wal(const std::string& bytes) const { write_atomic(file.native() + "-wal", bytes).value(); }
  void journal(const std::string& bytes) const {
    write_atomic(file.native() + "-journal", bytes).value();
  }

  Path file;
};

}  // namespace backproof::test
