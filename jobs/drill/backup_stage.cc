// SPDX-License-Identifier: Apache-2.0
#include "drill/backup_stage.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "backup/take.h"
#include "base/text.h"
#include "runner/manifest_beside.h"
#include "sandbox/command.h"

namespace backproof::drill {
namespace {

// By how much clocks and the times inside of backups may be behind: pg_dump knows seconds.
constexpr Duration tolerance = std::chrono::minutes(1);

// As a drill lists it: a file is complete when the command that made it has ended.
Target listed_at_once(Target target) {
  if (target.source.kind == "directory") target.source.options["settle"] = {std::string("0s"), 0};
  return target;
}

// A backup as it is now: another file under its name is another backup.
auto identity(const Backup& backup) {
  return std::tuple(backup.id, backup.bytes, backup.modified, backup.inode);
}

std::string told(const Backup& backup) {
  return text::printable(backup.id) + ", " + text::format_size(backup.bytes) + ", of " +
         dated(backup);
}

DrillError no_backup(std::string text, std::string hint) {
  return {DrillCause::backup, std::move(text), std::move(hint)};
}

// A name knows seconds, and one that was killed may be started again within the same.
Path free_name(const std::string& pattern, TimePoint now) {
  std::error_code error;
  Path name = named_at(pattern, now);
  for (int i = 1; i < 60 && std::filesystem::exists(name, error); ++i)
    name = named_at(pattern, now + std::chrono::seconds(i));
  return name;
}

class BackupStage {
 public:
  BackupStage(const Order& order, const Tools& tools, const Clock& clock,
              const std::stop_token& stop)
      : order_(order),
        drill_(*order.target.drill),
        tools_(tools),
        clock_(clock),
        stop_(stop),
        target_(listed_at_once(order.target)) {}

  Taken run() { return drill_.backup_command.empty() ? by_backproof() : by_command(); }

 private:
  Taken by_command() {
    const auto before = tools_.survey(target_);
    if (!before) return drill_error_of(before.error(), DrillCause::internal);
    std::set<decltype(identity(Backup()))> known;
    for (const Backup& backup : before->backups) known.insert(identity(backup));
    const TimePoint began = clock_.now();
    const Stopwatch watch(clock_);
    TeamCommand command;
    command.script = drill_.backup_command;
    command.whole_environment = true;
    command.env["TARGET"] = order_.target.name;
    command.limit = drill_.command_timeout;
    command.output = order_.command_output;
    const auto end = run_command(command, tools_.program, stop_);
    if (!end) return drill_error_of(end.error(), DrillCause::internal);
    if (end->stopped) return DrillError{DrillCause::cancelled, "the drill was cancelled", ""};
    if (!end->ok())
      return no_backup("the backup command " + end->str(drill_.command_timeout),
                       "--command-output FILE shows what it prints");
    return found(known, began, "by the team's command in " + text::format_duration(watch.took()));
  }

  // The newest that was not there before.
  Taken found(const std::set<decltype(identity(Backup()))>& known, TimePoint began,
              const std::string& how) {
    const auto after = tools_.survey(target_);
    if (!after) return drill_error_of(after.error(), DrillCause::internal);
    const auto made = std::ranges::find_if(
        after->backups, [&](const Backup& backup) { return !known.contains(identity(backup)); });
    if (made == after->backups.end())
      return no_backup("the backup command ended with exit code 0 and the source holds nothing new",
                       "the target's source must be where the command puts its backups" +
                           std::string(after->notes.empty() ? "" : "; " + after->notes.front()));
    if (made->created + tolerance < began)
      return no_backup("the backup command put an old backup there: " + told(*made),
                       "it must be made now: a copy of an earlier one proves nothing of today");
    TakenBackup taken{*made, target_.source, told(*made) + ", " + how, ""};
    const auto another = std::find_if(made + 1, after->backups.end(), [&](const Backup& backup) {
      return !known.contains(identity(backup));
    });
    if (another != after->backups.end())
      taken.warning = "the backup command made more than one backup: " + text::printable(made->id) +
                      " was drilled, " + text::printable(another->id) + " was not";
    return taken;
  }

  Taken by_backproof() {
    const BackupSpec& spec = *order_.target.backup;
    const Path output = free_name(spec.output, clock_.now());
    const Path manifest_file = manifest_path(output, order_.target.manifest);
    const Stopwatch watch(clock_);
    const RunContext context{clock_, [&](std::uintmax_t done, std::uintmax_t total) {
                               order_.progress({Stage::fetch, done, total});
                             }};
    const auto taken = take_backup(spec.database, output, manifest_file, context);
    if (!taken) {
      const bool is_down = taken.error().cause == Cause::fetch;
      return drill_error_of(taken.error(), is_down ? DrillCause::source : DrillCause::backup);
    }
    const std::string how = "by backproof in " + text::format_duration(watch.took());
    // Where its source has it, it is verified as the source's; else by its name.
    if (const auto listed = tools_.survey(target_); listed)
      for (const Backup& backup : listed->backups)
        if (backup.path.lexically_normal() == output.lexically_normal())
          return TakenBackup{backup, target_.source, told(backup) + ", " + how, ""};
    Backup backup;
    backup.id = backup.path = output;
    backup.bytes = taken->bytes;
    backup.created = backup.modified = taken->taken;
    return TakenBackup{backup, {}, told(backup) + ", " + how + "; the source does not list it", ""};
  }

  const Order& order_;
  const DrillSpec& drill_;
  const Tools& tools_;
  const Clock& clock_;
  const std::stop_token& stop_;
  const Target target_;
};

}  // namespace

Taken take_backup_of(const Order& order, const Tools& tools, const Clock& clock,
                     const std::stop_token& stop) {
  return BackupStage(order, tools, clock, stop).run();
}

// By the rules of the target's own source, in another folder; a file by its name, whatever the
// pattern says.
Taken find_copy(const Order& order, const Tools& tools) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(order.copy, error) &&
                         !std::filesystem::exists(order.copy / "toc.dat", error);
  Target target = listed_at_once(order.target);
  if (target.source.kind != "directory") target.source = {"directory", {}};
  const Path folder = is_folder ? order.copy : order.copy.parent_path();
  target.source.options["path"] = {folder.native(), 0};
  if (!is_folder) target.source.options["pattern"] = {std::string("*"), 0};
  const auto found = tools.survey(target);
  if (!found) return drill_error_of(found.error(), DrillCause::source);
  for (const Backup& backup : found->backups)
    if (is_folder || backup.path.lexically_normal() == order.copy.lexically_normal())
      return TakenBackup{backup, target.source, told(backup) + ", from the copy", ""};
  return no_backup("the copy holds no backup: " + text::printable(order.copy.native()),
                   found->notes.empty() ? "the target's pattern counts there, too"
                                        : "passed over: " + found->notes.front());
}

std::optional<Backup> earlier_backup(const Order& order, const Tools& tools, const Backup& than) {
  const auto found = tools.survey(listed_at_once(order.target));
  if (!found) return std::nullopt;
  for (const Backup& backup : found->backups)
    if (backup.id != than.id && backup.created < than.created) return backup;
  return std::nullopt;
}

}  // namespace backproof::drill
