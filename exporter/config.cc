// SPDX-License-Identifier: Apache-2.0
#include "exporter/config.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <tuple>

#include "base/text.h"

namespace backproof {
namespace {

// Whether we may write into `folder`, or make it; nothing is made.
Result<void> check_folder(Path folder) {
  const Path wanted = folder;
  std::error_code error;
  while (!std::filesystem::exists(std::filesystem::symlink_status(folder, error)) &&
         folder.has_relative_path())
    folder = folder.parent_path();
  const std::string shown = text::printable(folder.native());
  if (!std::filesystem::is_directory(folder, error))
    return Error{Cause::internal, shown + " is not a folder", "name another one"};
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  const std::string doing = folder == wanted ? "cannot write into " + shown
                                             : "cannot make " + text::printable(wanted.native()) +
                                                   ", because " + shown + " is not writable";
  return Error{Cause::internal, doing, "change its owner or mode, or name another folder"};
}

// A file that cannot be read is a problem without a line.
ParsedConfig parse_file(const Path& file) {
  std::error_code error;
  const Path absolute = std::filesystem::absolute(file, error);
  const auto toml = read_file(absolute);
  if (toml) return parse_config(*toml, absolute);
  ParsedConfig parsed;
  parsed.problems.push_back({0, toml.error().text, toml.error().hint});
  return parsed;
}

bool report_folder(std::string_view key, const Path& folder, int line, Problems& problems) {
  const auto checked = check_folder(folder);
  if (checked) return true;
  problems.push_back({line, std::string(key) + ": " + checked.error().text, checked.error().hint});
  return false;
}

void check_folders(const ParsedConfig& parsed, Problems& problems) {
  const Config& config = parsed.config;
  const bool state_is_good =
      report_folder("state_dir", config.state_dir, parsed.state_dir_line, problems);
  // Below a bad state folder nothing else can be good.
  if (state_is_good || parsed.scratch_dir_line != 0)
    report_folder("scratch_dir", config.scratch_dir, parsed.scratch_dir_line, problems);
}

std::vector<Plan> make_plans(const ParsedConfig& parsed, Problems& problems) {
  std::vector<Plan> plans;
  plans.reserve(parsed.config.targets.size());
  for (std::size_t i = 0; i < parsed.config.targets.size(); ++i) {
    const std::size_t before = problems.size();
    plans.push_back(make_plan(parsed.config.targets[i], problems));
    for (std::size_t n = before; n < problems.size(); ++n)
      if (problems[n].line == 0) problems[n].line = parsed.target_lines[i];
  }
  return plans;
}

// What is wrong with a source from the first day is said of the configuration; later, when a share
// may be away or hang, it is an error of list().
void reach_sources(const std::vector<Plan>& plans, Problems& problems) {
  for (const Plan& plan : plans) {
    if (!plan.source) continue;
    const Result<void> reached = plan.source->reach();
    if (reached) continue;
    Options options(plan.target.source.options, 0,
                    "target \"" + text::printable(plan.target.name) + "\", source", problems);
    options.passing_problem("path", reached.error().text, reached.error().hint);
  }
}

// By line; what several engines say of one shared option is said once.
void tidy(Problems& problems) {
  std::sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.text, a.passing) < std::tie(b.line, b.text, b.passing);
  });
  const auto same = [](const Problem& a, const Problem& b) {
    return a.line == b.line && a.text == b.text;
  };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
}

}  // namespace

ConfigResult load_config(const Path& file, Passing passing) {
  ConfigResult result;
  ParsedConfig parsed = parse_file(file);
  result.problems = std::move(parsed.problems);
  std::vector<Plan> plans;
  if (parsed.was_read) {
    check_folders(parsed, result.problems);
    plans = make_plans(parsed, result.problems);
    if (passing == Passing::refuse) reach_sources(plans, result.problems);
  }
  tidy(result.problems);
  const bool may_be_used = std::all_of(
      result.problems.begin(), result.problems.end(),
      [&](const Problem& problem) { return problem.passing && passing == Passing::keep; });
  if (may_be_used) result.loaded = LoadedConfig{std::move(parsed.config), std::move(plans)};
  return result;
}

ReadConfig read_config(const Path& file) {
  ReadConfig result;
  ParsedConfig parsed = parse_file(file);
  result.problems = std::move(parsed.problems);
  tidy(result.problems);
  if (result.problems.empty()) result.config = std::move(parsed.config);
  return result;
}

std::string problem_text(const Path& file, const Problem& problem) {
  std::string out = text::printable(file.native());
  if (problem.line > 0) out += ':' + std::to_string(problem.line);
  out += ": " + problem.text;
  return problem.hint.empty() ? out : out + "; hint: " + problem.hint;
}

Target one_off_target(std::string name) {
  Target target;
  target.name = std::move(name);
  target.checks = default_checks();
  return target;
}

}  // namespace backproof
