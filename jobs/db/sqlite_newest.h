// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "db/sqlite_record.h"

namespace backproof {

// The newest of the times in a column: what epoch_sql() (db/times.h) gives for its values at most,
// without asking SQL for each.
class NewestTime {
 public:
  // `latest`, in seconds since 1970: what is later does not count.
  explicit NewestTime(std::int64_t latest) : latest_(latest) {}

  void add(const SqliteValue& value);  // text in UTF-8
  // A text that is not looked at.
  void add_unread() { has_unread_ = true; }

  // In seconds since 1970; 0 for none after it.
  std::int64_t seconds() const { return newest_; }
  // True when there was text that is a time only if SQLite says so: SQL has to be asked.
  bool has_unread() const { return has_unread_; }

 private:
  void add_seconds(std::int64_t seconds) {
    if (seconds > newest_ && seconds <= latest_) newest_ = seconds;
  }

  std::int64_t latest_, newest_ = 0;
  bool has_unread_ = false;
};

// What a text in the plainest of ISO 8601's forms is in seconds since 1970: YYYY-MM-DD, and behind
// a space or T also HH:MM, HH:MM:SS or HH:MM:SS with up to three decimals, all of which may end
// with Z. Nothing for others, though SQLite may read them as times.
std::optional<std::int64_t> plain_time(std::string_view text);

}  // namespace backproof
