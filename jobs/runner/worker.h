// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>

#include "model/event.h"
#include "model/target.h"

namespace backproof {

// A verification in a process of its own (architecture: hostile bytes are only ever touched by a
// jailed worker). The parent's side and the worker's side of one protocol: the job as JSON on
// stdin, events as lines of JSON on descriptor 3, the last of them the finished run.

// Parent: starts PROGRAM work, follows it and returns the run it reported; what a worker that was
// killed, crashed, cancelled or out of time could not report is concluded from what it had sent.
// Makes the job's sandbox below `scratch` and removes it on every path. Blocks; cancel by `stop`.
// The calling thread must live on until it returns.
Run run_in_worker(Job job, const Path& program, const Path& scratch, const Clock& clock,
                  const std::stop_token& stop, const RunEvents& events);

// The same for a job that orders a damaged copy: it lies in `job.sandbox`, an existing empty folder
// that the caller owns and keeps.
Run copy_in_worker(Job job, const Path& program, const Clock& clock, const std::stop_token& stop);

// Worker: reads the job from stdin, does it, reports. The exit code of the process.
int worker_main();

// Removes sandboxes below `scratch` whose owner is gone. How many could not be removed.
std::uint64_t sweep_sandboxes(const Path& scratch);
// Bytes in the sandbox of this run; 0 when it is gone.
std::uintmax_t sandbox_bytes(const Path& scratch, const std::string& run_id);
// Sandboxes that are there now: of runs that go on, in other processes too, and leftovers.
std::uint64_t count_sandboxes(const Path& scratch);

}  // namespace backproof
