// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "model/stage.h"

namespace backproof {

// A number or a name that belongs to a line: "bytes" and "4096". Keys are of a-z, 0-9 and _.
struct LogField {
  std::string key, value;

  bool operator==(const LogField&) const = default;
};
using LogFields = std::vector<LogField>;

// One line of a run's log (model/log_line.h). No row values.
struct LogLine {
  TimePoint time;
  std::string text;
  log::Level level = log::Level::info;
  std::optional<Stage> stage{};  // in which it was said
  LogFields fields{};

  bool operator==(const LogLine&) const = default;
};

}  // namespace backproof
