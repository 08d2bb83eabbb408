// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/sqlite_database.h"
#include "model/options.h"

namespace backproof {

// The options that every engine which ends in a SQLite database takes.
inline SqliteSettings sqlite_settings(Options& options) {
  SqliteSettings settings;
  if (options.choice("integrity", "auto", {"auto", "pragma"}) == "pragma")
    settings.integrity = SqliteSettings::Integrity::pragma;
  return settings;
}

}  // namespace backproof
