// SPDX-License-Identifier: Apache-2.0
// What the source holds. A backup that is missing or too old is no run: it shows here.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

constexpr std::array families{
    Family{
        {"backproof_backups", Type::gauge,
         "Backups that the last successful listing of the source found.", "", "0"},
        [](const TargetState& state, Samples& samples) { samples.add(state.inventory.backups); }},
    Family{{"backproof_backup_inventory_timestamp_seconds", Type::gauge,
            "When the source was last listed successfully. 0 = never.", "", "0"},
           [](const TargetState& state, Samples& samples) { samples.add(state.inventory.listed); }},
    Family{{"backproof_backup_latest_timestamp_seconds", Type::gauge,
            "When the newest backup found was made, by the source's evidence (of a file: when it "
            "was last modified): the nominal recovery point. 0 = no backup.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& newest = state.inventory.newest;
             samples.add(newest ? newest->created : TimePoint{});
           }},
    Family{{"backproof_backup_latest_bytes", Type::gauge,
            "Size of the newest backup found, compressed as it is. 0 = no backup.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& newest = state.inventory.newest;
             samples.add(newest ? newest->bytes : 0U);
           }},
    Family{
        {"backproof_backup_verified_timestamp_seconds", Type::gauge,
         "When the backup that the last passed run verified was made, by the source's evidence (of "
         "a file: when it was last modified): the proven recovery point. 0 = none passed yet, "
         "or its time is unknown.",
         "", "0"},
        [](const TargetState& state, Samples& samples) {
          const auto& passed = state.history.last_passed;
          samples.add(passed ? passed->backup.created : TimePoint{});
        }},
};

}  // namespace

std::span<const Family> backups_families() {
  return families;
}

}  // namespace backproof::metrics
