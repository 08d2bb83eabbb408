// SPDX-License-Identifier: Apache-2.0
// What the source holds. A backup that is missing or too old is no run: it shows here.
#include <algorithm>
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
    Family{
        {"backproof_backup_inventory_up", Type::gauge,
         "1: the source could be listed when it was last tried. 0: it could not, or was not yet.",
         "", "0"},
        [](const TargetState& state, Samples& samples) {
          const Inventory& inventory = state.inventory;
          samples.add(inventory.error.empty() && inventory.listed != TimePoint{} ? 1U : 0U);
        }},
    Family{
        {"backproof_backup_latest_timestamp_seconds", Type::gauge,
         "When the newest backup found was made, by the best evidence there is (its content, its "
         "manifest, its name, its modification): the nominal recovery point. 0 = no backup.",
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
         "When the newest backup that is known to have passed was made, that of the last passed "
         "run "
         "or one that the source still has: the proven recovery point. 0 = none passed yet, or its "
         "time is unknown.",
         "", "0"},
        [](const TargetState& state, Samples& samples) {
          const auto& passed = state.history.last_passed;
          samples.add(std::max(passed ? passed->backup.created : TimePoint{},
                               state.coverage->newest_passed));
        }},
    Family{{"backproof_backups_unverified", Type::gauge,
            "Backups found that no run has judged yet, neither as good nor as bad.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.coverage->unverified);
           }},
    Family{{"backproof_backups_failed", Type::gauge,
            "Backups found that the last run which judged them found bad.", "", "0"},
           [](const TargetState& state, Samples& samples) { samples.add(state.coverage->failed); }},
    Family{
        {"backproof_backups_overdue", Type::gauge,
         "Backups found that the target's policy (every_new, coverage) should have had verified "
         "by now.",
         "", "0"},
        [](const TargetState& state, Samples& samples) { samples.add(state.coverage->overdue); }},
    Family{{"backproof_backups_verified_ratio", Type::gauge,
            "Share of the backups found that ever passed, 0 to 1. 0 = none passed, or no backup.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto all = static_cast<double>(state.inventory.backups);
             samples.add(all > 0 ? static_cast<double>(state.coverage->passed) / all : 0.0);
           }},
    Family{{"backproof_backups_newest_verified_timestamp_seconds", Type::gauge,
            "When the newest backup found that ever passed was made: what could be restored now. "
            "0 = none of them.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.coverage->newest_passed);
           }},
};

}  // namespace

std::span<const Family> backups_families() {
  return families;
}

}  // namespace backproof::metrics
