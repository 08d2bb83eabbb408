// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/metrics/proc_stat.h"
#include "model/snapshot.h"

namespace prometheus {
struct MetricFamily;
}

namespace backproof::metrics {

enum class Type { gauge, counter };

// What a reader of the page must know of one family: the row of the metric table.
struct FamilyDoc {
  std::string_view name;  // "backproof_runs_total"
  Type type = Type::gauge;
  std::string_view help;    // one sentence, no backslash, no newline: the serializer escapes none
  std::string_view labels;  // beside `target`, in their order, comma-separated; mostly empty
  std::string_view none;    // the value of a target that never ran, or where there is nothing
};

using Label = std::pair<std::string_view, std::string_view>;

// Where a family puts its samples. Makes label values valid UTF-8. Used by one thread.
class Samples {
 public:
  // `target` labels every sample; null for a family of the process.
  Samples(prometheus::MetricFamily& family, const std::string* target)
      : family_(&family), target_(target) {}

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

 private:
  prometheus::MetricFamily* family_;
  const std::string* target_;
};

// Everything that a page is made of.
struct PageInput {
  const Snapshot& snapshot;
  const ProcessStats* process;  // null: process_* are left out
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
TimePoint end_of(const std::optional<Run>& run);

}  // namespace backproof::metrics
