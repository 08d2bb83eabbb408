// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backup/take.h"
#include "db/content.h"

namespace backproof {

// A live database at one moment, however it is opened.
class LiveSnapshot {
 public:
  virtual ~LiveSnapshot() = default;
  // Everything but the artefact.
  virtual Result<Manifest> manifest(const RunContext& context) = 0;
  virtual Result<std::vector<std::string>> schema(const RunContext& context) = 0;
  // A backup of it into the open, empty file of this name.
  virtual Result<void> copy_to(int fd, const Path& file, bool as_sql,
                               const RunContext& context) = 0;
};

Result<std::unique_ptr<LiveSnapshot>> open_sqlite_snapshot(const Path& file, const Clock& clock);
// `snapshot`: exported by another tool, or empty. `password`: may be empty.
Result<std::unique_ptr<LiveSnapshot>> open_pg_snapshot(const std::string& url,
                                                       const std::string& password,
                                                       const std::string& snapshot);

// Fills in what is asked in SQL alike of both.
Result<void> add_content(Manifest& manifest, Dialect dialect, const Asker& ask);

}  // namespace backproof
