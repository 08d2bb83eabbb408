// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "model/manifest.h"

namespace backproof {

// Where the manifest of `backup` lies by `pattern` (model/manifest.h).
Path manifest_path(const Path& backup, std::string_view pattern);

// The manifest beside a backup, opened while names may still be looked up; nothing where there is
// none. An Error (fetch) when it is there and cannot be read.
Result<std::optional<Fd>> open_manifest(const Path& path);

// Reads it: its bytes are as little trusted as those of the backup.
Result<Manifest> read_manifest(int fd);

}  // namespace backproof
