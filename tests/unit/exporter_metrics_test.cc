// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <set>

#include "base/text.h"
#include "exporter/metrics/page.h"
#include "support/support.h"
#include "unit/exporter_samples.h"

using namespace backproof;
using namespace backproof::test;

namespace {

std::string page_of(const Snapshot& snapshot) {
  const auto process = sample_process();
  return metrics::metrics_page({snapshot, &process});
}

bool has_line(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

// The names of the labels of one line of the page, comma-separated; the values are skipped with
// their escapes.
std::string label_names(std::string_view line) {
  std::string names;
  bool quoted = false;
  const std::size_t open = line.find('{');
  if (open == std::string_view::npos) return names;
  for (std::size_t i = open + 1; i < line.size(); ++i) {
    if (quoted) {
      if (line[i] == '\\')
        ++i;
      else if (line[i] == '"')
        quoted = false;
    } else if (line[i] == '"') {
      quoted = true;
    } else if (line[i] == '}') {
      break;
    } else if (line[i] != '=') {
      names += line[i];
    }
  }
  return names;
}

std::vector<std::string_view> samples_of(std::string_view page, std::string_view family) {
  std::vector<std::string_view> samples;
  for (const auto line : text::split(page, '\n'))
    if (line.starts_with(family) && line.size() > family.size() &&
        (line[family.size()] == '{' || line[family.size()] == ' '))
      samples.push_back(line);
  return samples;
}

// The families whose absence or whose age an alert waits for.
constexpr const char* alert_inputs[] = {
    "backproof_target_enabled",
    "backproof_target_created_timestamp_seconds",
    "backproof_verification_max_age_seconds",
    "backproof_rpo_objective_seconds",
    "backproof_rto_objective_seconds",
    "backproof_run_timeout_seconds",
    "backproof_last_success_timestamp_seconds",
    "backproof_last_run_timestamp_seconds",
    "backproof_last_run_result",
    "backproof_consecutive_failures",
    "backproof_failed_since_success",
    "backproof_backups",
    "backproof_backup_latest_timestamp_seconds",
    "backproof_backup_inventory_timestamp_seconds",
    "backproof_last_restore_duration_seconds",
    "backproof_last_restore_bytes",
    "backproof_run_start_timestamp_seconds",
    "backproof_next_run_timestamp_seconds",
    "backproof_schedule_misfires_total",
    "backproof_selftest_success",
    "backproof_selftest_last_timestamp_seconds",
    "backproof_selftest_interval_seconds",
};

}  // namespace

TEST_CASE("the whole page is the golden page") {
  const std::string file = std::string(BACKPROOF_SOURCE_DIR) + "/tests/unit/golden/metrics.prom";
  const std::string page = page_of(sample_snapshot());
  if (std::getenv("BACKPROOF_RENEW_GOLDEN") != nullptr) std::ofstream(file) << page;
  const auto golden = read_file(file);
  REQUIRE(golden);
  CHECK(page == *golden);
}

TEST_CASE("promtool finds nothing to complain of") {
  const Folder folder;
  const auto check = [&folder](const std::string& page) {
    const Path file = folder.write("page", page);
    return sh("promtool check metrics < " + text::quote_shell(file.native()) + " 2>&1");
  };
  CHECK(check(page_of(sample_snapshot())).empty());
  CHECK(check(page_of({})).empty());
}

TEST_CASE("the same snapshot makes the same page") {
  CHECK(page_of(sample_snapshot()) == page_of(sample_snapshot()));
}

TEST_CASE("process series are left out when the kernel did not tell") {
  const Snapshot snapshot = sample_snapshot();
  const std::string page = metrics::metrics_page({snapshot, nullptr});
  CHECK(page.find("process_") == std::string::npos);
  CHECK(page.find("backproof_runs_total") != std::string::npos);
}

TEST_CASE("a web configuration that was changed for the worse shows") {
  const Snapshot snapshot = sample_snapshot();
  const auto of = [&](const web::WebAccess::State* state) {
    const std::string page = metrics::metrics_page({snapshot, nullptr, state});
    const std::size_t at = page.find("\nbackproof_web_config_last_reload_successful ");
    return page.substr(at + 1, page.find('\n', at + 1) - at - 1);
  };
  const web::WebAccess::State good{true, sample_now()}, bad{false, sample_now()};
  CHECK(of(nullptr) == "backproof_web_config_last_reload_successful 1");
  CHECK(of(&good) == "backproof_web_config_last_reload_successful 1");
  CHECK(of(&bad) == "backproof_web_config_last_reload_successful 0");
}

TEST_CASE("a target that never ran has every alert input from the first scrape on") {
  Snapshot snapshot;
  snapshot.targets.emplace_back().target->name = "new";
  const std::string page = page_of(snapshot);
  for (const std::string name : alert_inputs) {
    INFO(name);
    CHECK(page.find("\n" + name + "{target=\"new\"") != std::string::npos);
  }
  for (const Cause cause : all_causes)
    CHECK(has_line(page, "backproof_run_failures_total{target=\"new\",cause=\"" +
                             std::string(name_of(cause)) + "\"} 0"));
  for (const char* result : {"passed", "failed", "inconclusive"})
    CHECK(has_line(page, std::string("backproof_last_run_result{target=\"new\",result=\"") +
                             result + "\"} 0"));
  CHECK(has_line(page, "backproof_last_success_timestamp_seconds{target=\"new\"} 0"));
}

TEST_CASE("every family but those of checks and drills is there for every target") {
  const std::string page = page_of(sample_snapshot());
  for (const auto* family : metrics::all_families()) {
    INFO(family->doc.name);
    CHECK((family->per_target == nullptr) != (family->per_process == nullptr));
    if (family->per_target == nullptr || family->doc.name.starts_with("backproof_drill")) continue;
    for (const char* target : {"passing", "failing", "unsure"})
      CHECK(page.find("\n" + std::string(family->doc.name) + "{target=\"" + target + "\"") !=
            std::string::npos);
  }
}

TEST_CASE("a target with drills has all their series from the first scrape on, others have none") {
  Snapshot snapshot;
  snapshot.targets.resize(2);
  snapshot.targets.own(0).target->name = "new";
  snapshot.targets.own(0).target->drill.emplace();
  snapshot.targets.own(1).target->name = "other";
  snapshot.targets.own(1).history.last_drill = sample_drill("other", "2026-10-01T04:00:00Z");
  const std::string page = page_of(snapshot);
  std::size_t families = 0;
  for (const auto* family : metrics::all_families()) {
    if (!family->doc.name.starts_with("backproof_drill")) continue;
    ++families;
    const auto samples = samples_of(page, family->doc.name);
    CHECK_FALSE(samples.empty());
    for (const std::string_view sample : samples) {
      CHECK(sample.find("{target=\"new\"") != std::string::npos);
      CHECK(sample.ends_with("} 0"));
    }
  }
  CHECK(families == 11);
  for (const DrillCause cause : all_drill_causes)
    CHECK(has_line(page, "backproof_drill_failures_total{target=\"new\",cause=\"" +
                             std::string(name_of(cause)) + "\"} 0"));
}

TEST_CASE("what a drill measured stays when a later one gives no answer") {
  Snapshot snapshot = sample_snapshot();
  snapshot.targets.resize(1);
  TargetState& state = snapshot.targets.own(0);
  state.target->name = "t";
  Drill& undone = state.history.last_drill_ended.emplace();
  undone.cause = DrillCause::source;
  const std::string page = page_of(snapshot);
  CHECK(has_line(page, "backproof_drill_success{target=\"t\"} 1"));
  CHECK(has_line(page, "backproof_drill_recovery_seconds{target=\"t\"} 457"));
  CHECK(has_line(page, "backproof_drill_data_loss_seconds{target=\"t\"} 7200"));
  CHECK(
      has_line(page, "backproof_drill_phase_duration_seconds{target=\"t\",phase=\"restore\"} 360"));
  CHECK(has_line(page, "backproof_drill_last_failure{target=\"t\",cause=\"source\"} 1"));
  CHECK(has_line(page, "backproof_drill_last_failure{target=\"t\",cause=\"data\"} 0"));
}

TEST_CASE("hostile target names stay inside their label") {
  const std::string page = page_of(sample_snapshot());
  CHECK(has_line(
      page,
      "backproof_runs_total{target=\"ev\\\"il\\\\ <b>&'\\n\xef\xbf\xbd\xef\xbf\xbd name\"} 0"));
  for (const auto line : text::split(page, '\n'))
    CHECK((line.empty() || line.starts_with("# ") || line.starts_with("backproof_") ||
           line.starts_with("process_")));
}

TEST_CASE("a disabled target has no age limit, whatever its schedule says") {
  Snapshot snapshot = sample_snapshot();
  snapshot.targets.resize(1);
  Target& target = *snapshot.targets.own(0).target;
  target.name = "t";
  target.max_age = std::chrono::seconds(60);
  const std::string series = "backproof_verification_max_age_seconds{target=\"t\"} ";
  target.enabled = true;
  CHECK(page_of(snapshot).find(series + "60\n") != std::string::npos);
  target.enabled = false;
  CHECK(page_of(snapshot).find(series + "0\n") != std::string::npos);
}

TEST_CASE("jitter and blackouts are no delay of a run that keeps to them") {
  Snapshot snapshot = sample_snapshot();
  Target& target = *snapshot.targets.own(0).target;
  const std::string series = "backproof_last_run_schedule_delay_seconds{target=\"passing\"} ";
  target.jitter = std::chrono::hours(1);
  CHECK(has_line(page_of(snapshot), series + "0"));
  target.jitter = {};
  target.blackout = Blackout::parse({"00:00-01:59", "02:01-23:00"}, "UTC").value();
  CHECK(has_line(page_of(snapshot), series + "3.5"));
}

TEST_CASE("values are what the snapshot says") {
  const std::string page = page_of(sample_snapshot());
  // 10 s of fetching and 10 s of restoring.
  CHECK(has_line(page, "backproof_last_restore_duration_seconds{target=\"passing\"} 20"));
  CHECK(has_line(page, "backproof_last_restore_rows{target=\"passing\"} 42"));
  CHECK(has_line(page, "backproof_last_run_schedule_delay_seconds{target=\"passing\"} 3.5"));
  CHECK(has_line(page, "backproof_restored_bytes_total{target=\"passing\"} 9007199254740991"));
  CHECK(has_line(page, "backproof_scheduler_last_tick_timestamp_seconds 1795435199.123456"));
  CHECK(
      has_line(page, "backproof_last_run_check_success{target=\"passing\",check=\"row_count\"} 1"));
  // Configured but not answered in the last run.
  CHECK(has_line(page,
                 "backproof_last_run_check_success{target=\"passing\",check=\"foreign_keys\"} 0"));
  // No longer configured.
  CHECK(page.find("check=\"gone\"") == std::string::npos);
  // A later run that failed early keeps what the last restore yielded.
  CHECK(has_line(page, "backproof_last_restore_bytes{target=\"failing\"} 1048576"));
  CHECK(has_line(page, "backproof_last_run_result{target=\"failing\",result=\"failed\"} 1"));
  CHECK(has_line(page, "backproof_next_run_timestamp_seconds{target=\"failing\"} 0"));
  CHECK(has_line(page, "backproof_run_in_progress{target=\"unsure\"} 1"));
  CHECK(has_line(page, "backproof_targets{state=\"disabled\"} 1"));
  CHECK(has_line(page, "backproof_targets{state=\"enabled\"} 3"));
}

TEST_CASE("families, samples and the documentation fit each other") {
  const std::set<std::string> reserved{"job",     "instance", "stage",   "service", "env",
                                       "cluster", "region",   "zone",    "owner",   "type",
                                       "le",      "quantile", "customer"};
  const std::string page = page_of(sample_snapshot());
  std::string before;
  for (const auto* family : metrics::all_families()) {
    const auto& doc = family->doc;
    INFO(doc.name);
    CHECK(before < doc.name);
    before = doc.name;
    CHECK(std::string(doc.name).ends_with("_total") == (doc.type == metrics::Type::counter));
    CHECK(doc.help.find_first_of("\\\n|") == std::string_view::npos);
    CHECK(!doc.none.empty());
    std::string labels = family->per_target != nullptr ? "target" : "";
    for (const auto label : text::split(doc.labels, ',')) {
      if (label.empty()) continue;
      CHECK(reserved.count(std::string(label)) == 0);
      labels += (labels.empty() ? "" : ",") + std::string(label);
    }
    const auto samples = samples_of(page, doc.name);
    CHECK_FALSE(samples.empty());
    for (const auto sample : samples) CHECK(label_names(sample) == labels);
  }
}

TEST_CASE("the metric table has a row for every family") {
  const std::string table = metrics::metric_table();
  for (const auto* family : metrics::all_families())
    CHECK(table.find("\n| `" + std::string(family->doc.name) + "` | ") != std::string::npos);
  CHECK(table.find("| `backproof_run_failures_total` | counter | `target`, `cause` | ") !=
        std::string::npos);
  const auto rows = std::count(table.begin(), table.end(), '\n');
  CHECK(static_cast<std::size_t>(rows) == metrics::all_families().size() + 2);
}
