// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_window.h"

#include <algorithm>
#include <cstring>

#include "engines/pg/copy_end.h"

namespace backproof {
namespace {

// Fits the cache of a core, so that looking at the same bytes more than once costs little.
constexpr std::size_t chunk = 256U << 10U;

}  // namespace

PlainWindow::PlainWindow(ByteSource& content) : content_(content) {
  make_room();
}

void PlainWindow::make_room() {
  const std::size_t kept = end_ - begin_;
  // Moved only over more bytes than it has, or when there is no room: each byte moves seldom.
  if (begin_ > 0 && (kept <= begin_ || capacity_ - end_ < chunk)) {
    std::memmove(memory_.get(), memory_.get() + begin_, kept);
    begin_ = 0;
    end_ = kept;
  }
  if (capacity_ - end_ >= chunk) return;  // else begin_ is 0
  capacity_ = std::min(2 * (capacity_ + chunk), longest_text + chunk);
  std::unique_ptr<char[]> larger(new char[capacity_]);  // its pages come when they are written
  if (kept > 0) std::memcpy(larger.get(), memory_.get(), kept);
  memory_ = std::move(larger);
}

Result<bool> PlainWindow::fill() {
  make_room();
  auto* const into = reinterpret_cast<unsigned char*>(memory_.get() + end_);
  TRY_ASSIGN(const std::size_t n, content_.read({into, chunk}));
  last_ = n == 0;
  const void* const nul = n == 0 ? nullptr : std::memchr(into, '\0', n);
  nul_ = nul != nullptr;
  const std::size_t good =
      nul_ ? static_cast<std::size_t>(static_cast<const unsigned char*>(nul) - into) : n;
  end_ += good;
  read_ += good;
  return !last_;
}

void PlainWindow::drop(std::size_t bytes) {
  if (bytes == 0) return;
  const std::string_view dropped = text().substr(0, bytes);
  line_ += count_lines(dropped);
  line_begins_ = dropped.back() == '\n';
  begin_ += bytes;
}

std::uint64_t PlainWindow::line_at(std::size_t byte) const {
  return line_ + count_lines(text().substr(0, byte));
}

}  // namespace backproof
