// SPDX-License-Identifier: Apache-2.0
#include "runner/worker.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/process.h"
#include "runner/worker_protocol.h"
#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;
using backproof::test::Folder;

namespace {

// A run that passes, as a worker would report it.
Run passing() {
  Run run;
  run.id = "20200101T000000Z-00000000";
  run.target = "forged target";
  run.trigger = "forged";
  run.attempt = 77;
  run.finished = true;
  run.isolation = Isolation::full;
  run.restored = true;
  for (const Stage stage : all_stages) run.stages.push_back({stage, 1ms, {}});
  CheckResult check;
  check.check = "integrity";
  check.verdict = Verdict::passed;
  check.cause = Cause::none;
  check.looked_at_data = true;
  run.checks = {check};
  run.resources.max_anonymous = 12345;
  run.resources.scratch = 678;
  conclude(run);
  REQUIRE(run.verdict == Verdict::passed);
  return run;
}

// The run so far of a worker that is restoring.
Run restoring() {
  Run run = passing();
  run.finished = false;
  run.checks.clear();
  run.restored = false;
  run.stages.resize(5);
  REQUIRE(run.stages.back().stage == Stage::restore);
  return run;
}

// A worker made of a few lines of shell. $result and $restoring name files with such events.
class Worker {
 public:
  explicit Worker(const std::string& script) : scratch_(folder_ / "scratch") {
    folder_.write("result", run_line(RunEvent::result, passing()));
    folder_.write("restoring", run_line(RunEvent::so_far, restoring()));
    program_ = folder_.write("program",
                             "#!/bin/sh\nhere=$(dirname \"$0\")\nresult=$here/result\n"
                             "restoring=$here/restoring\n" +
                                 script);
    std::filesystem::permissions(program_, std::filesystem::perms{0755});
    job_.run_id = "20261123T143454Z-1f0c9a3e";
    job_.trigger = "schedule";
    job_.attempt = 2;
    job_.target.name = "crm";
    job_.target.limits.timeout = 1min;
  }

  Run run(Duration timeout = 1min) {
    job_.target.limits.timeout = timeout;
    Run run = run_in_worker(job_, program_, scratch_, system_clock(), stop_.get_token(), events_);
    CHECK(run.finished);
    CHECK(run.id == job_.run_id);
    return run;
  }

  const Folder& folder() const { return folder_; }
  const Path& scratch() const { return scratch_; }
  std::string file(const char* name) const { return read_file(folder_ / name).value(); }
  std::stop_source& stop() { return stop_; }
  RunEvents& events() { return events_; }
  Job& job() { return job_; }
  void set_program(const Path& program) { program_ = program; }

 private:
  Folder folder_;
  Path scratch_, program_;
  Job job_;
  std::stop_source stop_;
  RunEvents events_;
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the run that a worker reports is the run") {
  Worker worker("cat \"$result\" >&3");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.isolation == Isolation::full);
  CHECK(run.checks.size() == 1);
  CHECK(run.findings.empty());
  CHECK(run.resources.max_rss > 0);
  CHECK(run.resources.max_anonymous == 12345);
  CHECK(run.resources.scratch == 678);
  CHECK(std::filesystem::is_empty(worker.scratch()));
}

TEST_CASE("a worker cannot say that it was another run") {
  Worker worker("cat \"$result\" >&3");
  const TimePoint before = system_clock().now();
  const Run run = worker.run();
  CHECK(run.id == "20261123T143454Z-1f0c9a3e");
  CHECK(run.target == "crm");
  CHECK(run.trigger == "schedule");
  CHECK(run.attempt == 2);
  CHECK(run.started >= before);
  CHECK(run.took > Duration::zero());
}

TEST_CASE("a worker is told to work and gets the job with an empty private sandbox") {
  Worker worker(
      "echo \"$1\" >\"$here/argument\"; cat >\"$here/job\"\n"
      "ls -A \"$TMPDIR\" >\"$here/content\"; stat -c %a \"$TMPDIR\" >\"$here/mode\"\n"
      "echo \"$TMPDIR\" >\"$here/tmpdir\"; touch \"$TMPDIR/left behind\"\n"
      "cat \"$result\" >&3");
  worker.job().backup = "/backups/a b\n.db";
  CHECK(worker.run().verdict == Verdict::passed);
  CHECK(worker.file("argument") == "work\n");
  CHECK(worker.file("content").empty());
  CHECK(worker.file("mode") == "700\n");
  const auto job = job_from_json(worker.file("job"));
  REQUIRE(job);
  CHECK(job->run_id == "20261123T143454Z-1f0c9a3e");
  CHECK(job->backup == "/backups/a b\n.db");
  CHECK(job->sandbox.string() + "\n" == worker.file("tmpdir"));
  CHECK(job->sandbox.parent_path() == worker.scratch());
  CHECK_FALSE(std::filesystem::exists(job->sandbox));
}

TEST_CASE("a worker does not get the secrets of the environment") {
  setenv("BACKPROOF_TEST_SECRET", "secret", 1);
  Worker worker("env >\"$here/env\"; cat \"$result\" >&3");
  CHECK(worker.run().verdict == Verdict::passed);
  unsetenv("BACKPROOF_TEST_SECRET");
  CHECK(has(worker.file("env"), "PATH="));
  CHECK_FALSE(has(worker.file("env"), "SECRET"));
}

TEST_CASE("progress and stages are handed on while a worker runs") {
  Worker worker(
      "echo '{\"event\":\"progress\",\"stage\":\"fetch\",\"done\":1,\"total\":2}' >&3\n"
      "cat \"$restoring\" \"$result\" >&3");
  std::vector<Progress> progress;
  std::vector<Run> runs;
  worker.events().progress = [&](const Progress& p) { progress.push_back(p); };
  worker.events().stage_changed = [&](const Run& r) { runs.push_back(r); };
  CHECK(worker.run().verdict == Verdict::passed);
  REQUIRE(progress.size() == 1);
  CHECK(progress[0].stage == Stage::fetch);
  CHECK(progress[0].total == 2);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].target == "crm");
  CHECK(runs[0].stages.size() == 5);
}

TEST_CASE("a worker that crashes is inconclusive with the signal's name and the stage") {
  Worker worker("cat \"$restoring\" >&3; kill -SEGV $$");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::crashed);
  CHECK(run.reason == "the worker was killed by SIGSEGV in stage restore");
  CHECK(run.stages.size() == 5);
  CHECK(std::filesystem::is_empty(worker.scratch()));
}

TEST_CASE("a worker that the kernel kills for its memory is inconclusive with a hint") {
  const Run run = Worker("kill -KILL $$").run();
  CHECK(run.cause == Cause::crashed);
  CHECK(run.reason == "the worker was killed by SIGKILL in stage select");
  CHECK(has(run.hint, "memory"));
}

TEST_CASE("a worker that its jail kills is inconclusive") {
  const Run run = Worker("kill -SYS $$").run();
  CHECK(run.cause == Cause::crashed);
  CHECK(has(run.reason, "SIGSYS"));
}

TEST_CASE("a worker that exits without a result is inconclusive with its exit code") {
  const Run failed = Worker("cat \"$restoring\" >&3; exit 3").run();
  CHECK(failed.cause == Cause::crashed);
  CHECK(failed.reason == "the worker ended with exit code 3 in stage restore");
  const Run silent = Worker("exit 0").run();
  CHECK(silent.verdict == Verdict::inconclusive);
  CHECK(silent.cause == Cause::internal);
  CHECK(silent.reason == "the worker ended without a result in stage select");
}

TEST_CASE("a worker that reports a pass and then fails is not believed") {
  const std::string ending = GENERATE("exit 1", "kill -SEGV $$", "kill -KILL $$");
  const Run run = Worker("cat \"$result\" >&3; " + ending).run();
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::crashed);
}

TEST_CASE("a worker that reports a pass and then hangs is not believed") {
  const Run run = Worker("cat \"$result\" >&3; sleep 1000").run(300ms);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::timeout);
}

TEST_CASE("a worker that hangs is killed at the time limit, in the stage in which it was") {
  Worker worker("cat \"$restoring\" >&3; sleep 1000");
  const Stopwatch watch;
  const Run run = worker.run(400ms);
  CHECK(watch.took() < 20s);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::timeout);
  CHECK(run.reason.starts_with("the time limit of 400ms was reached in stage restore after "));
  CHECK(run.stages.back().stage == Stage::restore);
  CHECK(run.stages.back().took >= 200ms);
  CHECK(std::filesystem::is_empty(worker.scratch()));
}

TEST_CASE("progress tells the stage of a worker that hangs before its first stage ended") {
  const Run run = Worker(
                      "echo '{\"event\":\"progress\",\"stage\":\"fetch\",\"done\":1,\"total\":2}' "
                      ">&3; sleep 1000")
                      .run(300ms);
  CHECK(has(run.reason, "in stage fetch"));
}

TEST_CASE("a worker's own children end with it") {
  Worker worker("sleep 1000 & echo $! >\"$here/pid\"; cat \"$restoring\" >&3; wait");
  worker.events().stage_changed = [&](const Run&) { worker.stop().request_stop(); };
  CHECK(worker.run().cause == Cause::cancelled);
  const auto stat = read_file("/proc/" + std::to_string(std::stoi(worker.file("pid"))) + "/stat");
  CHECK((!stat || has(*stat, ") Z ") || has(*stat, ") X ") || !has(*stat, "(sleep)")));
}

TEST_CASE("a run can be cancelled at once while its worker hangs") {
  Worker worker("cat \"$restoring\" >&3; sleep 1000");
  Stopwatch watch;
  worker.events().stage_changed = [&](const Run&) {
    watch = Stopwatch();
    worker.stop().request_stop();
  };
  const Run run = worker.run();
  CHECK(watch.took() < 1s);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::cancelled);
  CHECK(run.reason.starts_with("the run was cancelled in stage restore after "));
  CHECK(std::filesystem::is_empty(worker.scratch()));
}

TEST_CASE("a run that was cancelled before it began ends at once") {
  Worker worker("sleep 1000");
  worker.stop().request_stop();
  CHECK(worker.run().cause == Cause::cancelled);
}

TEST_CASE("what a worker found out before it crashed is kept: a bad backup stays bad") {
  Worker worker("cat \"$here/found\" >&3; kill -SEGV $$");
  Run run = restoring();
  run.findings.push_back({Severity::failure, Cause::damaged, "page 7 is torn"});
  worker.folder().write("found", run_line(RunEvent::so_far, run));
  const Run kept = worker.run();
  CHECK(kept.verdict == Verdict::failed);
  CHECK(kept.cause == Cause::damaged);
}

TEST_CASE("garbage among the events is passed over and noted") {
  Worker worker(
      "echo garbage >&3; echo '{\"event\":\"result\",\"run\":{}}' >&3\n"
      "head -c 1000 /dev/urandom | tr -d '\\n' >&3; echo >&3\ncat \"$result\" >&3");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].severity == Severity::warning);
  CHECK(has(run.findings[0].text, "3 lines"));
}

TEST_CASE("nothing that follows the result can change it") {
  Worker worker("cat \"$here/bad\" \"$result\" \"$restoring\" >&3");
  Run bad = passing();
  bad.findings.push_back({Severity::failure, Cause::damaged, "page 7 is torn"});
  worker.folder().write("bad", run_line(RunEvent::result, bad));
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::failed);
  CHECK(run.cause == Cause::damaged);
}

TEST_CASE("a worker's own words for its verdict are kept") {
  Worker worker("cat \"$here/bad\" >&3");
  Run bad = passing();
  bad.findings.push_back({Severity::failure, Cause::damaged, "page 7 is torn"});
  conclude(bad);
  bad.reason = "page 7 is torn, after 3 whole members";
  worker.folder().write("bad", run_line(RunEvent::result, bad));
  const Run run = worker.run();
  CHECK(run.cause == Cause::damaged);
  CHECK(run.reason == bad.reason);
}

TEST_CASE("a verdict that disagrees with what the run holds is not taken over") {
  Worker worker("cat \"$here/forged\" >&3");
  Run forged = passing();
  forged.findings.push_back({Severity::failure, Cause::damaged, "page 7 is torn"});
  worker.folder().write("forged", run_line(RunEvent::result, forged));
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::failed);
  CHECK(run.reason == "page 7 is torn");
}

TEST_CASE("a pass that nothing in the reported run supports is none") {
  Worker worker("cat \"$here/empty\" >&3");
  Run empty = passing();
  empty.checks.clear();
  worker.folder().write("empty", run_line(RunEvent::result, empty));
  CHECK(worker.run().verdict == Verdict::inconclusive);
}

TEST_CASE("an endless line of events takes no memory and ends nothing") {
  const Run run = Worker("head -c 40000000 /dev/zero >&3; echo >&3; cat \"$result\" >&3").run();
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.findings.size() == 1);
  CHECK(has(run.findings[0].text, "1 line "));
}

TEST_CASE("a flood of events is ended by the time limit") {
  Worker worker("yes '{\"event\":\"progress\",\"stage\":\"fetch\",\"done\":1,\"total\":2}' >&3");
  int forwarded = 0;
  worker.events().progress = [&](const Progress&) { ++forwarded; };
  CHECK(worker.run(300ms).cause == Cause::timeout);
  CHECK(forwarded >= 1);
  CHECK(forwarded <= 50);
}

TEST_CASE("a flood on stdout and stderr stops nothing, and the log is capped") {
  Worker worker(
      "head -c 3000000 /dev/zero; yes 'a line' | head -c 3000000 >&2; cat \"$result\" >&3");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.log.size() > 2);
  CHECK(run.log.size() < 20'000);
  CHECK(run.log.front().text == "a line");
  CHECK(has(run.log.back().text, "more than 64 KiB"));
}

TEST_CASE("what a worker says on stderr is in the run's log, fit for a terminal") {
  const Run run = Worker("printf 'first\\n\\033[31msecond\\n' >&2; cat \"$result\" >&3").run();
  REQUIRE(run.log.size() == 2);
  CHECK(run.log[0].text == "first");
  CHECK(run.log[1].text.find('\033') == std::string::npos);
  CHECK(has(run.log[1].text, "second"));
}

TEST_CASE("texts of a worker cannot steer a terminal") {
  Worker worker("cat \"$here/steering\" >&3");
  Run run = passing();
  run.stages[4].error = Error{Cause::damaged, "\033]0;title\007", "\033[2J"};
  worker.folder().write("steering", run_line(RunEvent::result, run));
  const Run washed = worker.run();
  CHECK(washed.cause == Cause::damaged);
  CHECK(washed.reason.find('\033') == std::string::npos);
  CHECK(washed.hint.find('\033') == std::string::npos);
}

TEST_CASE("a worker that cannot be started is inconclusive") {
  Worker worker("");
  worker.set_program("/nowhere/backproof");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(has(run.reason, "/nowhere/backproof"));
  CHECK(run.stages.back().stage == Stage::sandbox);
  CHECK(std::filesystem::is_empty(worker.scratch()));
}

TEST_CASE("scratch that is no folder is inconclusive") {
  Worker worker("exit 0");
  std::filesystem::create_symlink("/dev/null", worker.scratch());
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.stages.back().stage == Stage::sandbox);
}

TEST_CASE("a sandbox that cannot be removed is a warning and changes no verdict") {
  // A mount for root; for others a folder that may not be changed.
  const bool root = geteuid() == 0;
  Worker worker(std::string(root ? "mount -t tmpfs none \"$TMPDIR\" || touch \"$here/unable\""
                                 : "chmod 0500 \"$TMPDIR/..\"") +
                "\ncat \"$result\" >&3");
  const Run run = worker.run();
  if (std::filesystem::exists(worker.folder() / "unable")) return;  // no right to mount here
  if (root) (void)test::sh("umount '" + worker.scratch().string() + "'/*");
  std::filesystem::permissions(worker.scratch(), std::filesystem::perms{0700});
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].text.starts_with("the sandbox was left behind: "));
}
