// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "sandbox/pg_binaries.h"

namespace backproof {

// The one superuser of a throw-away cluster: a name that no dump gives to a role of its own.
inline constexpr const char* pg_superuser = "backproof_superuser";

// Makes an initialised cluster in `cluster`, which does not exist. initdb takes a second or two, so
// it fills a template once, kept below `templates`, and later clusters are copies. A template
// belongs to one build of PostgreSQL, appears whole or not at all, and several processes may make
// it at once. `templates` must be a folder that only this user may enter; where it cannot be used,
// or is empty, the cluster is made in place.
Result<void> make_pg_cluster(const PgBinaries& binaries, const Path& templates,
                             const Path& cluster);

// Copies the folders and files of a tree, sharing their blocks where the file system can; what is
// neither file nor folder is an Error. `to` does not exist.
Result<void> copy_tree(const Path& from, const Path& to);

}  // namespace backproof
