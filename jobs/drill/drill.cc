// SPDX-License-Identifier: Apache-2.0
#include "drill/drill.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "drill/backup_stage.h"
#include "drill/canary.h"
#include "drill/recovery.h"
#include "sandbox/named_server.h"

namespace backproof::drill {
namespace {

// One drill while it goes on; each stage fills what the next ones need.
class Driller {
 public:
  Driller(const Order& order, const std::string& id, const Tools& tools, const Clock& clock,
          const std::stop_token& stop)
      : order_(order), tools_(tools), clock_(clock), stop_(stop), keys_(canary_keys(id)) {
    drill_.id = id;
    drill_.target = order.target.name;
    drill_.trigger = order.trigger;
    drill_.started = clock.now();
    drill_.rto_objective = order.target.rto;
    drill_.rpo_objective = order.target.rpo;
    drill_.by_command = !spec().restore_command.empty();
  }

  Drill run() {
    const Stopwatch watch(clock_);
    bool going = true;

    // A marker that the backup must hold.
    if (has_canary()) going = stage(DrillStage::canary, [&] { return canary(keys_.before); });

    // A backup of this moment, or the copy that is drilled; and a marker that it must not hold.
    going = going && stage(DrillStage::backup, [&] { return backup(); });

    // Is it good? As any other backup of the target.
    going = going && stage(DrillStage::verify, [&] { return verify(); });

    // Something like production, gone at once and for good. From here on the clock runs.
    going = going && stage(DrillStage::lose, [&] { return lose(); });

    // Back from the backup into an empty place, and proven there.
    if (going) recover();

    drill_.took = watch.took();
    drill_.finished = true;
    drill_.not_drilled = not_drilled();
    conclude(drill_);
    return std::move(drill_);
  }

 private:
  using Outcome = std::optional<DrillError>;

  const DrillSpec& spec() const { return *order_.target.drill; }
  bool has_canary() const { return order_.copy.empty() && !spec().canary.table.empty(); }

  template <typename Action>
  bool stage(DrillStage kind, const Action& action) {
    drill_.stages.push_back({kind, {}, {}, {}});
    order_.changed(drill_);
    const Stopwatch watch(clock_);
    Outcome error = action();
    if (!error && stop_.stop_requested())
      error = DrillError{DrillCause::cancelled, "the drill was cancelled", ""};
    drill_.stages.back().took = watch.took();
    drill_.stages.back().error = std::move(error);
    order_.changed(drill_);
    return !drill_.stages.back().error;
  }

  void note(std::string text) { drill_.stages.back().note = std::move(text); }

  Outcome canary(const std::string& key) {
    const TimePoint now = clock_.now();
    const auto written = write_canary(spec().canary, key, now);
    if (!written) return drill_error_of(written.error(), DrillCause::source);
    if (key == keys_.before) {
      canary_written_ = now;
      note("a row in " + text::printable(spec().canary.table));
    }
    return std::nullopt;
  }

  Outcome backup() {
    Taken taken = order_.copy.empty() ? take_backup_of(order_, tools_, clock_, stop_)
                                      : find_copy(order_, tools_);
    if (auto* error = std::get_if<DrillError>(&taken)) return std::move(*error);
    taken_ = std::get<TakenBackup>(std::move(taken));
    drill_.backup = taken_.backup.path;
    drill_.backup_created = taken_.backup.created;
    note(taken_.note);
    if (!taken_.warning.empty()) drill_.warnings.push_back(taken_.warning);
    return has_canary() ? canary(keys_.after) : std::nullopt;
  }

  Outcome verify() {
    Job job = job_of(order_, taken_);
    const bool recorded = order_.copy.empty() && !taken_.source.kind.empty();
    verified_ = (recorded ? tools_.verify : tools_.work)(job, stop_, worker_events());
    note(std::string(name_of(verified_.verdict)));
    if (auto error = drill_error_of(verified_, DrillCause::verify)) return error;
    // An idle database gives the same bytes twice; a command that copies an old backup does, too.
    if (recorded && !has_canary() && !spec().backup_command.empty() &&
        tools_.seen_before(verified_))
      return DrillError{DrillCause::unproven,
                        "the new backup has the bytes of an earlier one: nothing says that it was "
                        "made now",
                        "a canary tells: a row that is written before each drill's backup"};
    return std::nullopt;
  }

  Outcome lose() {
    TakenBackup stand_in = taken_;
    // A copy says nothing of what is at the target's own source, and may be all that is left.
    if (order_.copy.empty())
      if (const auto earlier = earlier_backup(order_, tools_, taken_.backup))
        stand_in = {*earlier, taken_.source, "", ""};
    const Loss loss = lose_stand_in(order_, stand_in, tools_, clock_, stop_);
    if (loss.error) return loss.error;
    drill_.lost = loss.at;
    since_loss_ = loss.since;
    drill_.stand_in = text::printable(stand_in.backup.id) + " of " + dated(stand_in.backup) +
                      ", restored in a sandbox";
    note(loss.note);
    stood_in_ = stand_in.backup.path == taken_.backup.path;
    return std::nullopt;
  }

  // Two stages of one worker, or of a command and a worker.
  void recover() {
    RecoveryHooks hooks;
    hooks.proving = [this] { begin_proving(); };
    hooks.proven = [this] { drill_.recovery = since_loss_->took(); };
    hooks.progress = order_.progress;
    Job job = job_of(order_, taken_);
    if (has_canary())
      for (Spec& check : canary_checks(spec().canary, keys_))
        job.target.checks.push_back(std::move(check));
    begin(DrillStage::restore);
    const Recovery recovery =
        recover_backup({order_, taken_, verified_, tools_, clock_, stop_}, std::move(job), hooks);
    if (recovery.in_restore) {
      drill_.recovery = {};
      end(recovery.error);
      return;
    }
    begin_proving();
    drill_.proof = recovery.proof;
    drill_.proof->log.clear();
    drill_.with_manifest = was_compared_with_manifest(*drill_.proof);
    note(recovery.note);
    end(judged(recovery.error));
    if (drill_.stages.back().error)
      drill_.recovery = {};
    else
      find_newest();
    for (const Finding& finding : drill_.proof->findings)
      if (finding.severity == Severity::warning) drill_.warnings.push_back(finding.text);
  }

  void begin(DrillStage kind) {
    drill_.stages.push_back({kind, {}, {}, {}});
    stage_watch_.emplace(clock_);
    order_.changed(drill_);
  }
  void begin_proving() {
    if (drill_.stages.back().stage == DrillStage::prove) return;
    note(drill_.by_command ? "by the team's command" : "by backproof");
    end(std::nullopt);
    begin(DrillStage::prove);
  }
  void end(Outcome error) {
    drill_.stages.back().took = stage_watch_->took();
    drill_.stages.back().error = std::move(error);
    order_.changed(drill_);
  }

  // Who restored may have restored a part, and left everything consistent.
  Outcome judged(Outcome error) const {
    error = judged_canaries(std::move(error));
    if (error) return error;
    if (const std::string missing = missing_of(verified_, *drill_.proof); !missing.empty())
      return DrillError{DrillCause::data, missing, ""};
    return std::nullopt;
  }

  // Where nothing but canaries speaks against what was restored, they say what went wrong.
  Outcome judged_canaries(Outcome error) const {
    if (error && error->cause != DrillCause::data) return error;
    const CheckResult* canary = nullptr;
    for (const CheckResult& check : drill_.proof->checks) {
      if (check.verdict == Verdict::passed || !check.enforced) continue;
      if (!is_canary_check(check)) return error;
      if (canary == nullptr) canary = &check;
    }
    if (canary == nullptr) return error;
    const bool told = canary->verdict == Verdict::failed;
    return DrillError{
        told ? DrillCause::canary : DrillCause::internal,
        "expected " + canary->subject + ": " +
            (told ? text::plural(text::parse_count(canary->observed).value_or(0), "row")
                  : "it could not be asked for"),
        told ? "what was restored is not the backup that was taken" : ""};
  }

  // The newest thing that is there again. What claims to be newer than its backup is no recovered
  // data: a due date, or the clock of somebody else.
  void find_newest() {
    const TimePoint latest = std::min(drill_.lost, drill_.backup_created + std::chrono::minutes(1));
    const auto take = [&](TimePoint time, const std::string& by) {
      if (time <= drill_.newest || time > latest) return;
      drill_.newest = time;
      drill_.newest_by = by;
    };
    const auto before = std::ranges::find_if(drill_.proof->checks, is_first_canary_check);
    if (before != drill_.proof->checks.end() && before->verdict == Verdict::passed)
      take(canary_written_, "the canary");
    for (const TableFact& fact : drill_.proof->tables)
      take(fact.newest, "table " + text::printable(full_name(fact)));
    if (drill_.newest == TimePoint{}) take(drill_.backup_created, "the time of the backup");
  }

  RunEvents worker_events() const {
    RunEvents events;
    events.progress = order_.progress;
    return events;
  }

  std::vector<std::string> not_drilled() const {
    std::vector<std::string> all;
    if (!order_.as_host) {
      all.emplace_back("the recovery host: its network, its DNS, its disks, its tools");
      all.emplace_back("keys and passwords that may have burned with this host");
    }
    if (order_.copy.empty())
      all.emplace_back("the off-site copy: the backup was taken from the target's own source");
    else
      all.emplace_back("a new backup: the newest of the copy was used");
    if (order_.copy.empty())
      all.emplace_back(
          "the age that the newest backup has on another day: this one was just taken");
    if (stood_in_)
      all.emplace_back("another state of production: the stand-in was made of the same backup");
    if (!drill_.by_command)
      all.emplace_back("your own runbook: backproof restored, no restore_command is set");
    if (!has_canary()) all.emplace_back("a canary: no row was planted before the backup");
    if (spec().smoke_command.empty())
      all.emplace_back("your application: no smoke_command asked the restored database");
    if (drill_.proof && !drill_.with_manifest)
      all.emplace_back("equality with the live database: no manifest lies beside the backup");
    return all;
  }

  const Order& order_;
  const Tools& tools_;
  const Clock& clock_;
  const std::stop_token& stop_;
  const CanaryKeys keys_;
  Drill drill_;
  TimePoint canary_written_{};
  TakenBackup taken_;
  Run verified_;
  std::optional<Stopwatch> stage_watch_, since_loss_;
  bool stood_in_ = false;  // the stand-in was the backup itself
};

// Where the live database is served: a folder of a socket, or a file.
Result<Path> live_place(const LiveDatabase& live) {
  if (!live.sqlite.empty()) return live.sqlite;
  if (live.postgresql.empty()) return Path();
  TRY_ASSIGN(const auto parts, parse_pg_url(live.postgresql));
  const auto host = parts.find("host");
  return host != parts.end() && host->second.starts_with("/") ? Path(host->second) : Path();
}

bool is_below(const Path& inner, const Path& outer) {
  std::error_code error;
  const Path real_inner = std::filesystem::weakly_canonical(inner, error);
  const Path real_outer = std::filesystem::weakly_canonical(outer, error);
  return std::mismatch(real_outer.begin(), real_outer.end(), real_inner.begin(), real_inner.end())
             .first == real_outer.end();
}

}  // namespace

Result<void> may_be_drilled(const Order& order, const Path& scratch) {
  const std::string name = text::quote_shell(order.target.name);
  if (!order.target.drill)
    return Error{Cause::internal, "target " + name + " has no drill",
                 "add [target.drill] to its configuration"};
  if (order.as_host && order.copy.empty())
    return Error{Cause::internal, "a drill on the recovery host has no live database to back up",
                 "name the copy that is there with --from-copy"};
  if (!order.copy.empty()) {
    std::error_code error;
    if (std::filesystem::exists(order.copy, error)) return {};
    return Error{Cause::fetch, "there is no copy at " + text::printable(order.copy.native()),
                 "name a backup, or a folder of backups"};
  }
  if (order.target.drill->backup_command.empty() && !order.target.backup)
    return Error{Cause::internal, "target " + name + " does not say how to back it up",
                 "add its backup table, or drill.backup_command"};
  for (const LiveDatabase& live :
       {order.target.backup ? order.target.backup->database : LiveDatabase{},
        order.target.drill->canary.database}) {
    TRY_ASSIGN(const Path place, live_place(live));
    if (!place.empty() && is_below(place, scratch))
      return Error{Cause::isolation,
                   "the live database lies where the stand-in will be lost: " +
                       text::printable(place.native()),
                   "scratch_dir must be a folder of its own"};
  }
  return {};
}

Drill run_drill(const Order& order, const std::string& id, const Tools& tools, const Clock& clock,
                const std::stop_token& stop) {
  return Driller(order, id, tools, clock, stop).run();
}

}  // namespace backproof::drill
