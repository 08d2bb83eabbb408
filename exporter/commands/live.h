// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "model/target.h"

namespace CLI {
class App;
}

namespace backproof {

// The options of commands that read a live database.
struct LiveOptions {
  std::string sqlite, postgresql, password_file;

  void add_to(CLI::App& app);
  bool any() const { return !sqlite.empty() || !postgresql.empty(); }
  // Errors: not exactly one, a URL that cannot be used.
  Result<LiveDatabase> database() const;
};

}  // namespace backproof
