// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/copy.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>

#include "base/text.h"
#include "engines/pg/binary_rows.h"
#include "engines/pg/text_order.h"

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
  // How many rows the server took.
  Result<std::uint64_t> drain(pg::Connection& connection, const std::string& sql,
                              const std::vector<PgBinaryType>& types) {
    std::vector<unsigned char> piece;
    std::uint64_t rows = 0;
    if (!types.empty()) {
      TRY_ASSIGN(rows, drain_binary(connection, sql, types, piece));
      if (piece.empty()) return rows;
    } else {
      piece = pop();
    }
    TRY(connection.copy_begin(sql));
    for (; !piece.empty(); piece = pop()) TRY(connection.copy_put(piece));
    TRY_ASSIGN(const std::uint64_t more, connection.copy_end());
    return rows + more;
  }
  // Until no piece is left, or `piece` begins with a row that has to go as text.
  Result<std::uint64_t> drain_binary(pg::Connection& connection, const std::string& sql,
                                     const std::vector<PgBinaryType>& types,
                                     std::vector<unsigned char>& piece) {
    TRY(connection.copy_begin(sql.substr(0, sql.find_last_not_of("; \n") + 1) +
                              " WITH (FORMAT binary)"));
    TRY(connection.copy_put(pg_rows::header()));
    std::vector<unsigned char> tuples;
    for (piece = pop(); !piece.empty(); piece = pop()) {
      tuples.clear();
      const std::size_t taken = pg_rows::encode(types, piece, tuples);
      TRY(connection.copy_put(tuples));
      if (taken == piece.size()) continue;
      piece.erase(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken));
      break;
    }
    TRY(connection.copy_put(pg_rows::trailer()));
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
  crew_.give([lane, sql = target_.sql, table = target_.table, oid = target_.oid, types = types_,
              divisible = target_.divisible, knows_order = target_.knows_order, at = at_,
              taken = taken_](pg::Connection& connection) -> Result<void> {
    const auto rows = lane->drain(connection, sql, types);
    lane->finish(lane->abandoned);
    if (!rows) {
      const Error error = knows_order ? rows.error() : in_some_order(connection, rows.error());
      return error.while_doing("rows of " + text::printable(table) + " at " + at.str());
    }
    if (!divisible) (*taken)(oid, *rows);
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
    if (lanes_.empty() && target_.grown) {
      TRY_ASSIGN(types_, target_.grown());
    }
    const std::size_t whole = pg_rows::end_of_last(gathered_);
    // What a backslash stands for is told by what follows it.
    const std::size_t part_of_row =
        gathered_.size() - (pg_rows::is_escaped(gathered_, gathered_.size()) ? 1 : 0);
    TRY(hand_over(whole == 0 ? part_of_row : whole, whole != 0));
  }
  return {};
}

Result<void> PgCopy::end() {
  if (!gathered_.empty() || lanes_.empty()) TRY(hand_over(gathered_.size(), true));
  finish_lanes();
  return {};
}

}  // namespace backproof
