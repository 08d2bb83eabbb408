// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/metrics/proc_stat.h"
#include "model/snapshot.h"

// What the tests of the exporter serve: one fixed moment in the life of four targets.
namespace backproof::test {

inline constexpr const char* hostile_name = "ev\"il\\ <b>&'\n\xff\xfe name";
inline constexpr const char* hostile_reason =
    "table \"<script>alert(1)</script>\" & 'friends' \xc3\x28";

// "passing", "failing", "unsure" (inconclusive, and running again), and one with a hostile name
// that never ran. Every field that a page may show is set somewhere.
Snapshot sample_snapshot();
metrics::ProcessStats sample_process();
// The moment at which sample_snapshot() was made.
TimePoint sample_now();

// A finished run with the given end of its id; passes unless changed.
Run sample_run(const std::string& target, const std::string& started);

// A drill that passed, with everything that one can say: slower than its objective, within its RPO.
Drill sample_drill(const std::string& target, const std::string& started);
// That did not come beyond its backup.
Drill sample_failed_drill(const std::string& target, const std::string& started);

}  // namespace backproof::test
