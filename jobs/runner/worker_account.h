// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/process.h"
#include "model/event.h"
#include "model/target.h"
#include "runner/worker_claims.h"
#include "runner/worker_protocol.h"

namespace backproof {

// Why a supervisor stopped following its worker.
enum class Departure { by_itself, out_of_time, cancelled, lost };

// What a supervisor knows of a run while its worker runs, and the run it makes of that in the end.
// Believes nothing that it knows better itself: which run this is, when it began, how long it
// took, how the process ended. A worker that was killed or failed cannot have passed. One thread;
// shorter-lived than what it is given.
class WorkerAccount {
 public:
  WorkerAccount(const Job& job, const Clock& clock, const RunEvents& events);

  // The size of the file system that holds the sandbox.
  void scratch_holds(std::uintmax_t bytes) { claims_.scratch_holds(bytes); }
  void used(std::uintmax_t anonymous_bytes);  // at this moment, by the worker
  void heard(std::string_view bytes);         // from descriptor 3
  // How long the worker may go on by the limits of its run and of its stage: less than nothing when
  // it is over.
  Duration left() const;
  // The pause that the worker has begun since this was asked last. Each kind at most once, and only
  // those that the job orders.
  std::optional<Paused> take_pause() { return std::exchange(pause_, std::nullopt); }
  void said(std::string_view bytes);  // from stderr: becomes the run's log, at most 64 KiB

  // The run, concluded. Once.
  Run close(Departure departure, const Ended& ended);
  // The run of a worker that could not even be started.
  Run without_worker(const Error& error);

 private:
  void take(WorkerEvent event);
  void begin(const Paused& pause);
  bool affordable(std::string_view line);
  void impose(Run& run) const;
  Stage running_stage() const;
  void fail(Run& run, Stage stage, const Error& error) const;
  void notice_stage();
  Duration left_of_stage() const;
  Error out_of_time() const;
  Error reason_for(Departure departure, const Ended& ended) const;
  void add_log(Run& run) const;
  Run concluded(Run run) const;

  const Clock* clock_;
  const RunEvents* events_;
  Stopwatch watch_;
  Run identity_;  // id, target, trigger, attempt, times: as the supervisor knows them
  WorkerClaims claims_;
  const Limits limits_;
  Stage stage_ = Stage::select;  // as running_stage(), and since when
  Duration stage_since_{};
  LineReader lines_;
  std::uint64_t malformed_ = 0;
  std::size_t run_lines_ = 0, run_bytes_ = 0;
  std::uintmax_t max_anonymous_ = 0;
  Run latest_;                   // the last run that the worker sent
  bool has_result_ = false;      // it was the final one
  Pauses pauses_;                // that are still to come
  std::optional<Paused> pause_;  // that nobody has taken yet
  std::optional<Progress> progress_;
  Duration progress_forwarded_{};
  std::string stderr_;
  bool stderr_cut_ = false;
};

}  // namespace backproof
