// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/event.h"

namespace backproof {

// One line on a terminal's stderr that says how far a run is: stage, bytes, rate, remaining time.
// Silent unless stderr is a terminal. One thread at a time.
class ProgressBar {
 public:
  ProgressBar(bool wanted, const Clock& clock);
  void show(const Progress& progress);
  void clear();  // before anything else is printed

 private:
  bool on_;
  const Clock& clock_;
  std::optional<Stage> stage_;
  Duration stage_began_{}, shown_{};
};

// The line itself, at most `columns` wide: "restore  [#####.....]  52 %  1.2 GiB of 2.3 GiB, 410
// MiB/s, 3s left". Bytes for stages that read, steps for others; without a total no bar.
std::string progress_line(const Progress& progress, Duration in_stage, std::size_t columns);

}  // namespace backproof
