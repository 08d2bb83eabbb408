// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <utility>

#include "base/text.h"
#include "sources/beneath.h"
#include "sources/directory_look.h"

// Backups as files in a folder that a backup job writes to at the same time. Names are bytes that
// may hold anything but a slash; they are never given to a shell and never expanded as a pattern.
namespace backproof {
namespace {

using std::chrono_literals::operator""s;

class DirectorySource : public Source {
 public:
  explicit DirectorySource(DirectorySettings settings) : settings_(std::move(settings)) {}

  Result<void> reach() const override {
    if (settings_.path.empty()) return {};  // said already
    TRY_ASSIGN(const Fd folder, open_folder(settings_.path));
    return {};
  }
  Path watched() const override { return settings_.recursive ? Path() : settings_.path; }

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
    else if (facts.modified != backup.modified)
      what = "it was written to";
    if (what.empty()) return std::move(*fd);
    return Error{Cause::fetch, name + " changed since it was listed: " + std::string(what),
                 "if it was still being written, a longer settle keeps it out of the listing"};
  }

 private:
  Result<Listing> look(TimePoint now, const std::stop_token&) const override {
    TRY_ASSIGN(const Fd root, open_folder(settings_.path));
    return look_around(settings_, root.get(), now);
  }

  DirectorySettings settings_;
};

Path folder_of(Options& options) {
  const std::string given = options.required_string("path");
  if (!options.has("path")) return {};
  if (given.empty())
    options.problem("path", "is empty", "name the folder that backups are written to");
  std::error_code error;
  return std::filesystem::absolute(given, error);
}

std::string marker_of(Options& options) {
  std::string marker = options.string("complete_marker", "");
  const std::size_t hole = marker.find("{}");
  const bool fits = hole != std::string::npos && marker.find("{}", hole + 1) == std::string::npos &&
                    marker.size() > 2 && marker.find('/') == std::string::npos;
  if (marker.empty() || fits) return marker;
  options.problem("complete_marker",
                  "expected a name with {} once for the backup's own, got \"" +
                      text::printable(marker, 80) + "\"",
                  "write it like complete_marker = \"{}.done\"");
  return "";
}

std::unique_ptr<Source> make_directory(Options& options) {
  Path path = folder_of(options);
  const std::string text = options.string("pattern", "*");
  const bool recursive = options.boolean("recursive", false);
  const Duration settle = options.duration("settle", 60s);
  std::string marker = marker_of(options);
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
      DirectorySettings{std::move(path), std::move(pattern), recursive, settle, std::move(marker)});
}

}  // namespace

extern const SourceKind directory_source;
constinit const SourceKind directory_source{
    "directory", "files in a folder, and pg_dump's archive folders; unfinished ones are left alone",
    "path = \"/var/backups/crm\"\npattern = \"*.db.gz\"  # of the name; default \"*\"\n"
    "recursive = false       # folders below, too\n"
    "settle = \"60s\"          # younger files are still being written\n"
    "complete_marker = \"{}.done\"  # one without its marker is not complete; default none",
    make_directory};

}  // namespace backproof
