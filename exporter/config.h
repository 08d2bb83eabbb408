// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "history/history.h"
#include "model/options.h"
#include "model/target.h"
#include "runner/plan.h"

namespace backproof {

// What the configuration file says, with every default filled in. Plain value; paths are absolute
// when the file's own path is.
struct Config {
  Path file;
  Path state_dir = "/var/lib/backproof";  // the history lives here
  Path scratch_dir = "/var/tmp";          // sandboxes are made below it
  int max_parallel = 1;                   // verifications at a time
  Duration inventory_interval = std::chrono::minutes(5);
  Retention retention;
  std::vector<Target> targets;  // in the order of the file

  Path history_file() const { return state_dir / "history.sqlite"; }
};

// Reads TOML text without touching the disk (but for the time zone database). `file` is where the
// text is from: relative paths in it are relative to that file's folder. Everything that is wrong
// is in `problems`, sorted by line; the config is worth using only when there are none. What
// sources, engines and checks make of their options is not known yet: load_config() asks them.
struct ParsedConfig {
  Config config;
  Problems problems;
  bool was_read = false;  // false: a syntax error hides all the rest
  // Where things stand in the file, for problems found later; 0 = not there.
  int state_dir_line = 0, scratch_dir_line = 0;
  std::vector<int> target_lines;
};
ParsedConfig parse_config(std::string_view toml, const Path& file);

// A configuration that can be run: the plans are those of config.targets, in the same order.
struct LoadedConfig {
  Config config;
  std::vector<Plan> plans;
};
// What problems that may pass (Problem::passing) are taken for: refuse is for who can correct the
// file now; keep for a program that would otherwise stop watching every target because something of
// one is not there. That program asks the sources later, too.
enum class Passing { refuse, keep };
// Nothing is loaded when there is a problem, but for those that are kept.
struct ConfigResult {
  std::optional<LoadedConfig> loaded;
  Problems problems;  // sorted by line
};
// Reads the file, checks its folders and makes every plan. Writes nothing.
ConfigResult load_config(const Path& file, Passing passing = Passing::refuse);

// For questions about the history: the file alone, without its folders and plans. No config when
// there is a problem.
struct ReadConfig {
  std::optional<Config> config;
  Problems problems;  // sorted by line
};
ReadConfig read_config(const Path& file);

// "FILE:LINE: text; hint: ...".
std::string problem_text(const Path& file, const Problem& problem);

// A target for one verification by hand: engine auto, the default checks, no schedule, no limits
// but the default ones.
Target one_off_target(std::string name);

// One key of the configuration file, for the reference in the README and for its test.
struct KeyDoc {
  std::string_view key;       // "retention.passed"; those of a target begin with "target."
  std::string_view type;      // string, integer, boolean, duration, size, table, array of tables
  std::string_view fallback;  // as TOML; empty: none. Not TOML in (): described
  std::string_view meaning;
};
// In the order of the reference.
std::vector<KeyDoc> config_keys();
// The reference as a Markdown table, ending with a newline.
std::string config_keys_markdown();

}  // namespace backproof
