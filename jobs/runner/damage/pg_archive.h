// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/damage/edits.h"

// Damages of pg_dump's archives, made in their own form: entries of the table of contents and their
// data are kept, left out or written anew. Places of data are written as "not set", as pg_dump does
// where it cannot seek.
namespace backproof::damage {

// One stream, custom or tar. An Error of cause none says why there is no damage.
Result<void> damage_pg_archive(DamageKind kind, std::string_view archive, Dice& dice,
                               ByteSink& into);

// A directory: its files in any order, toc.dat among them.
struct FolderFile {
  std::string name;
  std::string_view content;
};
using WriteFile = std::function<Result<void>(const std::string& name, std::string_view content)>;
Result<void> damage_pg_folder(DamageKind kind, const std::vector<FolderFile>& files, Dice& dice,
                              const WriteFile& write);

}  // namespace backproof::damage
