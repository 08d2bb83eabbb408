// SPDX-License-Identifier: Apache-2.0
#include "runner/worker.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/process.h"
#include "runner/worker_protocol.h"
#include "runner_worker_script.h"
#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;
using namespace backproof::test;

TEST_CASE("the run that a worker reports is the run") {
  Worker worker("cat \"$result\" >&3");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.isolation == Isolation::full);
  CHECK(run.checks.size() == 1);
  CHECK(run.findings.empty());
  CHECK(run.resources.max_rss > 0);
  CHECK(run.resources.max_anonymous >= 12345);  // its own samples may be higher
  CHECK(run.resources.scratch == 678);
  CHECK(std::filesystem::is_empty(worker.scratch()));
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

TEST_CASE("a stage that takes longer than it may ends the run, whatever time is left for it") {
  Worker worker("cat \"$restoring\" >&3; sleep 1000");
  worker.job().target.limits.stage_timeouts = {{Stage::select, 30s}, {Stage::restore, 300ms}};
  const Stopwatch watch;
  const Run run = worker.run();
  CHECK(watch.took() < 20s);
  CHECK(run.cause == Cause::timeout);
  CHECK(run.reason.starts_with("stage restore may take 300ms and was ended after "));
  CHECK(has(run.hint, "stage_timeout.restore"));
  CHECK(std::filesystem::is_empty(worker.scratch()));
}

TEST_CASE("a worker that says that it is in an earlier stage again wins no time by it") {
  Worker worker(
      "while :; do\n"
      "  echo '{\"event\":\"progress\",\"stage\":\"restore\",\"done\":1,\"total\":2}'\n"
      "  echo '{\"event\":\"progress\",\"stage\":\"fetch\",\"done\":1,\"total\":2}'\n"
      "  sleep 0.02\n"
      "done >&3");
  worker.job().target.limits.stage_timeouts = {{Stage::fetch, 300ms}, {Stage::restore, 300ms}};
  const Run run = worker.run(30s);
  CHECK(run.reason.starts_with("stage "));
}

TEST_CASE("a worker that takes more processor time than it may is inconclusive: timeout") {
  Worker worker("cat \"$restoring\" >&3; ulimit -S -t 1; while :; do :; done");
  worker.job().target.limits.cpu = 1s;
  const Run run = worker.run();
  CHECK(run.cause == Cause::timeout);
  CHECK(run.reason == "the limit of 1s of processor time was reached in stage restore");
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
  const std::string file = "/proc/" + std::to_string(std::stoi(worker.file("pid"))) + "/stat";
  const auto lives = [&file] {
    const auto stat = read_file(file);
    return stat && has(*stat, "(sleep)") && !has(*stat, ") Z ") && !has(*stat, ") X ");
  };
  // On a busy machine one that was killed may not have noticed yet.
  for (const Stopwatch watch; lives();) REQUIRE(watch.took() < 20s);
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

TEST_CASE("what a worker says on stderr is in the run's log, fit for a terminal") {
  const Run run = Worker("printf 'first\\n\\033[31msecond\\n' >&2; cat \"$result\" >&3").run();
  REQUIRE(run.log.size() == 3);
  CHECK(run.log[0].level == log::Level::warn);
  CHECK(run.log[0].fields == LogFields{{"from", "stderr"}});
  CHECK(run.log[2].text == "run ended");
  CHECK(run.log[2].fields.at(0) == LogField{"verdict", "passed"});
  CHECK(run.log[0].text == "first");
  CHECK(run.log[1].text.find('\033') == std::string::npos);
  CHECK(has(run.log[1].text, "second"));
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
