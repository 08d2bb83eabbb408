// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/pages/standing.h"

// What several pages are made of.
namespace backproof::pages {

// A word on a colour and with a sign of its own, so that it is understood without colours.
std::string badge(std::string_view css, std::string_view label);
std::string badge(Status status);
std::string badge(Verdict verdict);
// Also says "running" or "unfinished" of one that has not ended.
std::string badge_of(const Run& run, bool is_running);

// "running: restore, 40 %" with a bar, the whole run's, and since when; empty when nothing runs.
std::string running_note(const TargetState& state, TimePoint now);

// "9 h 58 min" and its limit below: "limit 2 d 4 h", "over the limit of 2 d". `name` is what the
// limit is called: "limit", "RPO". `unknown` stands for a value that is not there.
std::string measure_text(const Measure& measure, std::string_view value, std::string_view name,
                         std::string_view unknown);

// When the target is verified next, or why not.
std::string next_run(const TargetState& state, TimePoint now);

struct Fact {
  std::string_view name;
  std::string html;
};
// A list of names and values; those without a value are left out.
std::string facts(const std::vector<Fact>& list);

// The beginning of a table in a frame that scrolls where the table is too wide; `caption` is seen
// and names both. Columns are HTML; "#Rows" is the column "Rows", of numbers.
std::string table_head(std::string_view id, std::string_view caption,
                       const std::vector<std::string_view>& columns, std::string_view css = "");
std::string_view table_end();

// "its content", "when it was last modified".
std::string_view evidence_text(Evidence evidence);

// Backups are looked for by path; other sources have only a name.
std::string backup_name(const Backup& backup);

}  // namespace backproof::pages
