// SPDX-License-Identifier: Apache-2.0
#include "sources/directory_look.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "model/time_claim.h"
#include "sources/beneath.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""h;

// What uploaders, editors and browsers append until a file is whole.
constexpr std::array<std::string_view, 6> partial_endings{".partial",  ".part",       ".tmp",
                                                          ".filepart", ".crdownload", ".swp"};
// What SQLite keeps beside a database.
constexpr std::array<std::string_view, 3> companion_endings{"-wal", "-shm", "-journal"};
// What lies beside a backup and says something of it.
constexpr std::array<std::string_view, 2> sidecar_endings{".manifest.json", ".sha256"};

// A ctime that lies further ahead than this was made by a wrong clock and says nothing about
// whether somebody writes now; one nearer may be a file server's clock.
constexpr Duration believable_skew = 24h;

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

constexpr std::string_view placeholder = "{}";

struct DirCloser {
  void operator()(DIR* dir) const { closedir(dir); }
};

// One look at the folder: first every name, then what each of them is.
class Look {
 public:
  Look(const DirectorySettings& settings, int root, TimePoint now)
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
    if (is_beside_a_backup(path)) return;
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

  bool is_beside_a_backup(std::string_view path) const {
    const auto ends_so = [&](std::string_view ending) { return path.ends_with(ending); };
    if (std::ranges::any_of(sidecar_endings, ends_so)) return true;
    const std::string_view marker = settings_.complete_marker;
    if (marker.empty()) return false;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t hole = marker.find(placeholder);
    return name.size() >= marker.size() - placeholder.size() &&
           name.starts_with(marker.substr(0, hole)) &&
           name.ends_with(marker.substr(hole + placeholder.size()));
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
      if (why.empty()) why = why_unmarked(file);
      if (const TimePoint settled = file.changed + settings_.settle; settled > now_)
        listing_.again =
            listing_.again == TimePoint{} ? settled : std::min(listing_.again, settled);
      if (why.empty() && file.link && listed_themselves.contains({file.device, file.inode}))
        why = "a symlink to a file that is listed itself";
      if (!why.empty())
        skip(file.name, why);
      else
        listing_.backups.push_back(backup_of(file));
    }
  }

  Backup backup_of(const Found& file) const {
    Backup backup;
    backup.id = file.name;
    backup.path = settings_.path / file.name;
    backup.bytes = file.bytes;
    backup.inode = file.inode;
    backup.created = backup.modified = file.modified;
    backup.version = std::to_string(file.device) + ' ' + version_of(file);
    if (const auto claim = claim_of_name(file.name); claim && is_believable(*claim, now_)) {
      backup.created = resolved(*claim, file.modified, now_);
      backup.evidence = Evidence::name;
    }
    return backup;
  }

  static std::string version_of(const Found& file) {
    std::string version;
    for (const TimePoint t : {file.modified, file.changed})
      version += ' ' + std::to_string(t.time_since_epoch().count());
    return std::to_string(file.inode) + ' ' + std::to_string(file.bytes) + version;
  }

  // The regular file that lies beside another under a name made of its name.
  std::optional<Found> beside(const Found& file, std::string_view pattern) const {
    std::string name = name_beside(pattern, file.name);
    struct stat st {};
    if (fstatat(root_, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
      return {};
    return Found{std::move(name),
                 st.st_dev,
                 st.st_ino,
                 static_cast<std::uintmax_t>(st.st_size),
                 time_of(st.st_mtim),
                 time_of(st.st_ctim),
                 false};
  }

  // A marker that is older than the backup was made for the one before it.
  std::string why_unmarked(const Found& file) const {
    if (settings_.complete_marker.empty()) return "";
    const std::string name = text::printable(name_beside(settings_.complete_marker, file.name));
    const auto marker = beside(file, settings_.complete_marker);
    if (!marker) return "not complete: there is no " + name;
    if (marker->modified < file.modified) return "not complete: " + name + " is older than it";
    return "";
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

  const DirectorySettings& settings_;
  int root_;
  TimePoint now_;
  std::vector<Found> found_;
  Listing listing_;
};

}  // namespace

Result<Fd> open_folder(const Path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return folder_error(path, errno);
  return fd;
}

std::string name_beside(std::string_view pattern, std::string_view id) {
  const std::size_t name = id.rfind('/') + 1;
  const std::size_t hole = pattern.find(placeholder);
  std::string beside(id.substr(0, name));
  beside.append(pattern.substr(0, hole)).append(id.substr(name));
  return beside.append(pattern.substr(hole + placeholder.size()));
}

Result<Listing> look_around(const DirectorySettings& settings, int folder, TimePoint now) {
  return Look(settings, folder, now).take();
}

}  // namespace backproof
