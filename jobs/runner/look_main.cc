// SPDX-License-Identifier: Apache-2.0
// The child's side: opens, goes to jail, reads, says.
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "base/inflate.h"
#include "base/text.h"
#include "runner/enter.h"
#include "runner/head_time.h"
#include "runner/look.h"
#include "runner/manifest_beside.h"
#include "runner/plan.h"
#include "runner/worker_protocol.h"

namespace backproof {
namespace {

constexpr std::uintmax_t most_written = 1U << 20U;  // nothing is to be written at all

void say(std::string line) {
  line += '\n';
  (void)write_all(STDOUT_FILENO, as_bytes(line));
}

std::string micros(TimePoint t) {
  return std::to_string(t.time_since_epoch().count());
}

// Of a folder its list: pg_dump wrote that last, and its header is that of an archive.
Result<Fd> open_head(const Source& source, const Backup& backup) {
  TRY_ASSIGN(Fd file, source.open(backup));
  TRY_ASSIGN(const FileFacts facts, facts_of(file.get()));
  if (!facts.is_directory()) return file;
  Fd list(openat(file.get(), "toc.dat", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!list) return errno_error(Cause::fetch, "cannot open its toc.dat");
  return list;
}

Result<void> say_content(int file) {
  InflateLimits limits;
  TRY_ASSIGN(const auto content, Inflate::open(file, limits));
  if (const auto claim = time_in_head(content->head()))
    say("content " + micros(claim->at) + ' ' + micros(claim->earliest) + ' ' +
        micros(claim->latest));
  return {};
}

// One of another artefact says nothing of this one.
Result<void> say_manifest(int file, const Job& job) {
  const auto manifest = read_manifest(file);
  if (!manifest) return manifest.error().while_doing("reading its manifest");
  // What was encrypted since is of another size.
  if (manifest->bytes != 0 && manifest->bytes != job.chosen.bytes && !job.target.decrypt)
    return Error{Cause::unproven,
                 "its manifest is of a backup of " + text::format_count(manifest->bytes) + " bytes",
                 ""};
  if (manifest->taken > TimePoint{}) say("manifest " + micros(manifest->taken));
  return {};
}

Result<void> enter(const Job& job) {
  TRY_ASSIGN(const Sandbox sandbox, Sandbox::open(job.sandbox, most_written));
  TRY_ASSIGN(const JailProof proof, close_the_door(sandbox, {}, nullptr));
  if (proof.isolation >= job.target.limits.require_isolation) return {};
  return Error{Cause::isolation, "the jail is not tight: " + describe(proof), ""};
}

void look() {
  const auto text = read_job_text();
  const auto job = text ? job_from_json(*text) : Result<Job>(text.error());
  Problems problems;
  Plan plan;
  if (job) plan = make_plan(job->target, problems);
  if (!job || plan.source == nullptr) return say("jail the order cannot be read");
  const auto file = open_head(*plan.source, job->chosen);
  const auto manifest = open_manifest(manifest_path(job->chosen.path, job->target.manifest));
  if (const auto entered = enter(*job); !entered)
    return say("jail " + text::printable(entered.error().text));

  // From here on the bytes may be read.
  Result<void> done = file ? Result<void>() : Result<void>(file.error());
  if (done && !job->target.decrypt) done = say_content(file->get());
  if (done) {
    if (!manifest)
      done = manifest.error();
    else if (*manifest)
      done = say_manifest((**manifest).get(), *job);
  }
  if (!done) say("trouble " + text::printable(done.error().text));
}

}  // namespace

int look_main() {
  syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, 0U);
  look();
  say("end");
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace backproof
