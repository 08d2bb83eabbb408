// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/page.h"

#include <algorithm>

#include "base/text.h"

namespace backproof::metrics {
namespace {

// A target of the page: its state, and its label as it stands in each line.
struct PageTarget {
  const TargetState* state;
  std::string label;
};

std::vector<PageTarget> targets_of(const Snapshot& snapshot) {
  std::vector<PageTarget> targets;
  targets.reserve(snapshot.targets.size());
  for (const TargetState& state : snapshot.targets)
    targets.push_back({&state, label_text("target", state.target->name)});
  std::ranges::sort(targets, {}, &PageTarget::label);
  return targets;
}

// In OpenMetrics a family is named without what its samples' names end with.
std::string_view family_name(const FamilyDoc& doc, PageFormat format) {
  if (format == PageFormat::text) return doc.name;
  const std::string_view suffix = doc.type == Type::counter ? "_total"
                                  : doc.type == Type::info  ? "_info"
                                                            : "";
  return doc.name.substr(0, doc.name.size() - suffix.size());
}

std::string_view type_name(Type type, PageFormat format) {
  switch (type) {
    case Type::gauge:
      return "gauge";
    case Type::counter:
      return "counter";
    case Type::info:
      return format == PageFormat::text ? "gauge" : "info";
  }
  return "";
}

void write_head(const FamilyDoc& doc, PageFormat format, std::string& page) {
  const std::string_view name = family_name(doc, format);
  (((page += "# HELP ") += name) += ' ') += doc.help;
  (((page += "\n# TYPE ") += name) += ' ') += type_name(doc.type, format);
  page += '\n';
  if (format == PageFormat::text) return;
  for (const std::string_view unit : {"seconds", "bytes", "ratio"})
    if (name.ends_with("_" + std::string(unit)))
      ((((page += "# UNIT ") += name) += ' ') += unit) += '\n';
}

class PageWriter {
 public:
  PageWriter(const PageInput& input, PageFormat format, std::function<void(std::string_view)> part)
      : input_(input),
        format_(format),
        part_(std::move(part)),
        targets_(targets_of(input.snapshot)) {}

  void write(const Family& family) {
    head_written_ = false;
    if (family.per_process != nullptr) {
      family.per_process(input_, samples_);
      flush(family.doc, "");
      return;
    }
    for (const PageTarget& target : targets_) {
      family.per_target(*target.state, samples_);
      flush(family.doc, target.label);
    }
  }

  void finish() {
    if (format_ == PageFormat::open_metrics) page_ += "# EOF\n";
    part_(page_);
  }

 private:
  void flush(const FamilyDoc& doc, std::string_view common) {
    if (samples_.empty()) return;
    if (!head_written_) write_head(doc, format_, page_);
    head_written_ = true;
    samples_.write(doc.name, common, page_);
    constexpr std::size_t enough = 1U << 18U;
    if (page_.size() < enough) return;
    part_(page_);
    page_.clear();
  }

  const PageInput input_;
  const PageFormat format_;
  const std::function<void(std::string_view)> part_;
  const std::vector<PageTarget> targets_;
  std::string page_;  // what of it is no part yet
  Samples samples_;
  bool head_written_ = false;
};

std::string labels_in_markdown(const Family& family) {
  std::vector<std::string> quoted;
  if (family.per_target != nullptr) quoted.emplace_back("`target`");
  for (const std::string_view label : text::split(family.doc.labels, ','))
    if (!label.empty()) quoted.push_back("`" + std::string(text::trim(label)) + "`");
  return text::join(quoted, ", ");
}

}  // namespace

TimePoint end_of(const Boxed<Run>& run) {
  return run ? backproof::end_of(*run) : TimePoint{};
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

void write_metrics_page(const PageInput& input, PageFormat format,
                        const std::function<void(std::string_view)>& write) {
  PageWriter writer(input, format, write);
  for (const Family* family : all_families()) writer.write(*family);
  writer.finish();
}

std::string metrics_page(const PageInput& input, PageFormat format) {
  std::string page;
  write_metrics_page(input, format, [&](std::string_view part) { page += part; });
  return page;
}

std::string target_page(const Snapshot& snapshot) {
  std::string page;
  const auto add = [&](std::string_view part) { page += part; };
  PageWriter writer({snapshot, nullptr}, PageFormat::text, add);
  for (const Family* family : all_families())
    if (family->per_target != nullptr) writer.write(*family);
  writer.finish();
  return page;
}

std::string metric_table() {
  std::string table =
      "| metric | type | labels | meaning | never ran / none |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Family* family : all_families()) {
    const FamilyDoc& doc = family->doc;
    table += "| `" + std::string(doc.name) + "` | ";
    table += type_name(doc.type, PageFormat::text);
    table += " | " + labels_in_markdown(*family) + " | " + std::string(doc.help) + " | " +
             std::string(doc.none) + " |\n";
  }
  return table;
}

}  // namespace backproof::metrics
