// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/process.h"
#include "support/support.h"

namespace backproof::test {

// A target "shop" whose backups lie in a vault that only commands reach, and all that is beside it.
struct Elsewhere {
  // Shell scripts; `vault` is where $VAULT is. `target` and `source` are further lines of TOML.
  std::string list =
      "set -e; cd \"$VAULT\"; for f in *; do printf '{\"id\": \"%s\", \"bytes\": %s, \"modified\": "
      "%s}\\n' \"$f\" \"$(stat -c %s \"$f\")\" \"$(stat -c %Y \"$f\")\"; done";
  std::string fetch = "cp \"$VAULT/$BACKUP_ID\" \"$BACKUP_FILE\"";
  std::string target, source, secrets;

  Folder folder;

  Elsewhere();
  // A whole SQLite database of this name in the vault.
  Path lay(const std::string& name) const;
  Path write_config() const;
  // `backproof verify --target shop` with the configuration as it is now; the run.
  nlohmann::json verify() const;
  // The same by another command, as it is.
  Output call(std::vector<std::string> arguments) const;
  // Processes that a command of the target has left, by what is in their environment.
  std::string survivors() const;
  // Files and folders in the scratch folder, but for templates.
  std::vector<std::string> left() const;
};

// True, after saying so, where one of these programs is not installed: the test returns then.
bool missing(const std::vector<std::string>& programs);

// The stages of a run by name, with commas.
std::string stages_of(const nlohmann::json& run);

}  // namespace backproof::test
