// SPDX-License-Identifier: Apache-2.0
#include "unit/history_runs.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Selftest test_at(TimePoint started, Verdict result, std::string target = "crm") {
  Selftest test;
  test.id = new_run_id(started);
  test.target = std::move(target);
  test.started = started;
  test.result = result;
  test.reason = result == Verdict::passed ? "" : "because";
  return test;
}

}  // namespace

TEST_CASE("the last self-test that gave an answer is what is known of a target") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  CHECK_FALSE(store->history_of("crm")->last_selftest);
  REQUIRE(store->record(test_at(start, Verdict::failed)));
  CHECK(store->history_of("crm")->last_selftest->result == Verdict::failed);
  REQUIRE(store->record(test_at(start + 1h, Verdict::passed)));
  REQUIRE(store->record(test_at(start + 2h, Verdict::inconclusive)));
  CHECK(store->history_of("crm")->last_selftest->started == start + 1h);
  CHECK_FALSE(store->history_of("other")->last_selftest);
}

TEST_CASE("a self-test that gave no answer is known until a later one gives one") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  REQUIRE(store->record(test_at(start, Verdict::inconclusive)));
  CHECK(store->history_of("crm")->selftest_undone->started == start);
  CHECK_FALSE(store->history_of("crm")->last_selftest);
  CHECK_FALSE(store->history_of("other")->selftest_undone);
  REQUIRE(store->record(test_at(start + 1h, Verdict::passed)));
  REQUIRE(store->record(test_at(start + 2h, Verdict::inconclusive, "other")));
  CHECK_FALSE(store->history_of("crm")->selftest_undone);
  REQUIRE(store->record(test_at(start + 3h, Verdict::inconclusive)));
  CHECK(store->history_of("crm")->selftest_undone->started == start + 3h);
  CHECK(store->history_of("crm")->last_selftest->started == start + 1h);
}

TEST_CASE("a self-test is no run: neither verdict nor counter of its target knows it") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  REQUIRE(store->finish(passed_at(start)));
  const TargetHistory before = *store->history_of("crm");
  REQUIRE(store->record(test_at(start + 1h, Verdict::failed)));
  const TargetHistory after = *store->history_of("crm");
  CHECK(after.totals.runs == before.totals.runs);
  CHECK(after.totals.failures == before.totals.failures);
  CHECK(after.consecutive_failures == 0);
  CHECK_FALSE(after.failed_since_pass);
  CHECK(after.last_run->id == before.last_run->id);
  CHECK(store->list({})->size() == 1);
}

TEST_CASE("many self-tests do not fill the history, and its last answer stays among them") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  REQUIRE(store->record(test_at(start, Verdict::passed)));
  for (int i = 1; i <= 150; ++i)
    REQUIRE(store->record(test_at(start + i * 1h, Verdict::inconclusive)));
  REQUIRE(store->record(test_at(start, Verdict::passed, "other")));
  auto db = sqlite::Connection::open((folder / "h.sqlite").native());
  REQUIRE(db);
  CHECK(*db->integer("SELECT count(*) FROM selftests WHERE target = 'crm'") == 101);
  CHECK(store->history_of("crm")->last_selftest->started == start);
  CHECK(store->history_of("other")->last_selftest);
}
