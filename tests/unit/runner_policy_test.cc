// SPDX-License-Identifier: Apache-2.0
#include "runner/policy.h"

#include <algorithm>
#include <map>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

using std::chrono::days;

constexpr TimePoint start =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::hours(0);

Backup backup_of(TimePoint created) {
  Backup backup;
  backup.id = "crm-" + std::to_string((created - start) / 1h) + ".db";
  backup.created = backup.modified = created;
  backup.bytes = 100;
  return backup;
}

RetainedBackup never(TimePoint created) {
  return {backup_of(created), {}};
}

RetainedBackup judged(TimePoint created, TimePoint verified, Verdict verdict = Verdict::passed) {
  BackupRecord record;
  record.id = backup_of(created).id;
  record.tried = record.verified = verified;
  record.verdict = verdict;
  if (verdict == Verdict::passed) record.passed = verified;
  return {backup_of(created), record};
}

std::vector<TimePoint> picked(const Choice& choice) {
  std::vector<TimePoint> times;
  for (const Pick& pick : choice.picks) times.push_back(pick.backup.created);
  return times;
}

SelectSpec spec(Policy policy, Duration within = {}, unsigned count = 1) {
  return {policy, count, within};
}

// A year of daily backups, of which `retained` stay, verified by a policy once a day, four hours
// later.
struct Year {
  SelectSpec select;
  int retained = 60;
  std::map<std::string, BackupRecord> records{};
  std::vector<Backup> backups{};  // newest first
  std::size_t runs = 0, most_a_day = 0;
  TimePoint target_created = start;

  DueTime due(int day) const { return {start + days(day) + 4h, {}, days(1), target_created}; }
  std::vector<RetainedBackup> known() const {
    std::vector<BackupRecord> all;
    for (const auto& [id, record] : records) all.push_back(record);
    return retained_of(backups, all);
  }
  void live(int day, bool works = true) {
    backups.insert(backups.begin(), backup_of(start + days(day)));
    if (backups.size() > static_cast<std::size_t>(retained)) backups.pop_back();
    if (!works) return;
    const Choice choice = choose(select, known(), due(day));
    runs += choice.picks.size();
    most_a_day = std::max(most_a_day, choice.picks.size());
    for (const Pick& pick : choice.picks)
      records[pick.backup.id] = {pick.backup.id, pick.backup.bytes, pick.backup.modified, {},
                                 due(day).now,   due(day).now,      Verdict::passed,      "",
                                 due(day).now};
  }
};

}  // namespace

TEST_CASE("newest is the newest, whatever is known of it") {
  const auto choice = choose({}, {judged(start + 2h, start + 3h), never(start)}, {start + 9h, {}});
  CHECK(picked(choice) == std::vector{start + 2h});
  CHECK(choice.picks[0].reason == "the newest of 2 backups");
  REQUIRE(choice.passed_over.size() == 1);
  CHECK(choice.passed_over[0] ==
        "crm-0.db of 2026-01-01T00:00:00Z, when it was last modified: older");
  for (const Policy policy : {Policy::newest, Policy::every_new, Policy::random, Policy::coverage})
    CHECK(choose(spec(policy, 30 * 24h), {}, {start, {}}).picks.empty());
}

TEST_CASE("every_new is each once, the oldest that was not tried first, then what could not tell") {
  auto unsure = judged(start + 1h, start + 5h, Verdict::inconclusive);
  unsure.record->verdict.reset();
  const auto choice = choose(spec(Policy::every_new),
                             {never(start + 4h), judged(start + 3h, start + 5h, Verdict::failed),
                              never(start + 2h), unsure, judged(start, start + 5h)},
                             {start + 9h, {}});
  CHECK(picked(choice) == std::vector{start + 2h, start + 4h, start + 1h});
  CHECK(choice.picks[0].reason == "never verified");
  CHECK(choice.picks[2].reason == "tried 2026-01-01T05:00:00Z, and nothing was found out");
  REQUIRE(choice.passed_over.size() == 2);
  CHECK(choice.passed_over[0].ends_with(": verified 2026-01-01T05:00:00Z: failed"));
}

TEST_CASE("random draws as many as were asked for, and the same for the same due time") {
  std::vector<RetainedBackup> all;
  for (int day = 30; day > 0; --day) all.push_back(never(start + days(day)));
  std::map<TimePoint, int> drawn;
  for (int night = 0; night < 365; ++night) {
    const DueTime due{start + days(40 + night) + 7min, start + days(40 + night)};
    const auto choice = choose(spec(Policy::random, {}, 3), all, due);
    REQUIRE(choice.picks.size() == 3);
    CHECK(choice.passed_over.size() == 27);
    auto turned = all;
    std::reverse(turned.begin(), turned.end());
    DueTime later = due;
    later.now += 5min;
    CHECK(picked(choose(spec(Policy::random, {}, 3), turned, later)) == picked(choice));
    for (const TimePoint time : picked(choice)) ++drawn[time];
  }
  // Everyone's turn comes: 36 times a year on average.
  CHECK(drawn.size() == 30);
  for (const auto& [time, times] : drawn) {
    CHECK(times > 15);
    CHECK(times < 60);
  }
  CHECK(choose(spec(Policy::random, {}, 99), all, {start, {}}).picks.size() == 30);
}

TEST_CASE("F41: with coverage every retained backup is verified within the time, all year long") {
  for (const auto& [within, retained] :
       {std::pair(30, 60), std::pair(30, 10), std::pair(7, 30), std::pair(90, 365)}) {
    INFO(within << " days, " << retained << " backups");
    Year year{spec(Policy::coverage, days(within)), retained};
    for (int day = 0; day < 365; ++day) {
      year.live(day);
      const TimePoint now = year.due(day).now + 1h;
      for (const RetainedBackup& each : year.known()) {
        REQUIRE(was_judged(each));
        REQUIRE(now - each.record->verified < days(within));
      }
      REQUIRE(year.records.at(year.backups.front().id).verified == year.due(day).now);
      REQUIRE(coverage_of(year.select, year.known(), year.due(day)).overdue == 0);
    }
    // The newest of each day, and each again as often as it takes, with a little to spare.
    const double least = 365.0 * (1 + std::max(0, retained - 1) / within);
    CHECK(static_cast<double>(year.runs) < 1.5 * least);
    CHECK(year.most_a_day <= static_cast<std::size_t>(2 + 2 * retained / within));
  }
}

TEST_CASE("coverage of a large backlog is spread over the time, and never overdue") {
  Year year{spec(Policy::coverage, days(30)), 100};
  for (int day = 0; day < 100; ++day) year.live(day, false);
  year.target_created = start + days(100);
  for (int day = 100; day < 130; ++day) {
    year.live(day);
    CHECK(coverage_of(year.select, year.known(), year.due(day)).overdue == 0);
  }
  CHECK(year.most_a_day <= 6);
  const auto known = year.known();
  CHECK(std::all_of(known.begin(), known.end(), was_judged));
}

TEST_CASE("coverage survives a due time that is missed, and says when more are") {
  Year year{spec(Policy::coverage, days(30)), 60};
  for (int day = 0; day < 200; ++day) {
    year.live(day, day % 10 != 5);
    REQUIRE(coverage_of(year.select, year.known(), year.due(day)).overdue == 0);
  }
  for (int day = 200; day < 240; ++day) year.live(day, false);
  CHECK(coverage_of(year.select, year.known(), year.due(240)).overdue > 20);
}

TEST_CASE("a backup that never gives an answer does not keep others from their turn") {
  std::vector<RetainedBackup> all{never(start + days(3)), never(start + days(2)),
                                  never(start + days(1))};
  all[2].record = BackupRecord{};
  all[2].record->tried = start + days(4);
  const DueTime due{start + days(5), {}, days(1), start};
  const auto choice = choose(spec(Policy::coverage, days(30)), all, due);
  REQUIRE(choice.picks.size() == 2);
  CHECK(picked(choice)[1] == start + days(2));
}

TEST_CASE("coverage by hand, without a schedule, takes what is unverified or late") {
  const DueTime due{start + days(40), {}, {}, start};
  const auto choice =
      choose(spec(Policy::coverage, days(30)),
             {judged(start + days(3), start + days(39)), judged(start + days(2), start + days(20)),
              judged(start + days(1), start + days(5)), never(start)},
             due);
  CHECK(picked(choice) == std::vector{start + days(3), start, start + days(1)});
}

TEST_CASE("what is known of a backup is not known of another file under its name") {
  const Backup backup = backup_of(start);
  BackupRecord record;
  record.id = backup.id;
  record.bytes = backup.bytes;
  record.modified = backup.modified;
  CHECK(retained_of({backup}, {record})[0].record);
  record.bytes = 101;
  CHECK_FALSE(retained_of({backup}, {record})[0].record);
  record.bytes = backup.bytes;
  record.modified += 1s;
  CHECK_FALSE(retained_of({backup}, {record})[0].record);
}

TEST_CASE("a listing need not say the size of what is elsewhere") {
  Backup backup = backup_of(start);
  BackupRecord record;
  record.id = backup.id;
  record.bytes = 4096;
  record.modified = backup.modified;
  backup.bytes = 0;
  backup.path.clear();
  CHECK(retained_of({backup}, {record})[0].record);
  backup.path = "/backups/here";
  CHECK_FALSE(retained_of({backup}, {record})[0].record);
}

TEST_CASE("coverage counts what was judged, passed, failed and is late") {
  auto passed_once = judged(start + 3h, start + 6h, Verdict::failed);
  passed_once.record->passed = start + 5h;
  const auto coverage = coverage_of(
      spec(Policy::every_new, 48h),
      {never(start + 90h), never(start + 4h), passed_once, judged(start + 2h, start + 5h)},
      {start + 100h, {}, 24h, start});
  CHECK(coverage.unverified == 2);
  CHECK(coverage.passed == 2);
  CHECK(coverage.failed == 1);
  CHECK(coverage.overdue == 1);
  CHECK(coverage.newest_passed == start + 3h);
  CHECK(coverage.newest.size() == 4);
  // Other policies promise nothing, and nothing is late that came before the target.
  CHECK(coverage_of(spec(Policy::newest), {never(start)}, {start + 900h, {}}).overdue == 0);
  CHECK(coverage_of(spec(Policy::every_new, 48h), {never(start)},
                    {start + 100h, {}, 24h, start + 60h})
            .overdue == 0);
  std::vector<RetainedBackup> many(77, never(start));
  CHECK(coverage_of({}, many, {start, {}}).newest.size() == 50);
  CHECK(coverage_of({}, many, {start, {}}).unverified == 77);
}
