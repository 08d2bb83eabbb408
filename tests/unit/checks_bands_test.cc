// SPDX-License-Identifier: Apache-2.0
// Years of nights, simulated: what grows and swings as databases do raises no alarm, and what is
// lost raises one on the first night after.
#include "checks/bands.h"

#include <algorithm>
#include <cmath>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Rows of a table on a night, by what kind of table it is, and the night when it changed last.
struct Habit {
  const char* name;
  std::uint64_t (*rows)(int night, Random& random);
  int (*changed)(int night) = [](int night) { return night; };
};

int on_weekdays(int night) {
  return night % 7 < 5 ? night : night - (night % 7 - 4);
}

// Three nights of ten, by chance.
int now_and_then(int night) {
  while (night > 0 && (static_cast<unsigned>(night) * 2654435761U >> 8U) % 10 >= 3) --night;
  return night;
}

int never(int) {
  return 0;
}

std::uint64_t around(double value, double noise, Random& random) {
  const double swing = static_cast<double>(random.below(2001)) / 1000.0 - 1;
  return static_cast<std::uint64_t>(std::max(0.0, value * (1 + noise * swing)));
}

const Habit habits[] = {
    {"append_only",
     [](int night, Random&) {
       return std::uint64_t{50'000} + 700U * static_cast<unsigned>(night);
     }},
    {"growing",
     [](int night, Random& random) {
       return around(10'000 * std::pow(1.004, night), 0.01, random);
     }},
    {"noisy", [](int, Random& random) { return around(20'000, 0.15, random); }},
    {"weekly",
     [](int night, Random& random) {
       return around(night % 7 < 5 ? 30'000 : 18'000, 0.05, random);
     }},
    {"written_on_weekdays", [](int, Random&) { return std::uint64_t{300}; }, on_weekdays},
    {"written_now_and_then", [](int, Random&) { return std::uint64_t{300}; }, now_and_then},
    {"emptied_on_sundays",
     [](int night, Random& random) { return around(1000.0 * (night % 7 + 1), 0.05, random); }},
    {"of_the_seasons",
     [](int night, Random& random) {
       return around(40'000 * (1 + 0.5 * std::sin(night * 6.2832 / 365)), 0.03, random);
     }},
    {"constant", [](int, Random&) { return std::uint64_t{195}; }, never},
    {"empty", [](int, Random&) { return std::uint64_t{0}; }, never},
    {"tiny", [](int, Random& random) { return random.below(9); }},
};

PassedRun night_of(int night, Random& random) {
  PassedRun run;
  run.sha256 = "sha-" + std::to_string(night);
  run.created = at("2026-01-01T02:00:00Z") + std::chrono::days(night);
  std::uint64_t rows = 0;
  for (const Habit& habit : habits) {
    run.tables.push_back({"public", habit.name, habit.rows(night, random)});
    TableFact& fact = run.tables.back();
    rows += fact.rows;
    fact.bytes = fact.rows * around(1000, 0.02, random);
    // Of every other table the newest time is known, of the others a digest.
    const int changed = habit.changed(night);
    if (run.tables.size() % 2 == 0)
      fact.newest = at("2026-01-01T01:00:00Z") + std::chrono::days(changed);
    else
      fact.digest = habit.name + std::to_string(changed);
  }
  run.restored_bytes = 40'000'000 + rows * 120;
  return run;
}

void remember(Memory& memory, PassedRun run) {
  memory.insert(memory.begin(), std::move(run));
  if (memory.size() > memory_length) memory.pop_back();
}

std::string told(const std::vector<Drift>& found) {
  std::string text;
  for (const Drift& drift : found)
    text += std::string(name_of(drift.kind)) + " " + drift.table + ": " + drift.observed +
            ", not " + drift.expected + "\n";
  return text;
}

bool has(const std::vector<Drift>& found, DriftKind kind, const std::string& table) {
  return std::ranges::any_of(
      found, [&](const Drift& drift) { return drift.kind == kind && drift.table == table; });
}

Memory after(int nights, Random& random) {
  Memory memory;
  for (int night = 0; night < nights; ++night) remember(memory, night_of(night, random));
  return memory;
}

std::uint64_t& rows_of(PassedRun& run, const std::string& table) {
  return std::ranges::find(run.tables, table, &TableFact::table)->rows;
}

}  // namespace

TEST_CASE("a year of nights of tables that grow and swing raises no alarm") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Memory memory;
    for (int night = 0; night < 365; ++night) {
      PassedRun run = night_of(night, random);
      const auto found = drifts(memory, run);
      INFO("seed " << seed << ", night " << night << "\n" << told(found));
      REQUIRE(found.empty());
      remember(memory, std::move(run));
    }
  }
}

TEST_CASE("what is lost or added raises an alarm on the first night after it") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const int nights = 20 + static_cast<int>(random.below(330));
    const Memory memory = after(nights, random);
    for (const char* table : {"append_only", "growing", "noisy", "of_the_seasons", "constant"}) {
      INFO("seed " << seed << ", night " << nights << ", table " << table);
      const std::string name = std::string("public.") + table;
      PassedRun half = night_of(nights, random), none = half, more = half, gone = half;
      rows_of(half, table) /= 2;
      CHECK(has(drifts(memory, half), DriftKind::dropped, name));
      rows_of(none, table) = 0;
      CHECK(has(drifts(memory, none), DriftKind::zero, name));
      rows_of(more, table) *= 10;
      CHECK(has(drifts(memory, more), DriftKind::exploded, name));
      std::erase_if(gone.tables, [&](const TableFact& fact) { return fact.table == table; });
      CHECK(has(drifts(memory, gone), DriftKind::vanished, name));
    }
    PassedRun run = night_of(nights, random);
    // Every row is there, and half of what was in them is not.
    std::ranges::find(run.tables, std::string("noisy"), &TableFact::table)->bytes /= 3;
    CHECK(has(drifts(memory, run), DriftKind::dropped, "public.noisy"));
    run = night_of(nights, random);
    run.tables.push_back({"public", "new", 1});
    CHECK(has(drifts(memory, run), DriftKind::appeared, "public.new"));
    run = night_of(nights, random);
    run.restored_bytes /= 3;
    CHECK(has(drifts(memory, run), DriftKind::dropped, ""));
  }
}

TEST_CASE("a table that stopped to change is noticed within days, as it used to change") {
  for (const char* table : {"append_only", "growing", "noisy", "written_on_weekdays"}) {
    Random random(7);
    Memory memory = after(100, random);
    const TableFact last = *std::ranges::find(memory.front().tables, table, &TableFact::table);
    int noticed = 0;
    for (int night = 100; noticed == 0 && night < 130; ++night) {
      PassedRun run = night_of(night, random);
      *std::ranges::find(run.tables, table, &TableFact::table) = last;
      const auto found = drifts(memory, run);
      if (has(found, DriftKind::frozen, std::string("public.") + table)) noticed = night - 99;
      // The same backup again is no night more.
      CHECK(drifts(memory, run).size() == found.size());
      remember(memory, std::move(run));
    }
    INFO(table);
    CHECK(noticed >= 3);
    CHECK(noticed <= (std::string(table) == "written_on_weekdays" ? 13 : 5));
  }
}

TEST_CASE("the same backup verified again and again is not frozen") {
  Random random(7);
  Memory memory = after(100, random);
  const PassedRun run = night_of(100, random);
  for (int i = 0; i < 40; ++i) {
    CHECK_FALSE(has(drifts(memory, run), DriftKind::frozen, "public.append_only"));
    remember(memory, run);
  }
}

TEST_CASE("the same bytes as a backup of another time are noticed, but of what never changes") {
  Random random(1);
  const PassedRun other = night_of(0, random);
  PassedRun first = night_of(1, random), second = night_of(2, random);
  second.sha256 = first.sha256;
  CHECK(has(drifts({first, other}, second), DriftKind::same_artefact, ""));
  // What never was otherwise is a database that does not change.
  CHECK(drifts({first}, second).empty());
  // The same backup once more is no news.
  second.created = first.created;
  CHECK(drifts({first, other}, second).empty());
}

TEST_CASE("nothing is said of counts before enough was learned") {
  Random random(1);
  const Memory memory = after(static_cast<int>(passes_to_learn) - 1, random);
  PassedRun run = night_of(13, random);
  for (TableFact& fact : run.tables) fact.rows = 0;
  CHECK(drifts(memory, run).empty());
}
