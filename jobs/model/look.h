// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "model/time_claim.h"

namespace backproof {

// What the bytes of a backup and of its manifest say of when it was made, as a jailed process read
// it (runner/look.h). Plain value.
struct Look {
  std::string id;                              // of the backup
  std::string version;                         // of what was looked at (Backup::version)
  std::optional<TimeClaim> content, manifest;  // nothing: they do not say
  std::string trouble;                         // why they could not be asked; empty: they could

  bool operator==(const Look&) const = default;
};

}  // namespace backproof
