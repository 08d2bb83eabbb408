// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_marks.h"

#include "engines/pg/plain_errors.h"

namespace backproof {

using plain_error::at;
using plain_error::damaged;
using plain_error::hostile;
using plain_error::no_end;
using plain_error::unfinished;

Result<void> PlainMarks::unrestricted(std::uint64_t line) const {
  if (key_.empty()) return {};
  return hostile(line, "a psql command between \\restrict and \\unrestrict");
}

Result<void> PlainMarks::dump_head(std::uint64_t line) {
  if (dump_ != 0) return no_end(dump_, "before " + at(line) + ", where the next one begins");
  dump_ = line;
  created_.clear();
  ++dumps_;
  return {};
}

Result<void> PlainMarks::cluster_head(std::uint64_t line) {
  for (const std::uint64_t open : {dump_, cluster_begins_})
    if (open != 0) return no_end(open, "before " + at(line) + ", where the next one begins");
  cluster_begins_ = line;
  cluster_ = true;
  return {};
}

Result<void> PlainMarks::dump_end(std::uint64_t line) {
  if (dump_ == 0) return damaged("the end mark in " + at(line) + " has no head before it");
  dump_ = 0;
  ended_ = line;
  frame_open_ = true;
  return {};
}

Result<void> PlainMarks::cluster_end(std::uint64_t line) {
  if (dump_ != 0) return no_end(dump_, "before the end of the cluster's in " + at(line));
  if (cluster_begins_ == 0)
    return damaged("the end mark in " + at(line) + " has no head before it");
  cluster_begins_ = 0;
  ended_ = line;
  frame_open_ = true;
  return {};
}

Result<void> PlainMarks::comment(std::uint64_t line) const {
  if (!frame_open_) return {};
  return damaged(at(line) + " stands in the middle of the end mark of line " +
                 std::to_string(ended_));
}

Result<void> PlainMarks::statement(std::uint64_t line) const {
  TRY(comment(line));
  if (!done()) return {};
  return damaged(at(line) + " is text behind the end mark in line " + std::to_string(ended_));
}

Result<void> PlainMarks::connect(const std::string& database, std::uint64_t line) {
  TRY(statement(line));
  TRY(unrestricted(line));
  // A dump that makes its database goes into it, and again when that got its properties; between
  // the dumps of a cluster none is open.
  if (dump_ != 0 && created_ != database)
    return no_end(dump_, "before the \\connect in " + at(line));
  return {};
}

Result<void> PlainMarks::encoding(std::uint64_t line) const {
  TRY(statement(line));
  return unrestricted(line);
}

Result<void> PlainMarks::restricts(const std::string& key, std::uint64_t line) {
  TRY(statement(line));
  TRY(unrestricted(line));
  key_ = key;
  return {};
}

Result<void> PlainMarks::unrestricts(const std::string& key, std::uint64_t line) {
  TRY(comment(line));
  if (key_.empty()) return damaged("the \\unrestrict in " + at(line) + " has no \\restrict");
  if (key_ != key) return hostile(line, "an \\unrestrict with another key than its \\restrict");
  key_.clear();
  return {};
}

Result<bool> PlainMarks::finish(std::uint64_t line, const std::string& where) const {
  const std::uint64_t open = dump_ != 0 ? dump_ : cluster_begins_;
  if (open != 0) return no_end(open, "and ends in " + at(line) + where);
  if (frame_open_ || !key_.empty()) return unfinished(line, "its end mark");
  return ended_ != 0;
}

}  // namespace backproof
