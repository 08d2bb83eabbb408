// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/metrics/proc_stat.h"
#include "exporter/web/access.h"
#include "model/snapshot.h"

namespace backproof::metrics {

// info: a gauge that is always 1, whose labels are facts; its name ends with _info.
enum class Type { gauge, counter, info };

// What a reader of the page must know of one family: the row of the metric table.
struct FamilyDoc {
  std::string_view name;  // "backproof_runs_total"
  Type type = Type::gauge;
  std::string_view help;    // one sentence, without backslash, quote and newline
  std::string_view labels;  // beside `target`, in their order, comma-separated; mostly empty
  std::string_view none;    // the value of a target that never ran, or where there is nothing
};

using Label = std::pair<std::string_view, std::string_view>;

// Where a family puts its samples, and how they become lines of the page. Makes label values valid
// UTF-8. One object serves for the whole page, so that its memory is asked for once. Used by one
// thread.
class Samples {
 public:
  void add(double value, std::initializer_list<Label> labels = {});
  // Counts and sizes; exact up to 2^53.
  void add(std::unsigned_integral auto value, std::initializer_list<Label> labels = {}) {
    add(static_cast<double>(value), labels);
  }
  void add(bool value, std::initializer_list<Label> labels = {}) { add(value ? 1.0 : 0.0, labels); }
  // Seconds; a time that is 1970 comes out as the 0 that means never.
  void add(Duration value, std::initializer_list<Label> labels = {}) {
    add(seconds_of(value), labels);
  }
  void add(TimePoint value, std::initializer_list<Label> labels = {}) {
    add(seconds_of(value), labels);
  }

  bool empty() const { return samples_.empty(); }
  // Appends a line for each sample, sorted by labels, and is empty again. `common` are labels of
  // all of them, as label_text() made them; may be empty.
  void write(std::string_view name, std::string_view common, std::string& page);

 private:
  struct Sample {
    std::size_t begin, end;  // of its labels, in text_
    double value;
  };
  std::string text_;
  std::vector<Sample> samples_;
};

// name="value", escaped as both of Prometheus' formats ask for.
std::string label_text(std::string_view name, std::string_view value);

// Everything that a page is made of.
struct PageInput {
  const Snapshot& snapshot;
  const ProcessStats* process;                        // null: process_* are left out
  const web::WebAccess::State* web_config = nullptr;  // null: there is none
};

// One family: its documentation and how it is filled. Exactly one of the two functions is set.
// Both are pure: same input, same samples.
struct Family {
  FamilyDoc doc;
  void (*per_target)(const TargetState&, Samples&) = nullptr;
  void (*per_process)(const PageInput&, Samples&) = nullptr;
};

#define TOPIC(name) std::span<const Family> name##_families();
#include "exporter/metrics/families.def"
#undef TOPIC

// When a run ended; "never" for none.
TimePoint end_of(const Boxed<Run>& run);

}  // namespace backproof::metrics
