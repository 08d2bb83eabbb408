// SPDX-License-Identifier: Apache-2.0
// The program itself: whether what the page says of the targets can be believed.
#include <algorithm>
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

constexpr std::array families{
    Family{{"backproof_exporter_build_info", Type::info, "What this program was built from.",
            "version,revision,compiler", "1"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             const BuildInfo& build = input.snapshot.build;
             samples.add(true, {{"version", build.version},
                                {"revision", build.revision},
                                {"compiler", build.compiler}});
           }},
    Family{
        {"backproof_targets", Type::gauge, "Configured targets.", "state", "0"},
        nullptr,
        [](const PageInput& input, Samples& samples) {
          const auto& targets = input.snapshot.targets;
          const auto enabled = std::ranges::count_if(
              targets, [](const TargetState& state) { return state.target->enabled; });
          samples.add(static_cast<double>(enabled), {{"state", "enabled"}});
          samples.add(static_cast<double>(std::ssize(targets) - enabled), {{"state", "disabled"}});
        }},
    Family{{"backproof_queue_length", Type::gauge, "Runs that wait for a worker.", "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) { samples.add(input.snapshot.queued); }},
    Family{{"backproof_queue_waiting_for_scratch", Type::gauge,
            "Runs that wait only for scratch space that was promised to others.", "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.waiting_for_scratch);
           }},
    Family{{"backproof_scratch_promised_bytes", Type::gauge,
            "Scratch space that runs that go on were promised, used or not. 0 = none go on, or one "
            "worker has all there is.",
            "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.scratch_promised);
           }},
    Family{{"backproof_workers", Type::gauge, "Runs that may go on at the same time.", "",
            "always set"},
           nullptr,
           [](const PageInput& input, Samples& samples) { samples.add(input.snapshot.workers); }},
    Family{
        {"backproof_workers_busy", Type::gauge, "Runs that go on.", "", "0"},
        nullptr,
        [](const PageInput& input, Samples& samples) { samples.add(input.snapshot.workers_busy); }},
    Family{{"backproof_sandboxes", Type::gauge,
            "Sandbox folders that are there now, leftovers and those of runs by hand included.", "",
            "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) { samples.add(input.snapshot.sandboxes); }},
    Family{{"backproof_sandbox_leftovers", Type::gauge,
            "Sandbox folders of ended runs that could not be removed.", "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.sandbox_leftovers);
           }},
    Family{{"backproof_scratch_avail_bytes", Type::gauge,
            "Space for sandboxes that is left to this user.", "", "always set"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.scratch_available);
           }},
    Family{
        {"backproof_scratch_size_bytes", Type::gauge,
         "Size of the file system that holds the sandboxes.", "", "always set"},
        nullptr,
        [](const PageInput& input, Samples& samples) { samples.add(input.snapshot.scratch_size); }},
    Family{{"backproof_scheduler_last_tick_timestamp_seconds", Type::gauge,
            "When the scheduler last looked at what is due. 0 = not yet.", "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.scheduler_last_tick);
           }},
    Family{{"backproof_config_last_reload_successful", Type::gauge,
            "1 = the last attempt to load the configuration worked, 0 = the one before is used.",
            "", "1"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.config.last_reload_ok);
           }},
    Family{{"backproof_config_last_reload_success_timestamp_seconds", Type::gauge,
            "When the configuration was last loaded successfully.", "", "always set"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.config.last_reload_success);
           }},
    Family{{"backproof_web_config_last_reload_successful", Type::gauge,
            "1 = the web configuration in force is the one in its file, or there is none; 0 = the "
            "file was changed and is bad, the one before is used.",
            "", "1"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.web_config == nullptr || input.web_config->was_taken);
           }},
    Family{{"backproof_web_config_last_reload_success_timestamp_seconds", Type::gauge,
            "When the web configuration was last loaded successfully. 0 = there is none.", "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.web_config == nullptr ? TimePoint{} : input.web_config->loaded);
           }},
    Family{
        {"backproof_history_store_up", Type::gauge, "1 = the last use of the history store worked.",
         "", "1"},
        nullptr,
        [](const PageInput& input, Samples& samples) { samples.add(input.snapshot.history_up); }},
    Family{{"backproof_history_store_errors_total", Type::counter,
            "Uses of the history store that did not work, since the program started.", "", "0"},
           nullptr,
           [](const PageInput& input, Samples& samples) {
             samples.add(input.snapshot.history_errors);
           }},
};

}  // namespace

std::span<const Family> exporter_families() {
  return families;
}

}  // namespace backproof::metrics
