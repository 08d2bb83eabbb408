// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace backproof {

// Which dumps of a text were begun and which have their end: each head of pg_dump needs its end
// mark, those of pg_dumpall enclose others, and \restrict needs its \unrestrict. All lines are
// those where the thing stands; an Error says why the text is not whole or was not written by
// pg_dump.
class PlainMarks {
 public:
  Result<void> dump_head(std::uint64_t line);
  Result<void> cluster_head(std::uint64_t line);
  Result<void> dump_end(std::uint64_t line);
  Result<void> cluster_end(std::uint64_t line);
  // "--": the second half of an end mark, and nothing elsewhere.
  void dashes() { frame_open_ = false; }
  Result<void> comment(std::uint64_t line) const;

  // A statement begins.
  Result<void> statement(std::uint64_t line) const;
  void creates_database(const std::string& name) { created_ = name; }
  Result<void> connect(const std::string& database, std::uint64_t line);
  Result<void> encoding(std::uint64_t line) const;
  Result<void> restricts(const std::string& key, std::uint64_t line);
  Result<void> unrestricts(const std::string& key, std::uint64_t line);
  // By this key.
  bool restricted(const std::string& key) const { return !key_.empty() && key_ == key; }

  // The text ends in `line`; `where` says in which object (" in TABLE public.users"). True when an
  // end mark was the last thing.
  Result<bool> finish(std::uint64_t line, const std::string& where) const;
  bool cluster() const { return cluster_; }
  std::uint64_t dumps() const { return dumps_; }

 private:
  bool done() const { return ended_ != 0 && dump_ == 0 && cluster_begins_ == 0; }
  Result<void> unrestricted(std::uint64_t line) const;

  std::uint64_t dump_ = 0, cluster_begins_ = 0;  // where the open one begins; 0 = none is open
  std::uint64_t ended_ = 0;                      // where the last end mark stands
  std::uint64_t dumps_ = 0;
  bool cluster_ = false;
  bool frame_open_ = false;  // the second half of an end mark is missing
  std::string created_;      // the database that the open dump made
  std::string key_;
};

}  // namespace backproof
