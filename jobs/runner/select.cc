// SPDX-License-Identifier: Apache-2.0
#include "runner/select.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/digest.h"
#include "base/text.h"

namespace backproof {
namespace {

struct Companion {
  Fd file;  // none: it is not there
  FileFacts facts;
};

// Companions lie beside the real file, as SQLite looks for them when the name is a symlink; the
// kernel knows where the opened file is.
Path real_path(int fd, const Path& named) {
  std::error_code error;
  Path real = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
  return error ? named : real;
}

// The folder of the opened file, proven to be it, so that a folder exchanged meanwhile leads
// nowhere else.
Result<Fd> folder_of(const Path& real, const FileFacts& file) {
  const Path parent = real.has_parent_path() ? real.parent_path() : Path(".");
  Fd folder(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat there {};
  if (!folder || fstatat(folder.get(), real.filename().c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0)
    return errno_error(Cause::fetch, "cannot look beside " + text::printable(real.native()));
  if (there.st_dev != file.device || there.st_ino != file.inode)
    return Error{Cause::fetch, text::printable(real.native()) + " was replaced while it was opened",
                 ""};
  return folder;
}

// Opened before the jail closes. One that is there and cannot be read is an error: without it the
// database may be an older one.
Result<Companion> open_companion(int folder, const Path& real, std::string_view suffix) {
  const std::string name = real.filename().native() + std::string(suffix);
  const std::string shown = text::printable(real.native() + std::string(suffix));
  Companion companion;
  companion.file.reset(
      ::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!companion.file) {
    // SQLite cannot have made one with a name that is too long.
    if (errno == ENOENT || errno == ENAMETOOLONG) return companion;
    const std::string why = errno == ELOOP ? "it is a symlink" : errno_text(errno);
    return Error{Cause::fetch, "cannot open " + shown + ", which belongs to the backup: " + why,
                 "make it a file that this user may read, or remove it if it is not needed"};
  }
  TRY_ASSIGN(companion.facts, facts_of(companion.file.get()));
  if (!companion.facts.is_regular())
    return Error{Cause::fetch,
                 "cannot read " + shown + ", which belongs to the backup: it is " +
                     what_it_is(companion.facts.mode),
                 ""};
  return companion;
}

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

// Every regular file of the folder, by name; toc.dat becomes the backup's file. What is no regular
// file is left alone: nothing that the archive needs can be one.
Result<Selected> open_members(Selected selected) {
  const Fd folder = std::move(selected.file);
  const std::unique_ptr<DIR, CloseDir> dir(fdopendir(dup(folder.get())));
  if (!dir) return errno_error(Cause::fetch, "cannot read the backup's folder");
  selected.backup.bytes = 0;
  while (const dirent* entry = readdir(dir.get())) {
    Member member;
    member.name = entry->d_name;
    member.file.reset(openat(folder.get(), entry->d_name,
                             O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
    if (!member.file && errno != ELOOP)
      return errno_error(Cause::fetch,
                         "cannot open " + text::printable(member.name) + " of the backup's folder");
    if (!member.file) continue;
    TRY_ASSIGN(member.facts, facts_of(member.file.get()));
    if (!member.facts.is_regular()) continue;
    selected.backup.bytes += member.facts.bytes;
    if (member.name == "toc.dat") {
      selected.file.reset(fcntl(member.file.get(), F_DUPFD_CLOEXEC, 0));
      selected.facts = member.facts;
      // Of one that was chosen it is known already.
      if (selected.backup.evidence == Evidence::mtime)
        selected.backup.created = selected.backup.modified = member.facts.modified;
    }
    selected.members.push_back(std::move(member));
  }
  std::sort(selected.members.begin(), selected.members.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  if (!selected.file)
    return Error{Cause::wrong_format,
                 text::printable(selected.backup.path.native()) +
                     " is a folder without a toc.dat, not a backup",
                 "a folder is a backup when pg_dump -Fd made it"};
  return selected;
}

Result<bool> is_still(const Fd& file, const FileFacts& before) {
  if (!file) return true;
  TRY_ASSIGN(const FileFacts now, facts_of(file.get()));
  return now == before;
}

Result<Selected> complete(Selected selected) {
  TRY_ASSIGN(selected.facts, facts_of(selected.file.get()));
  if (selected.facts.is_directory()) return open_members(std::move(selected));
  if (!selected.facts.is_regular())
    return Error{Cause::wrong_format,
                 text::printable(selected.backup.path.native()) + " is " +
                     what_it_is(selected.facts.mode) + ", not a backup file",
                 ""};
  selected.backup.bytes = selected.facts.bytes;
  const Path real = real_path(selected.file.get(), selected.backup.path);
  TRY_ASSIGN(const Fd folder, folder_of(real, selected.facts));
  TRY_ASSIGN(Companion wal, open_companion(folder.get(), real, "-wal"));
  TRY_ASSIGN(Companion journal, open_companion(folder.get(), real, "-journal"));
  selected.wal = std::move(wal.file);
  selected.wal_facts = wal.facts;
  selected.journal = std::move(journal.file);
  selected.journal_facts = journal.facts;
  return selected;
}

}  // namespace

Result<std::vector<Member>> open_before(const std::vector<Path>& files) {
  std::vector<Member> opened;
  for (const Path& path : files) {
    Member member{path.native(), {}, {}};
    TRY_ASSIGN(member.file, open_readonly(path));
    TRY_ASSIGN(member.facts, facts_of(member.file.get()));
    if (!member.facts.is_regular())
      return Error{Cause::fetch,
                   text::printable(member.name) + ", to be restored before the backup, is " +
                       what_it_is(member.facts.mode),
                   ""};
    opened.push_back(std::move(member));
  }
  return opened;
}

Result<std::string> sha256_of(const std::vector<Member>& members) {
  Sha256 all;
  for (const Member& member : members) {
    TRY_ASSIGN(const std::string one, sha256_of(member.file.get()));
    all.update(as_bytes(one + "  " + member.name + "\n"));
  }
  return all.hex();
}

Result<Selected> select_named(const Path& path) {
  Selected selected;
  TRY_ASSIGN(selected.file, open_readonly(path));
  TRY_ASSIGN(const FileFacts facts, facts_of(selected.file.get()));
  selected.backup = {path.native(), path, facts.modified, facts.bytes, ""};
  selected.backup.modified = facts.modified;
  return complete(std::move(selected));
}

Result<Selected> select_chosen(const Source* source, const Backup& chosen) {
  if (source == nullptr || chosen.id.empty())
    return Error{Cause::fetch, "no backup is named and none was chosen", ""};
  Selected selected;
  selected.backup = chosen;
  TRY_ASSIGN(selected.file, source->open(chosen));
  return complete(std::move(selected));
}

Result<void> look_again(Selected& selected) {
  for (auto [file, facts] :
       {std::pair{&selected.file, &selected.facts}, std::pair{&selected.wal, &selected.wal_facts},
        std::pair{&selected.journal, &selected.journal_facts}}) {
    if (!*file) continue;
    TRY_ASSIGN(*facts, facts_of(file->get()));
  }
  for (Member& member : selected.members) {
    TRY_ASSIGN(member.facts, facts_of(member.file.get()));
  }
  return {};
}

Result<std::string> changed_part(const Selected& selected) {
  TRY_ASSIGN(bool same, is_still(selected.file, selected.facts));
  for (const Member& member : selected.members) {
    TRY_ASSIGN(const bool still, is_still(member.file, member.facts));
    same = same && still;
  }
  TRY_ASSIGN(const bool wal, is_still(selected.wal, selected.wal_facts));
  TRY_ASSIGN(const bool journal, is_still(selected.journal, selected.journal_facts));
  return std::string(!same ? "the backup" : !wal ? "its -wal" : !journal ? "its -journal" : "");
}

Result<Selected> select_brought(const Backup& chosen, const Path& file) {
  Selected selected;
  selected.backup.path = file;
  selected.file.reset(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!selected.file) return errno_error(Cause::fetch, "cannot open what was fetched");
  TRY_ASSIGN(selected, complete(std::move(selected)));
  const std::uintmax_t bytes = selected.backup.bytes;
  selected.backup = chosen;
  selected.backup.bytes = bytes;
  return selected;
}

}  // namespace backproof
