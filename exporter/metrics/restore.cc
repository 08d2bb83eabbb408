// SPDX-License-Identifier: Apache-2.0
// What the last completed restore of the newest backup took and yielded. A later run that fails
// earlier, or that is of an older backup, leaves these as they are, so that a drop in size means a
// smaller database and not a broken run or a walk through the past.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

constexpr std::array families{
    Family{{"backproof_last_restore_duration_seconds", Type::gauge,
            "Measured recovery time: fetching and restoring in the last run whose restore of "
            "the newest backup completed. 0 = none yet.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& run = state.history.last_restored;
             samples.add(run ? restore_time(*run) : Duration{});
           }},
    Family{{"backproof_last_restore_bytes", Type::gauge,
            "Size of the database that the last completed restore of the newest backup yielded. "
            "0 = none yet.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& run = state.history.last_restored;
             samples.add(run ? run->restored_bytes : 0U);
           }},
    Family{{"backproof_last_restore_rows", Type::gauge,
            "Rows of all tables that the last completed restore of the newest backup yielded. "
            "0 = none yet.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& run = state.history.last_restored;
             samples.add(run ? total_rows(*run) : 0U);
           }},
    Family{{"backproof_last_restore_tables", Type::gauge,
            "Tables that the last completed restore of the newest backup yielded. 0 = none yet.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& run = state.history.last_restored;
             samples.add(run ? run->tables.size() : 0U);
           }},
    Family{{"backproof_restored_bytes_total", Type::counter,
            "Size of all databases that completed restores yielded.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.history.totals.restored_bytes);
           }},
};

}  // namespace

std::span<const Family> restore_families() {
  return families;
}

}  // namespace backproof::metrics
