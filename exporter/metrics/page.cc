// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

#include "base/text.h"
#include "exporter/utf8.h"

namespace backproof::metrics {
namespace {

prometheus::MetricFamily filled(const Family& family, const PageInput& input) {
  prometheus::MetricFamily out;
  out.name = family.doc.name;
  out.help = family.doc.help;
  out.type = family.doc.type == Type::counter ? prometheus::MetricType::Counter
                                              : prometheus::MetricType::Gauge;
  if (family.per_process != nullptr) {
    Samples samples(out, nullptr);
    family.per_process(input, samples);
  } else {
    for (const auto& state : input.snapshot.targets) {
      Samples samples(out, &state.target.name);
      family.per_target(state, samples);
    }
  }
  std::ranges::stable_sort(out.metric, {}, &prometheus::ClientMetric::label);
  return out;
}

std::string labels_in_markdown(const Family& family) {
  std::vector<std::string> quoted;
  if (family.per_target != nullptr) quoted.emplace_back("`target`");
  for (const std::string_view label : text::split(family.doc.labels, ','))
    if (!label.empty()) quoted.push_back("`" + std::string(text::trim(label)) + "`");
  return text::join(quoted, ", ");
}

}  // namespace

void Samples::add(double value, std::initializer_list<Label> labels) {
  prometheus::ClientMetric metric;
  if (target_ != nullptr) metric.label.push_back({"target", valid_utf8(*target_)});
  for (const auto& [name, text] : labels)
    metric.label.push_back({std::string(name), valid_utf8(text)});
  // The serializer reads the one that fits the family's type.
  metric.gauge.value = value;
  metric.counter.value = value;
  family_->metric.push_back(std::move(metric));
}

TimePoint end_of(const std::optional<Run>& run) {
  return run ? run->started + run->took : TimePoint{};
}

std::vector<const Family*> all_families() {
  std::vector<const Family*> families;
  for (const auto topic : {
#define TOPIC(name) name##_families(),
#include "exporter/metrics/families.def"
#undef TOPIC
       })
    for (const Family& family : topic) families.push_back(&family);
  std::ranges::sort(families, {}, [](const Family* family) { return family->doc.name; });
  return families;
}

std::string metrics_page(const Snapshot& snapshot, const ProcessStats* process) {
  std::vector<prometheus::MetricFamily> page;
  for (const Family* family : all_families()) {
    auto next = filled(*family, {snapshot, process});
    if (!next.metric.empty()) page.push_back(std::move(next));
  }
  return prometheus::TextSerializer().Serialize(page);
}

std::string metric_table() {
  std::string table =
      "| metric | type | labels | meaning | never ran / none |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Family* family : all_families()) {
    const FamilyDoc& doc = family->doc;
    table += "| `" + std::string(doc.name) + "` | ";
    table += doc.type == Type::counter ? "counter" : "gauge";
    table += " | " + labels_in_markdown(*family) + " | " + std::string(doc.help) + " | " +
             std::string(doc.none) + " |\n";
  }
  return table;
}

}  // namespace backproof::metrics
