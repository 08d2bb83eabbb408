// SPDX-License-Identifier: Apache-2.0
#include "exporter/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t bar_width = 24;
constexpr Duration redraw = std::chrono::milliseconds(100);

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

bool is_in_bytes(Stage stage) {
  return stage == Stage::fetch || stage == Stage::restore;
}

}  // namespace

std::string progress_line(const Progress& progress, Duration in_stage, std::size_t columns) {
  std::string line(name_of(progress.stage));
  line.resize(10, ' ');
  const double seconds = seconds_of(in_stage);
  const auto done = static_cast<double>(progress.done);
  if (progress.total > 0) {
    const double share = std::min(1.0, done / static_cast<double>(progress.total));
    const auto filled = static_cast<std::size_t>(share * bar_width);
    line += '[' + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] ";
    line += std::to_string(static_cast<int>(share * 100)) + " %";
  }
  if (is_in_bytes(progress.stage)) {
    line += "  " + text::format_size(progress.done);
    if (progress.total > 0) line += " of " + text::format_size(progress.total);
    if (seconds > 0.5)
      line += ", " + text::format_size(static_cast<std::uintmax_t>(done / seconds)) + "/s";
  }
  if (progress.total > progress.done && progress.done > 0 && seconds > 0.5) {
    const double left = seconds * (static_cast<double>(progress.total) / done - 1);
    line +=
        ", " + text::format_duration(std::chrono::seconds(static_cast<long>(left) + 1)) + " left";
  }
  return line.substr(0, columns);
}

ProgressBar::ProgressBar(bool wanted, const Clock& clock)
    : on_(wanted && isatty(STDERR_FILENO) == 1), clock_(clock) {}

void ProgressBar::show(const Progress& progress) {
  if (!on_) return;
  const Duration now = clock_.elapsed();
  if (stage_ != progress.stage) {
    stage_ = progress.stage;
    stage_began_ = now;
  } else if (now - shown_ < redraw) {
    return;
  }
  shown_ = now;
  std::cerr << "\r\x1b[K" << progress_line(progress, now - stage_began_, terminal_columns() - 1)
            << std::flush;
}

void ProgressBar::clear() {
  if (on_ && stage_) std::cerr << "\r\x1b[K" << std::flush;
  stage_.reset();
}

}  // namespace backproof
