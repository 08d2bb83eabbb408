// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_row_facts.h"

#include <algorithm>

namespace backproof {

bool wants_facts(const FactsWanted& wanted) {
  return wanted.digests || latest_wanted(wanted) != 0;
}

std::int64_t latest_wanted(const FactsWanted& wanted) {
  return std::chrono::floor<std::chrono::seconds>(wanted.newest_before).time_since_epoch().count();
}

RowFactsSum::RowFactsSum(const std::vector<SqliteColumn>& columns, const FactsWanted& wanted)
    : wants_digest_(wanted.digests) {
  const std::int64_t latest = latest_wanted(wanted);
  const auto column = [&](int place) { return columns[static_cast<std::size_t>(place)]; };
  for (int place = 0; place < static_cast<int>(columns.size()); ++place)
    if (wanted.digests || (latest != 0 && column(place).is_time)) columns_.push_back(place);
  std::ranges::sort(columns_, {}, [&](int place) { return column(place).name; });
  for (const int place : columns_) {
    const bool is_time = latest != 0 && column(place).is_time;
    time_of_.push_back(is_time ? times_.size() : none);
    if (is_time) times_.emplace_back(latest);
  }
}

void RowFactsSum::add(const SqliteValue& value) {
  if (const std::size_t time = time_of_[next_]; time != none) times_[time].add(value);
  ++next_;
  if (!wants_digest_) return;
  switch (value.kind) {
    case SqliteValue::Kind::null:
      return text_.add_null();
    case SqliteValue::Kind::integer:
      return text_.add_integer(value.integer);
    case SqliteValue::Kind::real:
      return text_.add_real(value.real);
    case SqliteValue::Kind::text:
      return text_.add_text(
          {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
    case SqliteValue::Kind::blob:
      return text_.add_blob(value.bytes);
  }
}

RowText* RowFactsSum::add_pieces() {
  if (const std::size_t time = time_of_[next_]; time != none) times_[time].add_unread();
  ++next_;
  return wants_digest_ ? &text_ : nullptr;
}

RowFacts RowFactsSum::facts() const {
  RowFacts facts;
  facts.rows = rows_;
  if (wants_digest_) facts.digest = digest_text(digest_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (time_of_[i] == none) continue;
    const NewestTime& time = times_[time_of_[i]];
    if (time.has_unread()) facts.unread.push_back(columns_[i]);
    facts.newest = std::max(facts.newest, time.seconds());
  }
  return facts;
}

}  // namespace backproof
