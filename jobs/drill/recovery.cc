// SPDX-License-Identifier: Apache-2.0
#include "drill/recovery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/text.h"
#include "runner/manifest_beside.h"
#include "runner/worker_sandbox.h"
#include "sandbox/command.h"
#include "sandbox/pg_template.h"

namespace backproof::drill {
namespace {

constexpr const char* port = "5432";

bool is_postgresql(const Run& verified) {
  return verified.format.name.starts_with("postgresql");
}

// It becomes a word of a command, and a worker may have been taken over: nothing that a client of
// PostgreSQL could take for more than a name.
bool is_plain_name(const std::string& name) {
  return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

// The server asks for no password; there are scripts that ask for the file.
Result<std::string> password_file_in(const Path& place) {
  const Path path = place / "pgpass";
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file && errno == EEXIST) return path.native();  // of the command before
  if (!file) return errno_error(Cause::internal, "cannot write below the sandbox");
  TRY(write_all(file.get(), as_bytes("*:*:*:*:unused\n")));
  return path.native();
}

// One recovery. The team's commands run in this process's thread while a worker waits for them.
class Recoverer {
 public:
  Recoverer(const RecoveryContext& context, Job job, const RecoveryHooks& hooks)
      : context_(context), spec_(*context.order.target.drill), job_(std::move(job)), hooks_(hooks) {
    job_.pauses.after_check = true;
  }

  Recovery run() {
    if (spec_.restore_command.empty())
      work();
    else if (is_postgresql(context_.verified))
      restore_into_server();
    else
      restore_into_file();
    return std::move(recovery_);
  }

 private:
  // The worker's run from its beginning to the last answer, and what it says of the recovery.
  void work() {
    RunEvents events;
    events.progress = hooks_.progress;
    events.stage_changed = [this](const Run& run) {
      if (!run.stages.empty() && run.stages.back().stage == Stage::check) begin_proving();
    };
    events.paused = [this](const Paused& paused) { return take_turn(paused); };
    Run run = context_.tools.work(job_, context_.stop, events);
    const bool bad = run.verdict == Verdict::failed;
    if (!proving_ || !run.restored) {
      recovery_.in_restore = true;
      if (!recovery_.error) recovery_.error = drill_error_of(run, DrillCause::restore);
      if (!recovery_.error)
        recovery_.error = DrillError{DrillCause::internal, "the restore told nothing", ""};
      return;
    }
    // What is wrong with the data says more than what the smoke command said of it.
    if (bad || !recovery_.error) recovery_.error = drill_error_of(run, DrillCause::data);
    recovery_.proof = std::move(run);
  }

  void begin_proving() {
    if (std::exchange(proving_, true)) return;
    hooks_.proving();
  }

  bool take_turn(const Paused& paused) {
    if (paused.at == Pause::before_restore)
      return restored_by_command(server_environment(paused), paused.sandbox);
    begin_proving();
    if (!spec_.smoke_command.empty() && !smoke(paused)) return false;
    hooks_.proven();
    return true;
  }

  void restore_into_server() {
    job_.pauses.before_restore = true;
    work();
  }

  // A file has no server: the command gets a folder of its own, and a worker asks what it left.
  void restore_into_file() {
    auto place = WorkerSandbox::create(context_.tools.scratch, job_.run_id);
    if (!place) return fail_restore(drill_error_of(place.error(), DrillCause::internal));
    file_ = place->path() / "restored.sqlite";
    if (!restored_by_command({{"TARGET_FILE", file_.native()}}, place->path())) return;
    struct stat there {};
    if (lstat(file_.c_str(), &there) != 0 || !S_ISREG(there.st_mode))
      return fail_restore({DrillCause::restore,
                           "the restore command ended with exit code 0 and left no file at "
                           "TARGET_FILE",
                           ""});
    job_.run_id = new_run_id(context_.clock.now());
    const Path manifest = manifest_path(context_.taken.backup.path, context_.order.target.manifest);
    std::error_code error;
    if (!context_.taken.backup.path.empty() && std::filesystem::exists(manifest, error))
      job_.manifest = manifest;
    job_.chosen = {};
    job_.backup = file_;
    job_.target.engine = {"auto", {}};
    job_.target.decrypt.reset();
    work();
    if (const auto closed = place->close(); !closed && !recovery_.error)
      recovery_.note = "the restored file was left behind: " + closed.error().text;
  }

  void fail_restore(DrillError error) {
    recovery_.in_restore = true;
    recovery_.error = std::move(error);
  }

  bool restored_by_command(std::map<std::string, std::string> env, const Path& place) {
    const Backup& backup = context_.taken.backup;
    env["BACKUP_ID"] = backup.id;
    // What is elsewhere has none: fetching it is part of the team's recovery.
    if (!backup.path.empty()) env["BACKUP_FILE"] = backup.path.native();
    const auto end = run_team(spec_.restore_command, std::move(env), place);
    if (!end)
      fail_restore(drill_error_of(end.error(), DrillCause::internal));
    else if (end->stopped)
      fail_restore({DrillCause::cancelled, "the drill was cancelled", ""});
    else if (!end->ok())
      fail_restore({DrillCause::restore, "the restore command " + end->str(spec_.command_timeout),
                    "--command-output FILE shows what it prints"});
    return end && end->ok();
  }

  bool smoke(const Paused& paused) {
    auto env = paused.database.empty()
                   ? std::map<std::string, std::string>{{"TARGET_FILE", restored_file(paused)}}
                   : server_environment(paused);
    const auto end = run_team(spec_.smoke_command, std::move(env), paused.sandbox);
    if (end && end->ok()) {
      recovery_.note = "the smoke command agrees";
      return true;
    }
    if (!end)
      recovery_.error = drill_error_of(end.error(), DrillCause::internal);
    else if (end->stopped)
      recovery_.error = DrillError{DrillCause::cancelled, "the drill was cancelled", ""};
    else
      recovery_.error =
          DrillError{DrillCause::smoke, "the smoke command " + end->str(spec_.command_timeout),
                     "--command-output FILE shows what it prints"};
    return true;  // its run is the proof, as far as it goes
  }

  std::string restored_file(const Paused& paused) const {
    return file_.empty() ? (paused.sandbox / "restored.sqlite").native() : file_.native();
  }

  // libpq takes a folder for a host.
  std::map<std::string, std::string> server_environment(const Paused& paused) {
    const std::string folder = (paused.sandbox / "cluster").native();
    std::map<std::string, std::string> env{{"TARGET_HOST", folder},
                                           {"TARGET_PORT", port},
                                           {"TARGET_USER", pg_superuser},
                                           {"TARGET_DB", paused.database},
                                           {"PGHOST", folder},
                                           {"PGPORT", port},
                                           {"PGUSER", pg_superuser},
                                           {"PGDATABASE", paused.database}};
    return env;
  }

  Result<CommandEnd> run_team(const std::string& script, std::map<std::string, std::string> env,
                              const Path& place) {
    if (const auto name = env.find("TARGET_DB"); name != env.end() && !is_plain_name(name->second))
      return Error{Cause::internal,
                   "the restored database has a name that is not given to commands", ""};
    TeamCommand command;
    command.script = script;
    command.env = std::move(env);
    command.env["TARGET"] = context_.order.target.name;
    TRY_ASSIGN(command.env["PGPASSFILE"], password_file_in(place));
    command.limit = spec_.command_timeout;
    command.output = context_.order.command_output;
    if (spec_.guard) command.guarded_in = place;
    return run_command(command, context_.tools.program, context_.stop);
  }

  const RecoveryContext& context_;
  const DrillSpec& spec_;
  Job job_;
  const RecoveryHooks& hooks_;
  Path file_;  // that the command restored; empty: the worker did
  bool proving_ = false;
  Recovery recovery_;
};

}  // namespace

Job job_of(const Order& order, const TakenBackup& taken) {
  Job job;
  job.run_id = new_run_id(system_clock().now());
  job.trigger = "drill";
  job.target = order.target;
  job.target.source = taken.source;
  job.digests = true;
  job.notes = {"chosen: " + text::printable(taken.backup.id) + ": for a drill"};
  if (taken.source.kind.empty())
    job.backup = taken.backup.path;
  else
    job.chosen = taken.backup;
  return job;
}

Loss lose_stand_in(const Order& order, const TakenBackup& stand_in, const Tools& tools,
                   const Clock& clock, const std::stop_token& stop) {
  Job job = job_of(order, stand_in);
  job.pauses.after_restore = true;
  Loss loss;
  Path sandbox;
  std::uintmax_t bytes = 0;
  RunEvents events;
  events.progress = order.progress;
  events.paused = [&](const Paused& paused) {
    sandbox = paused.sandbox;
    bytes = bytes_below(sandbox);
    loss.at = clock.now();
    loss.since.emplace(clock);
    return false;  // killed, with everything that it has started, and its sandbox removed
  };
  const Run run = tools.work(job, stop, events);
  std::error_code error;
  if (sandbox.empty()) {
    loss.error = drill_error_of(run, DrillCause::stand_in)
                     .value_or(DrillError{DrillCause::stand_in, "nothing was restored", ""});
    if (verdict_of(loss.error->cause) == Verdict::failed) loss.error->cause = DrillCause::stand_in;
  } else if (std::filesystem::exists(sandbox, error)) {
    loss.error = DrillError{
        DrillCause::stand_in,
        "the stand-in could not be wiped: " + text::printable(sandbox.native()) + " is still there",
        ""};
  } else {
    loss.note = "killed, and " + text::format_size(bytes) + " wiped";
  }
  return loss;
}

std::string missing_of(const Run& verified, const Run& proof) {
  for (const TableFact& there : verified.tables) {
    const auto same = [&](const TableFact& fact) { return full_name(fact) == full_name(there); };
    const auto found = std::ranges::find_if(proof.tables, same);
    const std::string table = "table " + text::printable(full_name(there), 200) + ": ";
    if (found == proof.tables.end()) return table + "in the backup, and not restored";
    if (found->rows != there.rows)
      return table + text::plural(there.rows, "row") + " in the backup, " +
             text::format_count(found->rows) + " restored";
    if (!found->digest.empty() && !there.digest.empty() && found->digest != there.digest)
      return table + "other values than in the backup";
  }
  return "";
}

Recovery recover_backup(const RecoveryContext& context, Job job, const RecoveryHooks& hooks) {
  return Recoverer(context, std::move(job), hooks).run();
}

}  // namespace backproof::drill
