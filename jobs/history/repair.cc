// SPDX-License-Identifier: Apache-2.0
#include "history/repair.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "history/errors.h"
#include "history/owner.h"
#include "history/replacement.h"
#include "history/schema.h"

namespace backproof::history {
namespace {

// "20261123T143454Z".
std::string name_of(TimePoint now) {
  std::string name = text::format_time(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
  return name;
}

Result<void> copy_into(const Path& file, const Path& folder) {
  for (const char* end : {"", "-wal"}) {
    const Path from = file.native() + end;
    std::error_code error;
    if (*end != '\0' && !std::filesystem::exists(from)) continue;
    std::filesystem::copy_file(from, folder / ("copy" + std::string(end)), error);
    if (error == std::errc::no_space_on_device)
      return Error{Cause::space,
                   "cannot copy " + text::printable(from.native()) + ": no space left",
                   "make room beside the history for twice its size"};
    if (error)
      return Error{Cause::internal,
                   "cannot copy " + text::printable(from.native()) + ": " + error.message(), ""};
  }
  return {};
}

// Whoever runs the repair, the service must be able to go on.
Result<void> hand_over(const Path& fresh, const Path& file) {
  struct stat was {};
  if (::stat(file.c_str(), &was) == 0 && ::chmod(fresh.c_str(), was.st_mode & 0777U) == 0 &&
      (was.st_uid == geteuid() || ::chown(fresh.c_str(), was.st_uid, was.st_gid) == 0))
    return {};
  return errno_error(Cause::internal, "cannot give the new history to the owner of the old one");
}

constexpr std::string_view work_prefix = ".history-repair-";

// What repairs that were killed have left.
Result<void> sweep(const Path& folder) {
  std::error_code error;
  std::vector<Path> left;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->path().filename().native().starts_with(work_prefix)) left.push_back(it->path());
  for (const Path& path : left) TRY(remove_tree(path));
  return {};
}

// What is wrong; nothing where it opens and every record in it can be understood.
Result<std::optional<std::string>> trouble_of(const Path& file) {
  TRY_ASSIGN(auto damage, damage_of(file));
  if (damage) return damage;
  TRY_ASSIGN(const std::uint64_t bad, unreadable_records(file));
  if (bad == 0) return std::optional<std::string>();
  return std::optional<std::string>(text::plural(bad, "record") + " cannot be understood");
}

}  // namespace

Result<std::optional<Repair>> repair(const Path& given, TimePoint now) {
  std::error_code error;
  const Path file = std::filesystem::canonical(given, error);
  // A repair that was killed may have moved it already: its end is the first thing that opens do.
  if (error) {
    const Fd lock = lock_folder_of(given);
    TRY(finish_replacement(given));
    if (!std::filesystem::exists(given))
      return Error{Cause::internal,
                   "no history: " + text::printable(given.native()) + " is not there", ""};
    return std::optional<Repair>();
  }
  TRY(sweep(file.parent_path()));
  TRY_ASSIGN(auto damage, trouble_of(file));
  if (!damage) return std::optional<Repair>();
  if (const std::uint64_t alive = sweep_owners(file); alive > 0)
    return Error{Cause::internal,
                 "the history is in use by " +
                     (alive == 1 ? "another process" : std::to_string(alive) + " processes"),
                 "wait for the verification, drill or self-test that goes on, or end it"};
  Repair done{*std::move(damage), damaged_path(file, name_of(now)), {}};
  if (std::filesystem::exists(done.aside))
    return Error{Cause::internal, text::printable(done.aside.native()) + " is there already",
                 "try again in a second"};
  TRY_ASSIGN(TempDir work, TempDir::create(file.parent_path(), work_prefix));
  TRY(copy_into(file, work.path()));
  const Path fresh = work.path() / "fresh";
  TRY_ASSIGN(done.report, told([&] { return salvage(work.path() / "copy", fresh); }));
  TRY(hand_over(fresh, file));
  const Fd lock = lock_folder_of(file);
  TRY(replace_history(file, fresh, name_of(now)));
  return std::optional<Repair>(std::move(done));
}

}  // namespace backproof::history
