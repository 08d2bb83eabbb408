// SPDX-License-Identifier: Apache-2.0
#include "support/program.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "base/digest.h"
#include "model/run_json.h"

namespace backproof::test {
namespace {

std::string fingerprint(const Path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "no file";
  const auto content = read_file(path, 4U << 30U);
  return content ? std::to_string(hash128(as_bytes(*content)).low) : "unreadable";
}

int code_for(Verdict verdict) {
  return verdict == Verdict::passed ? 0 : verdict == Verdict::failed ? 1 : 2;
}

}  // namespace

Scratch::Scratch() {
  const Path folders = std::filesystem::temp_directory_path();
  for (int i = 0; !lock_; ++i) {
    path_ = folders / ("tests-of-backproof-" + std::to_string(getuid()) + "-" + std::to_string(i));
    Fd lock(open((path_.native() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(lock);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) lock_ = std::move(lock);
  }
  std::filesystem::create_directory(path_);
  for (const std::string& name : left_in(path_)) std::filesystem::remove_all(path_ / name);
}

Result<Output> call_program(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{BACKPROOF_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run({argv, {}, ""}, std::chrono::minutes(5), 64U << 20U);
}

Output completed(Result<Output> called) {
  REQUIRE(called);
  INFO(called->err);
  REQUIRE_FALSE(called->timed_out);
  return *std::move(called);
}

Output program(const std::vector<std::string>& arguments) {
  return completed(call_program(arguments));
}

Run verified(const Path& backup, const std::vector<std::string>& arguments) {
  const Scratch scratch;
  const std::string before = fingerprint(backup);
  std::vector<std::string> all{"verify", "--format", "json", "--scratch-dir",
                               scratch.path().native()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.insert(all.end(), {"--", backup.native()});
  const Output output = program(all);
  INFO(output.out << output.err);
  const auto run = run_from_json(output.out);
  REQUIRE(run);
  CHECK(output.ended.exit_code == code_for(run->verdict));
  CHECK(left_in(scratch.path()) == std::vector<std::string>{});
  CHECK(fingerprint(backup) == before);
  return *run;
}

std::vector<std::string> left_in(const Path& scratch) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scratch)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("backproof-postgresql-")) names.push_back(name);
  }
  return names;
}

std::string seen_by(const Run& run) {
  if (run.verdict == Verdict::passed) return "";
  for (const StageResult& stage : run.stages)
    if (stage.error && stage.error->cause == run.cause) return std::string(name_of(stage.stage));
  for (const Finding& finding : run.findings)
    if (finding.severity == Severity::failure && finding.cause == run.cause) return "finding";
  for (const CheckResult& check : run.checks)
    if (check.verdict != Verdict::passed && check.cause == run.cause) return "check " + check.check;
  return "";
}

bool has_finding(const Run& run, std::string_view part, Severity severity) {
  return std::any_of(run.findings.begin(), run.findings.end(), [&](const Finding& finding) {
    return finding.severity == severity && finding.text.find(part) != std::string::npos;
  });
}

void check_memory(const Run& run) {
#ifdef BACKPROOF_SANITIZED
  WARN("memory is not measured: a sanitizer's own is " << run.resources.max_anonymous);
#else
  CHECK(run.resources.max_anonymous < 256U << 20U);
#endif
}

}  // namespace backproof::test
