// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "sources/beneath.h"
#include "sources/name_pattern.h"
#include "sources/source.h"

// Backups as files in a folder that a backup job writes to at the same time. Names are bytes that
// may hold anything but a slash; they are never given to a shell and never expanded as a pattern.
namespace backproof {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

// What uploaders, editors and browsers append until a file is whole.
constexpr std::array<std::string_view, 6> partial_endings{".partial",  ".part",       ".tmp",
                                                          ".filepart", ".crdownload", ".swp"};
// What SQLite keeps beside a database.
constexpr std::array<std::string_view, 3> companion_endings{"-wal", "-shm", "-journal"};

// A ctime that lies further ahead than this was made by a wrong clock and says nothing about
// whether somebody writes now; one nearer may be a file server's clock.
constexpr Duration believable_skew = 24h;

struct Settings {
  Path path;  // absolute
  NamePattern pattern;
  bool recursive;
  Duration settle;  // 0 = off
};

// pg_dump's directory format is a folder that holds this file, which it writes last.
constexpr const char* archive_toc = "toc.dat";

// A file whose name fits, or a folder that is one backup: then what is said is of its toc.dat, but
// for the bytes.
struct Found {
  std::string name;  // below the folder
  std::uint64_t device, inode;
  std::uintmax_t bytes;
  TimePoint modified, changed;
  bool link;  // reached through a symlink
};

// The same rounding as facts_of(), which open() compares with.
TimePoint time_of(const timespec& t) {
  return TimePoint{std::chrono::seconds(t.tv_sec) +
                   std::chrono::floor<Duration>(std::chrono::nanoseconds(t.tv_nsec))};
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "not a regular file";
}

Error folder_error(const Path& path, int number) {
  std::string hint = "check the path and that this user may read and enter the folder";
  return {Cause::fetch,
          "cannot read folder " + text::printable(path.native()) + ": " + errno_text(number),
          std::move(hint)};
}

Result<Fd> open_folder(const Path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return folder_error(path, errno);
  return fd;
}

struct DirCloser {
  void operator()(DIR* dir) const { closedir(dir); }
};

// One look at the folder: first every name, then what each of them is.
class Look {
 public:
  Look(const Settings& settings, int root, TimePoint now)
      : settings_(settings), root_(root), now_(now) {}

  Result<Listing> take() {
    std::vector<std::string> folders{""};
    while (!folders.empty()) {
      const std::string folder = std::exchange(folders.back(), {});
      folders.pop_back();
      TRY(read_folder(folder, folders));
    }
    judge();
    std::sort(listing_.backups.begin(), listing_.backups.end(),
              [](const Backup& a, const Backup& b) {
                return std::tie(a.created, a.id) > std::tie(b.created, b.id);
              });
    std::sort(listing_.skipped.begin(), listing_.skipped.end());
    return std::move(listing_);
  }

 private:
  void skip(std::string_view name, std::string_view why) {
    listing_.skipped.push_back(text::printable(name) + ": " + std::string(why));
  }

  // Folders below are only added to `folders`, so that depth costs no descriptors.
  Result<void> read_folder(const std::string& folder, std::vector<std::string>& folders) {
    Result<Fd> fd =
        open_beneath_nofollow(root_, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
    if (!fd && folder.empty())
      return fd.error().while_doing(text::printable(settings_.path.native()));
    if (!fd) {
      // A lost+found that only root may read must not hide the backups beside it.
      skip(folder, fd.error().text);
      return {};
    }
    const std::unique_ptr<DIR, DirCloser> dir(fdopendir(fd->get()));
    if (!dir) return folder_error(settings_.path / folder, errno);
    std::ignore = fd->release();
    while (true) {
      errno = 0;
      const dirent* entry = readdir(dir.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      see(dirfd(dir.get()), entry->d_name,
          folder.empty() ? std::string(name) : folder + "/" + std::string(name), folders);
    }
    if (errno != 0) return folder_error(settings_.path / folder, errno);
    return {};
  }

  void see(int folder, const char* name, std::string path, std::vector<std::string>& folders) {
    const NamePattern::Match match = settings_.pattern.match(path);
    if (match == NamePattern::Match::no && !settings_.recursive) return;
    struct stat st {};
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
      // Gone since its name was read: it is not there.
      if (errno != ENOENT) skip(path, "cannot be looked at: " + errno_text(errno));
    } else if (S_ISDIR(st.st_mode) && match == NamePattern::Match::yes &&
               keep_archive(folder, name, path)) {
      return;
    } else if (S_ISDIR(st.st_mode) && settings_.recursive) {
      if (*name != '.' || settings_.pattern.spells_dot())
        folders.push_back(std::move(path));
      else
        skip(path, "a hidden folder");
    } else if (match == NamePattern::Match::hidden) {
      skip(path, "hidden, as unfinished copies often are");
    } else if (match == NamePattern::Match::yes) {
      keep(std::move(path), st);
    }
  }

  // False where the folder is no archive.
  bool keep_archive(int above, const char* name, const std::string& path) {
    const Fd folder(openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat st {};
    if (!folder || fstatat(folder.get(), archive_toc, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
      return false;
    found_.push_back({path, st.st_dev, st.st_ino, bytes_below(settings_.path / path),
                      time_of(st.st_mtim), time_of(st.st_ctim), false});
    return true;
  }

  void keep(std::string path, struct stat st) {
    const bool link = S_ISLNK(st.st_mode);
    if (link) {
      const Result<Fd> target = open_beneath(root_, settings_.path, path, O_PATH);
      if (!target) return skip(path, "a symlink that " + target.error().text);
      if (fstat(target->get(), &st) != 0) return skip(path, "a symlink to nothing");
    }
    if (!S_ISREG(st.st_mode))
      return skip(path, (link ? "a symlink to " : "") + std::string(kind_of(st.st_mode)));
    found_.push_back({std::move(path), st.st_dev, st.st_ino,
                      static_cast<std::uintmax_t>(st.st_size), time_of(st.st_mtim),
                      time_of(st.st_ctim), link});
  }

  void judge() {
    std::set<std::pair<std::uint64_t, std::uint64_t>> linked;
    for (const Found& file : found_)
      if (file.link) linked.insert({file.device, file.inode});
    std::set<std::pair<std::uint64_t, std::uint64_t>> listed_themselves;
    std::unordered_set<std::string_view> names;
    for (const Found& file : found_) {
      names.insert(file.name);
      if (!file.link && linked.contains({file.device, file.inode}))
        listed_themselves.insert({file.device, file.inode});
    }
    for (const Found& file : found_) {
      std::string why = why_partial(file);
      if (why.empty()) why = why_companion(file, names);
      if (why.empty() && file.link && listed_themselves.contains({file.device, file.inode}))
        why = "a symlink to a file that is listed itself";
      if (!why.empty())
        skip(file.name, why);
      else
        listing_.backups.push_back(
            {file.name, settings_.path / file.name, file.modified, file.bytes, "", file.inode});
    }
  }

  std::string why_partial(const Found& file) const {
    const std::string name = text::lower(file.name);
    for (const std::string_view ending : partial_endings)
      if (name.ends_with(ending))
        return "still being written, as its ending " + std::string(ending) + " says";
    const Duration age = now_ - file.changed;
    if (settings_.settle == Duration{} || age >= settings_.settle || age <= -believable_skew)
      return "";
    if (age < Duration{})
      return "still being written or a clock is wrong: changed " + text::format_duration(-age) +
             " in the future";
    return "still being written: changed " + text::format_duration(age) + " ago, settle is " +
           text::format_duration(settings_.settle);
  }

  static std::string why_companion(const Found& file,
                                   const std::unordered_set<std::string_view>& names) {
    for (const std::string_view ending : companion_endings) {
      const std::string_view name = file.name;
      if (!name.ends_with(ending)) continue;
      const std::string_view database = name.substr(0, name.size() - ending.size());
      if (names.contains(database)) return "belongs to " + text::printable(database);
    }
    return "";
  }

  const Settings& settings_;
  int root_;
  TimePoint now_;
  std::vector<Found> found_;
  Listing listing_;
};

// Created is the file's mtime: what the file system knows. Whether the data inside is as new is a
// question for checks.
class DirectorySource : public Source {
 public:
  explicit DirectorySource(Settings settings) : settings_(std::move(settings)) {}

  Result<Listing> list(TimePoint now) const override {
    TRY_ASSIGN(const Fd root, open_folder(settings_.path));
    return Look(settings_, root.get(), now).take();
  }

  Result<Fd> open(const Backup& backup) const override {
    const std::string name = text::printable(backup.id);
    TRY_ASSIGN(const Fd root, open_folder(settings_.path));
    // Not blocking, so that a pipe put there meanwhile cannot hold the run up.
    Result<Fd> fd =
        open_beneath(root.get(), settings_.path, backup.id, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd) return Error{Cause::fetch, name + " " + fd.error().text, ""};
    TRY_ASSIGN(FileFacts facts, facts_of(fd->get()));
    std::string_view what;
    const bool archive = facts.is_directory();
    if (archive) {
      const Fd toc(openat(fd->get(), archive_toc, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
      if (toc) {
        TRY_ASSIGN(facts, facts_of(toc.get()));
      }
    }
    if (!facts.is_regular())
      what = "it is no regular file any more";
    else if (backup.inode != 0 && facts.inode != backup.inode)
      what = "it was replaced by another file";
    else if (!archive && facts.bytes != backup.bytes)
      what = "its size differs";
    else if (facts.modified != backup.created)
      what = "it was written to";
    if (what.empty()) return std::move(*fd);
    return Error{Cause::fetch, name + " changed since it was listed: " + std::string(what),
                 "if it was still being written, a longer settle keeps it out of the listing"};
  }

 private:
  Settings settings_;
};

Path folder_of(Options& options) {
  const std::string given = options.required_string("path");
  if (!options.has("path")) return {};
  std::error_code error;
  Path path = std::filesystem::absolute(given, error);
  // Whether it can be read now: what is wrong from the first day is said of the configuration, but
  // a share may be mounted later, or again. From then on it is an error of list().
  if (given.empty())
    options.problem("path", "is empty", "name the folder that backups are written to");
  else if (const Result<Fd> folder = open_folder(path); !folder)
    options.passing_problem("path", folder.error().text, folder.error().hint);
  return path;
}

std::unique_ptr<Source> make_directory(Options& options) {
  Path path = folder_of(options);
  const std::string text = options.string("pattern", "*");
  const bool recursive = options.boolean("recursive", false);
  const Duration settle = options.duration("settle", 60s);
  NamePattern pattern(text);
  if (text.empty() || text.front() == '/' || text.back() == '/')
    options.problem(
        "pattern",
        "expected a pattern for names below the folder, got \"" + text::printable(text, 80) + "\"",
        "write it like pattern = \"*.db.gz\"");
  else if (pattern.has_folders() && !recursive)
    options.problem("pattern", "has folders in it, but only files of the folder itself are read",
                    "add recursive = true");
  return std::make_unique<DirectorySource>(
      Settings{std::move(path), std::move(pattern), recursive, settle});
}

}  // namespace

extern const SourceKind directory_source;
constinit const SourceKind directory_source{
    "directory",
    "files in a folder, and pg_dump's archive folders, newest by modification time; unfinished "
    "ones are left alone",
    "path = \"/var/backups/crm\"\npattern = \"*.db.gz\"  # of the name; default \"*\"\n"
    "recursive = false       # folders below, too\n"
    "settle = \"60s\"          # younger files are still being written",
    make_directory};

}  // namespace backproof
