// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "base/clock.h"
#include "model/event.h"
#include "model/run.h"
#include "runner/usage.h"

namespace backproof {

// Keeps the record of one run while it happens: times its stages, puts errors where they belong,
// writes the log and tells whoever follows. One thread.
class RunLog {
 public:
  RunLog(Run& run, const Clock& clock, const RunEvents& events)
      : run_(run), clock_(clock), events_(events) {}

  // Calls `fn`, which returns a Result, as `stage`. True when it gave a value. Whatever it throws
  // is our own bug and becomes an Error of cause internal.
  template <typename Fn>
  bool stage(Stage stage, Fn&& fn) {
    begin(stage);
    const auto result = guarded(Cause::internal, name_of(stage), std::forward<Fn>(fn));
    end(result ? nullptr : &result.error());
    return result.has_value();
  }
  // How far the stage is, in bytes or steps.
  void progress(std::uintmax_t done, std::uintmax_t total);
  // One line, in the stage that is under way. Numbers and names only, no row values.
  void note(const std::string& text, LogFields fields = {}, log::Level level = log::Level::info);
  // Lines of what the run holds by now.
  void run_begins();
  void backup_opened();
  void content_recognised();
  void tables_counted();
  // What a check, which took so long, answered: the run's answers from `first` on. Each that did
  // not pass has a line.
  void answers(std::size_t first, Duration took);
  // For memory, also at progress, and the sandbox's size, at the ends of stages; null before it
  // exists.
  void watch(UsageMeter* usage) { usage_ = usage; }

 private:
  void begin(Stage stage);
  void end(const Error* error);
  void add(LogLine line);

  Run& run_;
  const Clock& clock_;
  const RunEvents& events_;
  UsageMeter* usage_ = nullptr;
  Duration stage_started_{};
  Duration sampled_{};        // when, last
  std::size_t bytes_ = 0;     // of the log
  std::size_t findings_ = 0;  // how many of them the log names
};

}  // namespace backproof
