// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"
#include "model/run.h"

// The lines that a worker writes on descriptor 3, one event each:
//   {"event":"progress","stage":"fetch","done":4096,"total":81920}
//   {"event":"run","run":{...}}      the run so far, when a stage begins or ends
//   {"event":"result","run":{...}}   the finished run; nothing follows
//   {"event":"pause","at":"after_restore","database":"shop"}
//                                    it waits for one byte on the same descriptor
// The reader trusts nothing: the writer may have been taken over by the backup that it restored.
namespace backproof {

// Longer lines are dropped; "run" lines, of which there are many, at less.
inline constexpr std::size_t longest_event = 16U << 20U;
inline constexpr std::size_t longest_so_far = 1U << 20U;

// The child's side: what its parent writes to its stdin, to the end. Refuses more than 16 MiB.
Result<std::string> read_job_text();

std::string progress_line(const Progress& progress);
enum class RunEvent { so_far, result };
// Where the line would be too long its lists are shortened, what speaks against the backup last.
// The log stays as it is: most_log_bytes are little.
std::string run_line(RunEvent kind, const Run& run);
// Whether `line` claims to hold a run: expensive to parse, so that a reader may count them.
bool is_run_line(std::string_view line);

// Without the sandbox, which the reader knows better.
std::string pause_line(const Paused& pause);

struct WorkerEvent {
  std::optional<Progress> progress;  // one of the three
  std::optional<Run> run;
  std::optional<Paused> pause;
  bool last = false;
};
// `line` without its end. Refuses what run_line() and progress_line() do not write, and before
// anything is parsed what would take memory or time out of all proportion.
Result<WorkerEvent> parse_event(std::string_view line);

// Bytes in, whole lines out; holds at most `longest` bytes of an unfinished line.
class LineReader {
 public:
  explicit LineReader(std::size_t longest = longest_event) : longest_(longest) {}
  void feed(std::string_view bytes);
  // The next whole line without its end; nothing when there is none yet.
  std::optional<std::string> next();
  // Lines that were too long.
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t longest_;
  std::string buffer_;
  std::size_t start_ = 0;     // of the buffer: where the next line begins
  std::size_t searched_ = 0;  // of the buffer: before this there is no end of that line
  bool skipping_ = false;     // inside a line that is too long
  std::uint64_t dropped_ = 0;
};

}  // namespace backproof
