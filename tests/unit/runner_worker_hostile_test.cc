// SPDX-License-Identifier: Apache-2.0
#include "runner/worker.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/process.h"
#include "model/log_line.h"
#include "runner/worker_protocol.h"
#include "runner_worker_script.h"
#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;
using namespace backproof::test;

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
  std::size_t bytes = 0;
  for (const LogLine& line : run.log) bytes += log_bytes(line);
  CHECK(bytes <= most_log_bytes);
  CHECK(run.log.front().text == "a line");
  CHECK(has(run.log[run.log.size() - 2].text, "more than 64 KiB"));
  CHECK(run.log.back().text == "run ended");
}

TEST_CASE("a worker's own log is capped, and names no field that is the line's own") {
  Worker worker("cat \"$here/long\" >&3");
  Run run = passing();
  run.log.assign(50'000, {run.started, "a line"});
  run.log[0].fields = {{"level", "error"}, {"a b", "c"}, {"bytes", "\033[2J"}};
  worker.folder().write("long", run_line(RunEvent::result, run));
  const Run kept = worker.run();
  CHECK(kept.verdict == Verdict::passed);
  std::size_t bytes = 0;
  for (const LogLine& line : kept.log) bytes += log_bytes(line);
  CHECK(bytes <= most_log_bytes);
  REQUIRE(kept.log[0].fields.size() == 1);
  CHECK(kept.log[0].fields[0].key == "bytes");
  CHECK(kept.log[0].fields[0].value.find('\033') == std::string::npos);
  CHECK(kept.log.back().text == "run ended");
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

TEST_CASE("a line of an object's endless members does not outlast the time limit") {
  Worker worker("cat \"$here/wide\" >&3; sleep 1000");
  std::string wide = "{\"event\":\"result\",\"run\":{\"0\":0";
  for (int i = 1; wide.size() < longest_event - 100; ++i)
    wide += ",\"" + std::to_string(i) + "\":0";
  worker.folder().write("wide", wide + "}}\n");
  const Run run = worker.run(2s);
  CHECK(run.cause == Cause::timeout);
  REQUIRE(run.findings.size() == 1);
  CHECK(has(run.findings[0].text, "1 line "));
}

TEST_CASE(
    "a worker that was taken over cannot change which backup it read and how tight its jail was") {
  Worker worker("cat \"$here/fetching\" \"$here/forged\" >&3");
  Run run = restoring();
  run.stages.resize(3);
  run.isolation = Isolation::partial;
  run.backup = {"a.db", "/backups/a.db", at("2026-11-23T03:00:00Z"), 4096, ""};
  worker.folder().write("fetching", run_line(RunEvent::so_far, run));
  Run forged = passing();
  forged.backup = {"b.db", "/etc/shadow", at("9999-01-01T00:00:00Z"), UINTMAX_MAX, "<script>"};
  worker.folder().write("forged", run_line(RunEvent::result, forged));
  const Run kept = worker.run();
  CHECK(kept.backup == run.backup);
  CHECK(kept.isolation == Isolation::partial);
}

TEST_CASE("no more runs are taken in than a worker sends") {
  Worker worker("i=0; while [ $i -lt 200 ]; do cat \"$restoring\"; i=$((i+1)); done >&3");
  int told = 0;
  worker.events().stage_changed = [&](const Run&) { ++told; };
  const Run run = worker.run();
  CHECK(told == 64);
  REQUIRE(run.findings.size() == 1);
  CHECK(has(run.findings[0].text, "136 lines"));
}

TEST_CASE("the memory of a worker that says nothing of it is seen") {
  // tail holds the last bytes of a stream that never ends.
  const Run run = Worker(
                      "mkfifo \"$TMPDIR/p\"; yes >\"$TMPDIR/p\" & "
                      "exec tail -c 60000000 \"$TMPDIR/p\"")
                      .run(3s);
  CHECK(run.cause == Cause::timeout);
  CHECK(run.resources.max_anonymous > 20'000'000);
}

TEST_CASE("a chain of folders in the sandbox does not stay behind") {
  // In pieces, because a path has an end.
  Worker worker(
      "cd \"$TMPDIR\"; "
      "p=d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d\n"
      "i=0; while [ $i -lt 100 ]; do mkdir -p $p; cd -P $p || exit 1; i=$((i+1)); done\n"
      "cat \"$result\" >&3");
  const Run run = worker.run();
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.findings.empty());
  CHECK(std::filesystem::is_empty(worker.scratch()));
}
