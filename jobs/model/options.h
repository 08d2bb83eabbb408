// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace backproof {

// A configuration value with the line it came from (0 = not from a file). Neutral: nothing below
// exporter/config.cc knows TOML.
struct Value;
using List = std::vector<Value>;
using Table = std::map<std::string, Value, std::less<>>;
struct Value {
  std::variant<bool, std::int64_t, double, std::string, List, Table> data;
  int line = 0;

  bool operator==(const Value& other) const { return data == other.data; }
};
// As JSON (the worker's job) and back; lines are lost.
std::string to_json(const Table& table);
std::optional<Table> table_from_json(std::string_view json);

// One thing wrong with a configuration.
struct Problem {
  int line = 0;
  std::string text;  // lowercase fact with the key and the value's type, never a secret
  std::string hint;
  // May be otherwise in an hour without a change to the configuration: a folder that is not
  // mounted yet. Everything else stays wrong until somebody edits the file.
  bool passing = false;
};
using Problems = std::vector<Problem>;

// A value as a database would write it.
struct PlainValue {
  enum class Kind { text, number, truth };
  Kind kind = Kind::text;
  std::string text;
};

// A key that a getter asked for: its documentation, from the code that reads it.
struct KnownOption {
  std::string key, type;
  std::string fallback;  // as TOML; empty: none
  bool is_required = false;
};

// A strict typed view of one table. Each getter takes its key out; what nobody took is an unknown
// key. Getters of a wrong type or bad text add a problem (with line, key and an example) and
// return the fallback, so one pass reports everything. Lives shorter than table and problems.
class Options {
 public:
  // `where` names the table in problems: "target \"crm\"".
  Options(const Table& table, int line, std::string where, Problems& problems);

  bool has(std::string_view key) const;
  bool boolean(std::string_view key, bool fallback);
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                       std::int64_t max);
  std::string string(std::string_view key, const std::string& fallback);
  std::string required_string(std::string_view key);
  Duration duration(std::string_view key, Duration fallback);          // "36h"
  std::uintmax_t size(std::string_view key, std::uintmax_t fallback);  // "20GiB" or a number
  // One of `allowed`; a problem names the nearest.
  std::string choice(std::string_view key, std::string fallback,
                     const std::vector<std::string>& allowed);
  std::vector<std::string> strings(std::string_view key);
  // The same where an empty list means nothing: a problem that says `missing`, with an example.
  std::vector<std::string> required_strings(std::string_view key, const std::string& missing,
                                            const std::string& example);
  // A string, an integer or a boolean, nothing when the key is absent.
  std::optional<PlainValue> plain(std::string_view key);
  // An array of arrays of such values.
  std::vector<std::vector<PlainValue>> rows(std::string_view key);
  // Sub-table, empty when absent; its keys are taken by an Options of its own.
  const Table& table(std::string_view key);
  std::vector<const Table*> tables(std::string_view key);  // array of tables, or one table

  // For a problem found by the caller with the value of `key`.
  void problem(std::string_view key, const std::string& text, std::string hint = "");
  // The same, for one that may pass.
  void passing_problem(std::string_view key, const std::string& text, std::string hint = "");
  int line_of(std::string_view key) const;
  const std::string& where() const { return where_; }

  // Those that were asked for so far, in this order.
  const std::vector<KnownOption>& known() const { return known_; }
  // Reports unknown keys, each with the nearest known one. Call once, last.
  void finish();

 private:
  const Value* take(std::string_view key, std::string_view type, std::string fallback = "",
                    bool is_required = false);

  const Table* table_;
  int line_;
  std::string where_;
  Problems* problems_;
  std::vector<KnownOption> known_;
};

}  // namespace backproof
