// SPDX-License-Identifier: Apache-2.0
#include "runner/verify.h"

#include <algorithm>

#include "base/inflate.h"
#include "base/text.h"
#include "engines/unknown.h"
#include "model/begun_run.h"
#include "runner/bring.h"
#include "runner/containers.h"
#include "runner/enter.h"
#include "runner/manifest_beside.h"
#include "runner/restored_elsewhere.h"
#include "runner/run_log.h"
#include "runner/select.h"
#include "runner/server_setup.h"

namespace backproof {
namespace {

// What one verification holds while it runs; each stage fills what the next ones need.
class Verification {
 public:
  Verification(const Job& job, const Plan& plan, const Clock& clock, const RunEvents& events)
      : job_(job),
        plan_(plan),
        clock_(clock),
        events_(events),
        run_(begun_run(job, clock.now())),
        log_(run_, clock, events) {}

  Run run() {
    const Stopwatch watch(clock_);
    log_.run_begins();

    // Choose the backup and open it once: from here on its name does not matter any more.
    bool going = log_.stage(Stage::select, [&] { return select(); });

    // What cannot be read where it is becomes a file of the sandbox, by the team's own commands.
    const bool brings = must_be_brought(job_, plan_) && !job_.pauses.before_restore;
    if (brings) going = going && log_.stage(Stage::fetch, [&] { return fetch(); });

    // Close the door behind us.
    going = going && log_.stage(Stage::sandbox, [&] { return enter(); });

    // Beyond this point the process can neither reach anything outside of the sandbox nor leave
    // it, and the bytes of the backup may be read.

    if (job_.pauses.before_restore) {
      going = going && log_.stage(Stage::restore, [&] { return let_restore(); });
    } else {
      if (!brings) going = going && log_.stage(Stage::fetch, [&] { return open_backup(); });

      // Find out by its first bytes what it is.
      going = going && log_.stage(Stage::inspect, [&] { return inspect(); });

      // Read it to its proven end and make a database of it.
      going = going && log_.stage(Stage::restore, [&] { return restore(); });
    }

    // Ask every question, also after a bad answer: one run finds all damage.
    if (going) log_.stage(Stage::check, [&] { return check(); });

    // Leave nothing behind. This never makes a verdict better.
    log_.stage(Stage::teardown, [&] { return teardown(); });

    run_.took = watch.took();
    run_.finished = true;
    conclude(run_);
    explain_whole_content(run_);
    return std::move(run_);
  }

 private:
  Result<void> select() {
    for (const std::string& note : job_.notes) log_.note(note);
    TRY_ASSIGN(selected_, select_for(job_, plan_));
    run_.backup = selected_.backup;
    log_.backup_opened();
    if (!is_elsewhere(job_, plan_)) TRY(find_manifest(run_.backup.path));
    TRY_ASSIGN(before_, open_before(plan_.target.sandbox.before));
    if (run_.backup.created > clock_.now() + std::chrono::minutes(5))
      warn("the backup's time lies in the future: " + text::format_time(run_.backup.created));
    if (run_.backup.created + std::chrono::days(1) < run_.backup.modified)
      warn("the backup is older than its file: it is of " + dated(run_.backup));
    return {};
  }

  Result<void> find_manifest(const Path& backup) {
    TRY_ASSIGN(manifest_file_,
               open_manifest(job_.manifest.empty() ? manifest_path(backup, plan_.target.manifest)
                                                   : job_.manifest));
    return {};
  }

  Result<void> fetch() {
    TRY_ASSIGN(sandbox_, Sandbox::open(job_.sandbox, plan_.target.limits.scratch));
    TRY_ASSIGN(selected_, bring(job_, plan_, *sandbox_, std::move(selected_),
                                [this](std::uintmax_t done, std::uintmax_t total) {
                                  log_.progress(done, total);
                                }));
    run_.backup = selected_.backup;
    brought_ = sandbox_->bytes_used();
    return is_elsewhere(job_, plan_) ? find_manifest(brought_file(job_.sandbox)) : Result<void>();
  }

  Result<void> enter() {
    if (!sandbox_) {
      TRY_ASSIGN(sandbox_, Sandbox::open(job_.sandbox, plan_.target.limits.scratch));
    }
    TRY_ASSIGN(usage_, UsageMeter::open(job_.sandbox));
    log_.watch(&*usage_);
    TRY(start_keeper());
    TRY_ASSIGN(const JailProof proof,
               close_the_door(*sandbox_, plan_.target.limits, keeper_.get()));
    if (must_be_brought(job_, plan_)) TRY(look_again(selected_));
    run_.isolation = proof.isolation;
    log_.note("isolation: " + describe(proof),
              {{"isolation", std::string(name_of(proof.isolation))}});
    if (proof.isolation < plan_.target.limits.require_isolation)
      return Error{Cause::isolation, "the sandbox is not tight: " + describe(proof),
                   "a kernel with Landlock (5.13 or newer) is needed; or set require_isolation"};
    return {};
  }

  // Only where an engine may need a server. What it starts later is jailed by itself.
  Result<void> start_keeper() {
    if (!plan_.needs_server()) return {};
    TRY_ASSIGN(const KeeperSetup setup, keeper_setup(job_, sandbox_->budget()));
    TRY_ASSIGN(keeper_, Keeper::start(setup));
    return {};
  }

  // The run is as isolated as the weaker of the two jails.
  void note_server() {
    if (keeper_ == nullptr || !keeper_->server()) return;
    const JailProof& proof = keeper_->server()->proof;
    run_.isolation = std::min(run_.isolation, proof.isolation);
    log_.note("isolation of the server: " + describe(proof),
              {{"isolation", std::string(name_of(proof.isolation))}});
  }

  Result<void> open_backup() {
    if (selected_.facts.bytes == 0 && plan_.target.decrypt)
      return Error{Cause::decrypt, "what the decrypt command wrote has 0 bytes",
                   "it ends with success and gives nothing: try it by hand"};
    if (selected_.facts.bytes == 0) return Error{Cause::empty, "the file has 0 bytes", ""};
    TRY_ASSIGN(content_, open_content());
    return {};
  }

  Result<std::unique_ptr<Inflate>> open_content() {
    InflateLimits inflate;
    inflate.max_ratio = plan_.target.limits.max_ratio;
    return Inflate::open(selected_.file.get(), inflate);
  }

  Result<void> inspect() {
    if (content_ == nullptr) TRY(open_backup());
    run_.format.containers = names_of(content_->layers());
    const ByteView head = content_->head();
    for (const PlannedEngine& planned : plan_.engines)
      if (engine_ == nullptr && planned.engine->recognizes(head)) engine_ = &planned;
    if (engine_ == nullptr) {
      TRY(read_to_end());
      if (head.empty())
        return Error{Cause::empty, "the content behind " + run_.format.containers + " has 0 bytes",
                     ""};
      const Error unknown = unknown_content(head);
      // A wrong key can give bytes as well as none: nothing was learnt of the backup.
      if (plan_.target.decrypt)
        return Error{Cause::decrypt, "what the decrypt command wrote: " + unknown.text,
                     "the key may be another one than the backup was made for"};
      const bool chosen = plan_.target.engine.kind != "auto";
      return chosen ? Error{Cause::wrong_format,
                            "not for engine " + plan_.target.engine.kind + ": " + unknown.text,
                            "engine = \"auto\" takes what the content is"}
                    : unknown;
    }
    run_.format.name = engine_->kind->format;
    log_.content_recognised();
    const Path name = run_.backup.path.empty() ? Path(run_.backup.id) : run_.backup.path;
    if (const std::string odd = name_disagreement(name, run_.format); !odd.empty()) warn(odd);
    return {};
  }

  Result<void> restore() {
    const RunContext context{clock_, [this](std::uintmax_t, std::uintmax_t) {
                               log_.progress(content_->bytes_read(), bytes_to_read());
                             }};
    Artefact artefact{*content_,
                      content_->head(),
                      selected_.facts.bytes,
                      content_->layers().empty(),
                      selected_.wal.get(),
                      selected_.journal.get(),
                      run_.findings,
                      run_.format,
                      keeper_.get(),
                      selected_.members,
                      before_,
                      [this]() -> Result<std::unique_ptr<ByteSource>> {
                        TRY_ASSIGN(std::unique_ptr<Inflate> again, open_content());
                        return std::unique_ptr<ByteSource>(std::move(again));
                      }};
    auto restored = engine_->engine->restore(artefact, *sandbox_, context);
    note_server();
    // Without space there is no sense in reading on.
    if (!restored && restored.error().cause == Cause::space) return restored.error();
    TRY(read_to_end());
    if (!restored) return restored.error();
    TRY(proven_whole(content_->layers()));
    database_ = *std::move(restored);
    database_name_ = artefact.database;
    run_.restored = true;
    run_.restored_bytes = restored_here() + artefact.elsewhere;
    log_.note("restored", {{"bytes", std::to_string(run_.restored_bytes)}});
    return pause(job_.pauses.after_restore, Pause::after_restore);
  }

  // Encrypted or not: of what is read here.
  std::uintmax_t bytes_to_read() const {
    return selected_.members.empty() ? selected_.facts.bytes : run_.backup.bytes;
  }

  // Somebody else restores the backup, into an empty server of this sandbox: not a byte of it is
  // read here.
  Result<void> let_restore() {
    if (keeper_ == nullptr) return Error{Cause::internal, "there is no server to restore into", ""};
    TRY_ASSIGN(database_name_, start_empty_server(*keeper_));
    note_server();
    TRY(pause(true, Pause::before_restore));
    TRY_ASSIGN(database_, open_restored(*keeper_, database_name_));
    run_.restored = true;
    run_.restored_bytes = restored_here();
    return {};
  }

  Result<void> pause(bool wanted, Pause at) {
    if (!wanted || events_.paused({at, {}, database_name_})) return {};
    return Error{Cause::cancelled, "nobody answered at " + std::string(name_of(at)), ""};
  }

  // What the container says counts more than what its content looked like: a broken container
  // explains broken content.
  Result<void> read_to_end() {
    Result<void> end = drain(*content_);
    report_layers(content_->layers(), run_.findings);
    // Of an encrypted one it is that of the artefact, and known.
    if (!plan_.target.decrypt) {
      auto sha = selected_.members.empty() ? content_->sha256() : sha256_of(selected_.members);
      if (sha) run_.backup.sha256 = *std::move(sha);
    }
    TRY(unchanged());
    return end;
  }

  // A file that was written to while it was read proves nothing, neither good nor bad.
  Result<void> unchanged() {
    TRY_ASSIGN(const std::string what, changed_part(selected_));
    if (what.empty()) return {};
    for (Finding& finding : run_.findings) finding.severity = Severity::warning;
    return Error{Cause::fetch, what + " changed while it was read",
                 "write backups under another name and rename them when they are complete"};
  }

  Result<void> check() {
    const RunContext context{
        clock_, [this](std::uintmax_t done, std::uintmax_t total) { log_.progress(done, total); }};
    std::optional<Result<Manifest>> manifest;
    if (manifest_file_) manifest = read_manifest(manifest_file_->get());
    // What was restored by others may come of another artefact; its content is what counts.
    if (manifest && *manifest &&
        (job_.pauses.before_restore || !job_.manifest.empty() || plan_.target.decrypt))
      (*manifest)->sha256.clear();
    // A digest takes a reading of every value: where nothing is there to compare it with, none.
    const bool digests = job_.digests || (manifest && *manifest && plan_.asks("manifest"));
    database_->want({digests, run_.backup.created + std::chrono::days(1)});
    if (const auto& tables = database_->self_check(context).tables) run_.tables = *tables;
    log_.tables_counted();
    const CheckInput input{*database_, run_, job_.memory, manifest ? &*manifest : nullptr};
    for (const PlannedCheck& planned : plan_.checks) {
      const Stopwatch watch(clock_);
      const std::size_t before = run_.checks.size();
      for (CheckResult& result : planned.check->run(input, context)) {
        result.check = planned.kind->name;
        result.enforced = result.enforced && planned.enforced;
        result.took = watch.took();
        run_.checks.push_back(std::move(result));
      }
      log_.answers(before, watch.took());
    }
    TRY(server_has_answered(keeper_.get(), run_.checks));
    return pause(job_.pauses.after_check, Pause::after_check);
  }

  Result<void> teardown() {
    database_.reset();
    content_.reset();
    keeper_.reset();
    if (!sandbox_) return {};
    log_.watch(nullptr);
    if (const Result<void> cleared = sandbox_->clear(); !cleared) warn(cleared.error().text);
    return {};
  }

  std::uintmax_t restored_here() const {
    const std::uintmax_t used = sandbox_->bytes_used();
    return used > brought_ ? used - brought_ : 0;
  }

  void warn(std::string text) {
    run_.findings.push_back({Severity::warning, Cause::none, std::move(text)});
  }

  const Job& job_;
  const Plan& plan_;
  const Clock& clock_;
  const RunEvents& events_;
  Run run_;
  RunLog log_;
  Selected selected_;
  std::vector<Member> before_;
  std::optional<Fd> manifest_file_;  // beside the backup
  std::optional<Sandbox> sandbox_;
  std::uintmax_t brought_ = 0;  // bytes of the sandbox that are the backup itself
  std::optional<UsageMeter> usage_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<Inflate> content_;
  const PlannedEngine* engine_ = nullptr;
  std::string database_name_;  // restored, for whoever is paused for
  std::unique_ptr<Database> database_;
};

}  // namespace

Run verify(const Job& job, const Plan& plan, const Clock& clock, const RunEvents& events) {
  return Verification(job, plan, clock, events).run();
}

}  // namespace backproof
