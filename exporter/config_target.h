// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/file.h"
#include "model/options.h"
#include "model/target.h"

namespace backproof {

// The keys that [defaults] and a [[target]] share.
struct TargetSettings {
  bool enabled = true;
  std::string engine = "auto";
  std::string schedule = "@weekly";  // or "none"
  std::string time_zone = "UTC";
  Duration jitter{};                  // 0 = none
  std::vector<std::string> blackout;  // windows that Blackout::parse() takes
  std::optional<Duration> max_age;    // nothing: follows from the schedule
  Duration rpo{}, rto{};
  Limits limits;
  RetrySpec retry;
  bool on_arrival = false;
};

// Takes the shared keys out of `options`; what is absent or wrong is as in `fallback`.
TargetSettings read_settings(Options& options, TargetSettings fallback, Problems& problems);

// Those of them that bound a run, and say when one is tried again. exporter/config_limits.cc
void read_limits(Options& options, Limits& limits, Problems& problems);
void read_retry(Options& options, RetrySpec& retry, Problems& problems);

// Those of them that say when a target runs. exporter/config_schedule.cc, as are the next three.
void read_start_settings(Options& options, TargetSettings& settings);
void take_start_settings(const TargetSettings& settings, Target& target);

// Whether the target's jitter is shorter than the time between any two runs of its schedules.
void check_jitter(Options& options, const Target& target);

// The key `schedule` of a table: nothing where it is "none".
std::optional<Schedule> read_schedule(Options& options, const std::string& fallback,
                                      const std::string& zone);

// Reads one [[target]] at a time and knows the names that were given before.
class TargetReader {
 public:
  // Relative paths of sources are below `folder`. All arguments live longer.
  TargetReader(const TargetSettings& defaults, const Path& folder, Problems& problems)
      : defaults_(defaults), folder_(folder), problems_(problems) {}

  // `number` counts from 1 and names a target that has no name.
  Target read(const Table& table, int line, std::size_t number);

 private:
  std::string read_name(Options& options);
  Spec read_source(const Table& target, Options& options);
  Spec read_engine(Options& options, const std::string& kind);
  std::string read_manifest_pattern(Options& options);
  std::optional<BackupSpec> read_backup(Options& options);
  Path path_of(const std::string& given) const;
  // exporter/config_source.cc, as are the next three: a path that may begin with
  // $CREDENTIALS_DIRECTORY.
  Path secret_file(Options& options, std::string_view key, const std::string& given);
  Path password_file(Options& options);
  void place_files(Table& source, Options& options);
  std::optional<DecryptSpec> read_decrypt(const Table& target, Options& options);
  SandboxSpec read_sandbox(Options& options);
  std::optional<Schedule> read_selftest(Options& options, const std::string& zone);
  std::optional<DrillSpec> read_drill(Options& options, const Target& target,
                                      const std::string& zone);  // exporter/config_drill.cc
  CanarySpec read_canary(Options& drill, const Target& target);  // exporter/config_drill.cc
  SelectSpec read_select(const Table& target, Options& options, Duration interval);
  std::vector<Spec> read_checks(const Table& target, Options& options);

  const TargetSettings& defaults_;
  const Path& folder_;
  Problems& problems_;
  std::map<std::string, int, std::less<>> lines_;  // of the names so far
};

}  // namespace backproof
