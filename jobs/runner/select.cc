// SPDX-License-Identifier: Apache-2.0
#include "runner/select.h"

#include <fcntl.h>

#include "base/text.h"

namespace backproof {
namespace {

// A companion is opened before the jail closes; one that is no regular file is none.
Fd open_companion(const Path& backup, std::string_view suffix) {
  const std::string name = backup.native() + std::string(suffix);
  Fd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!fd) return {};
  const auto facts = facts_of(fd.get());
  return facts && facts->is_regular() ? std::move(fd) : Fd();
}

std::string what_it_is(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

Result<Selected> complete(Selected selected) {
  TRY_ASSIGN(selected.facts, facts_of(selected.file.get()));
  if (!selected.facts.is_regular())
    return Error{Cause::wrong_format,
                 text::printable(selected.backup.path.native()) + " is " +
                     what_it_is(selected.facts.mode) + ", not a backup file",
                 ""};
  selected.backup.bytes = selected.facts.bytes;
  selected.wal = open_companion(selected.backup.path, "-wal");
  selected.journal = open_companion(selected.backup.path, "-journal");
  return selected;
}

}  // namespace

Result<Selected> select_named(const Path& path) {
  Selected selected;
  TRY_ASSIGN(selected.file, open_readonly(path));
  TRY_ASSIGN(const FileFacts facts, facts_of(selected.file.get()));
  selected.backup = {path.native(), path, facts.modified, facts.bytes, ""};
  return complete(std::move(selected));
}

Result<Selected> select_newest(const Source* source, TimePoint now) {
  if (source == nullptr)
    return Error{Cause::fetch, "no backup is named and the target has no source", ""};
  TRY_ASSIGN(Listing listing, source->list(now));
  if (listing.backups.empty())
    return Error{Cause::fetch, "the source holds no backup",
                 listing.skipped.empty() ? "" : "passed over: " + listing.skipped.front()};
  Selected selected;
  selected.backup = listing.backups.front();
  selected.notes = std::move(listing.skipped);
  TRY_ASSIGN(selected.file, source->open(selected.backup));
  return complete(std::move(selected));
}

}  // namespace backproof
