// SPDX-License-Identifier: Apache-2.0
#include "engines/pg_copy.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t piece_size = 1U << 18U;
constexpr std::size_t most_waiting = 4;  // pieces, for one session

}  // namespace

// The pieces for one session. Filled by the reader of the dump, drained by a member of the crew.
struct PgCopy::Lane {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::vector<unsigned char>> pieces;  // guarded by mutex
  bool complete = false;                          // guarded by mutex: no piece will follow
  bool abandoned = false;                         // guarded by mutex: nobody drains any more

  std::size_t waiting() {
    const std::lock_guard lock(mutex);
    return pieces.size();
  }
  // False when nobody drains.
  bool push(std::vector<unsigned char> piece) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return abandoned || pieces.size() < most_waiting; });
    if (!abandoned) pieces.push_back(std::move(piece));
    changed.notify_all();
    return !abandoned;
  }
  // Empty when no piece will follow.
  std::vector<unsigned char> pop() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return complete || !pieces.empty(); });
    if (pieces.empty()) return {};
    std::vector<unsigned char> piece = std::move(pieces.front());
    pieces.pop_front();
    changed.notify_all();
    return piece;
  }
  void finish(bool& what) {
    const std::lock_guard lock(mutex);
    what = true;
    changed.notify_all();
  }
  Result<std::uint64_t> drain(pg::Connection& connection, const std::string& sql) {
    TRY(connection.copy_begin(sql));
    while (true) {
      const std::vector<unsigned char> piece = pop();
      if (piece.empty()) break;
      TRY(connection.copy_put(piece));
    }
    return connection.copy_end();
  }
};

PgCopy::PgCopy(PgCrew& crew, Target target, DumpPlace at, Taken taken)
    : crew_(crew),
      target_(std::move(target)),
      at_(at),
      taken_(std::make_shared<const Taken>(std::move(taken))) {
  gathered_.reserve(piece_size);
}

PgCopy::~PgCopy() {
  finish_lanes();
}

void PgCopy::finish_lanes() {
  for (const auto& lane : lanes_) lane->finish(lane->complete);
}

void PgCopy::open_lane() {
  auto lane = std::make_shared<Lane>();
  lanes_.push_back(lane);
  crew_.give([lane, sql = target_.sql, table = target_.table, oid = target_.oid, at = at_,
              taken = taken_](pg::Connection& connection) -> Result<void> {
    const auto rows = lane->drain(connection, sql);
    lane->finish(lane->abandoned);
    if (!rows)
      return rows.error().while_doing("rows of " + text::printable(table) + " at " + at.str());
    (*taken)(oid, *rows);
    return {};
  });
}

// The session with the shortest queue; one more where all are busy and one is idle.
void PgCopy::choose_lane() {
  std::size_t least = most_waiting;
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (const std::size_t waiting = lanes_[i]->waiting(); waiting < least) {
      least = waiting;
      current_ = i;
    }
  const bool more = lanes_.empty() || (target_.divisible && least > 1 && crew_.has_idle());
  if (!more) return;
  open_lane();
  current_ = lanes_.size() - 1;
}

Result<void> PgCopy::hand_over(std::size_t bytes, bool ends_row) {
  if (!in_row_) choose_lane();
  std::vector<unsigned char> piece;
  piece.reserve(piece_size);
  piece.assign(gathered_.begin() + static_cast<std::ptrdiff_t>(bytes), gathered_.end());
  gathered_.resize(bytes);
  std::swap(piece, gathered_);
  in_row_ = !ends_row;
  if (lanes_[current_]->push(std::move(piece))) return {};
  // Its session met an error, which is the crew's to say once nobody waits for rows any more.
  finish_lanes();
  TRY(crew_.wait());
  return Error{Cause::internal, "a session stopped taking rows without an error", ""};
}

Result<void> PgCopy::rows(ByteView rows) {
  while (!rows.empty()) {
    const std::size_t room = piece_size - gathered_.size();
    const ByteView part = rows.first(std::min(room, rows.size()));
    gathered_.insert(gathered_.end(), part.begin(), part.end());
    rows = rows.subspan(part.size());
    if (gathered_.size() < piece_size) return {};
    if (lanes_.empty() && target_.grown) TRY(target_.grown());
    const void* last = memrchr(gathered_.data(), '\n', gathered_.size());
    const std::size_t whole =
        last == nullptr
            ? 0
            : static_cast<std::size_t>(static_cast<const unsigned char*>(last) - gathered_.data()) +
                  1;
    TRY(hand_over(whole == 0 ? gathered_.size() : whole, whole != 0));
  }
  return {};
}

Result<void> PgCopy::end() {
  if (!gathered_.empty() || lanes_.empty()) TRY(hand_over(gathered_.size(), true));
  finish_lanes();
  return {};
}

}  // namespace backproof
