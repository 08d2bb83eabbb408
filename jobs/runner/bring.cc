// SPDX-License-Identifier: Apache-2.0
#include "runner/bring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/text.h"
#include "sandbox/configured_command.h"
#include "sandbox/space_guard.h"

namespace backproof {
namespace {

using Progressed = std::function<void(std::uintmax_t, std::uintmax_t)>;

// What the sandbox may still take; at least a byte, because 0 is no limit.
std::uintmax_t left_of(const Sandbox& sandbox) {
  const std::uintmax_t used = sandbox.bytes_used();
  return used < sandbox.budget() ? sandbox.budget() - used : 1;
}

// Watches over what a command writes.
std::function<std::optional<Error>()> watcher(const Sandbox& sandbox, const Path& folder,
                                              const char* what, std::uintmax_t expected,
                                              const Progressed& progress) {
  const auto guard = std::make_shared<SpaceGuard>(sandbox.folder(), sandbox.budget(), what);
  return [guard, folder, expected, progress] {
    progress(bytes_below(folder), expected);
    return guard->check();
  };
}

Result<Selected> fetched(const Job& job, const Plan& plan, const Sandbox& sandbox,
                         const Path& folder, const Progressed& progress) {
  const Backup& chosen = job.chosen;
  FetchOrder order;
  order.folder = folder;
  order.max_file = left_of(sandbox);
  order.limit = plan.target.limits.timeout;
  order.watch = watcher(sandbox, folder, "the fetched backup", chosen.bytes, progress);
  TRY_ASSIGN(const Path file, plan.source->fetch(chosen, order));
  TRY_ASSIGN(Selected selected, select_brought(chosen, file));
  if (chosen.bytes != 0 && selected.backup.bytes != chosen.bytes)
    return Error{Cause::fetch,
                 text::printable(chosen.id) + " has " + text::format_count(selected.backup.bytes) +
                     " bytes, the listing says " + text::format_count(chosen.bytes),
                 "it is not whole, or another by now"};
  return selected;
}

Error changed(const Backup& backup) {
  return {Cause::fetch, text::printable(backup.id) + " changed while it was decrypted",
          "write backups under another name and rename them when they are complete"};
}

Result<Selected> decrypted(const DecryptSpec& spec, const Plan& plan, const Sandbox& sandbox,
                           const Path& folder, Selected selected, const Progressed& progress) {
  if (!selected.members.empty())
    return Error{Cause::decrypt, "the backup is a folder, and a decrypt command takes one file",
                 "encrypt what pg_dump -Fc writes, or a tar of the folder's dump"};
  if (selected.wal || selected.journal)
    return Error{Cause::decrypt,
                 "a -wal or -journal lies beside the backup, and only the backup is decrypted",
                 "back up a database without them: VACUUM INTO, .backup"};
  if (selected.facts.bytes == 0) return Error{Cause::empty, "the file has 0 bytes", ""};
  const Path file = folder / "decrypted";
  const Fd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out) return errno_error(Cause::internal, "cannot write below the sandbox");
  CommandRules rules;
  rules.limit = std::min(spec.timeout, plan.target.limits.timeout);
  rules.input = selected.file.get();
  rules.result = out.get();
  rules.told = {{"TMPDIR", folder.native()}};
  rules.max_file = left_of(sandbox);
  rules.held = folder;
  rules.watch = watcher(sandbox, folder, "the decrypted backup", 0, progress);
  TRY(run_configured({spec.command, spec.environment, spec.secrets}, "the decrypt command",
                     Cause::decrypt, rules));
  TRY_ASSIGN(selected.backup.sha256, sha256_of(selected.file.get()));
  TRY_ASSIGN(const FileFacts now, facts_of(selected.file.get()));
  if (now != selected.facts) return changed(selected.backup);
  TRY_ASSIGN(selected.file, open_readonly(file));
  TRY_ASSIGN(selected.facts, facts_of(selected.file.get()));
  return selected;
}

}  // namespace

bool is_elsewhere(const Job& job, const Plan& plan) {
  return job.backup.empty() && plan.source != nullptr && plan.source->fetches();
}

Result<Selected> select_for(const Job& job, const Plan& plan) {
  if (!job.backup.empty()) return select_named(job.backup);
  if (!is_elsewhere(job, plan)) return select_chosen(plan.source.get(), job.chosen);
  Selected selected;
  selected.backup = job.chosen;
  return selected;
}

bool must_be_brought(const Job& job, const Plan& plan) {
  return is_elsewhere(job, plan) || plan.target.decrypt.has_value();
}

Path brought_file(const Path& sandbox) {
  return sandbox / brought_folder / "backup";
}

Result<Selected> bring(const Job& job, const Plan& plan, const Sandbox& sandbox, Selected selected,
                       const Progressed& progress) {
  const Path folder = sandbox.folder() / brought_folder;
  if (mkdir(folder.c_str(), 0700) != 0)
    return errno_error(Cause::internal, "cannot make a folder in the sandbox");
  const bool elsewhere = is_elsewhere(job, plan);
  if (elsewhere) {
    TRY_ASSIGN(selected, fetched(job, plan, sandbox, folder, progress));
  }
  if (!plan.target.decrypt) return selected;
  TRY_ASSIGN(selected,
             decrypted(*plan.target.decrypt, plan, sandbox, folder, std::move(selected), progress));
  // Its room is the restored database's.
  if (elsewhere) unlink(brought_file(sandbox.folder()).c_str());
  return selected;
}

}  // namespace backproof
