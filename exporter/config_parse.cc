// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "exporter/config.h"
#include "exporter/config_target.h"
#include "exporter/config_toml.h"

namespace backproof {
namespace {

Path read_folder(Options& options, std::string_view key, const Path& folder, const Path& fallback) {
  const std::string given = options.string(key, fallback.native());
  if (given.empty()) options.problem(key, "expected a folder, got an empty string");
  Path path = (folder / given).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

Duration at_least(Options& options, std::string_view key, Duration least, Duration fallback) {
  const Duration given = options.duration(key, fallback);
  if (given >= least) return given;
  options.problem(key, "expected at least " + text::format_duration(least) + ", got " +
                           text::format_duration(given));
  return fallback;
}

Retention read_retention(Options& root, Problems& problems) {
  Options options(root.table("retention"), root.line_of("retention"), "retention", problems);
  Retention retention;
  const Duration least = std::chrono::days(1);
  retention.passed = at_least(options, "passed", least, retention.passed);
  retention.not_passed = at_least(options, "not_passed", least, retention.not_passed);
  retention.logs = at_least(options, "logs", least, retention.logs);
  retention.logs_per_target =
      static_cast<std::uint64_t>(options.integer("logs_per_target", 1000, 1, 1'000'000));
  options.finish();
  return retention;
}

TargetSettings read_defaults(Options& root, Isolation isolation, Problems& problems) {
  TargetSettings settings;
  settings.limits.require_isolation = isolation;
  Options options(root.table("defaults"), root.line_of("defaults"), "defaults", problems);
  settings = read_settings(options, settings, problems);
  options.finish();
  return settings;
}

void read_targets(const Table& table, Options& root, const TargetSettings& defaults,
                  ParsedConfig& parsed) {
  Problems& problems = parsed.problems;
  root.tables("target");  // says so when it is something else
  const auto found = table.find("target");
  const List* given = found == table.end() ? nullptr : std::get_if<List>(&found->second.data);
  if (found == table.end() || (given != nullptr && given->empty())) {
    problems.push_back(
        {root.line_of("target"), "no target: nothing would be verified", "add a [[target]]"});
    return;
  }
  const Path folder = parsed.config.file.parent_path();
  TargetReader reader(defaults, folder, problems);
  const List one{found->second};
  parsed.config.targets.reserve(given == nullptr ? 1 : given->size());
  for (const Value& entry : given == nullptr ? one : *given) {
    const auto* target = std::get_if<Table>(&entry.data);
    if (target == nullptr) continue;
    parsed.config.targets.push_back(
        reader.read(*target, entry.line, parsed.config.targets.size() + 1));
    parsed.target_lines.push_back(entry.line);
  }
}

}  // namespace

ParsedConfig parse_config(std::string_view toml, const Path& file) {
  ParsedConfig parsed;
  Config& config = parsed.config;
  Problems& problems = parsed.problems;
  config.file = file;
  const Table table = table_from_toml(toml, problems);
  parsed.was_read = !table.empty() || problems.empty();
  if (!parsed.was_read) return parsed;
  const Path folder = file.parent_path();
  Options options(table, 0, "", problems);
  config.state_dir = read_folder(options, "state_dir", folder, config.state_dir);
  config.scratch_dir = read_folder(options, "scratch_dir", folder, config.scratch_dir);
  config.max_parallel = static_cast<int>(options.integer("max_parallel", 1, 1, 64));
  config.inventory_interval =
      at_least(options, "inventory_interval", std::chrono::seconds(1), config.inventory_interval);
  const Isolation isolation =
      isolation_named(options.choice("require_isolation", "full", {"full", "partial", "none"}))
          .value_or(Isolation::full);
  config.retention = read_retention(options, problems);
  const TargetSettings defaults = read_defaults(options, isolation, problems);
  read_targets(table, options, defaults, parsed);
  options.finish();
  parsed.state_dir_line = options.line_of("state_dir");
  parsed.scratch_dir_line = options.line_of("scratch_dir");
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return parsed;
}

}  // namespace backproof
