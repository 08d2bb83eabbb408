// SPDX-License-Identifier: Apache-2.0
#include "history_drills.h"

#include "history_children.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("a drill is unfinished from its begin to its end, and then the last that answered") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  CHECK_FALSE(store->history_of("crm")->last_drill);
  Drill drill = drill_passed_at(start);
  Drill begun = drill_at(start);
  begun.id = drill.id;
  REQUIRE(store->begin(begun));
  CHECK_FALSE((*store->find_drill(drill.id))->finished);
  CHECK_FALSE(store->history_of("crm")->last_drill_ended);
  CHECK(store->drills_of("crm", 10)->size() == 1);
  REQUIRE(store->finish(drill));
  const TargetHistory known = *store->history_of("crm");
  REQUIRE(known.last_drill);
  CHECK(known.last_drill->result == Verdict::passed);
  CHECK(known.last_drill->recovery == 90s);
  CHECK(known.last_drill->proof->verdict == Verdict::passed);
  CHECK(known.last_drill_ended->id == drill.id);
  CHECK(known.totals.drills == 1);
  CHECK(known.totals.drill_failures.empty());
  CHECK_FALSE(store->history_of("other")->last_drill_ended);
  CHECK(*store->recover(start + 1h) == 0);
}

TEST_CASE("a drill counts once, begun or not, and its first end stays") {
  const Folder folder;
  const Path file = folder / "h.sqlite";
  Drill drill = drill_passed_at(start);
  {
    const auto store = history_at(file);
    REQUIRE(store->finish(drill));
    drill.reason = "another";
    REQUIRE(store->finish(drill));
    REQUIRE_FALSE(store->begin(drill));
    REQUIRE(store->finish(drill_ended_at(start + 1h, DrillCause::restore)));
    REQUIRE(store->finish(drill_ended_at(start + 2h, DrillCause::source)));
    REQUIRE(store->finish(drill_ended_at(start + 3h, DrillCause::restore)));
  }
  const auto store = history_at(file);
  CHECK((*store->find_drill(drill.id))->reason.empty());
  const Totals totals = store->history_of("crm")->totals;
  CHECK(totals.drills == 4);
  CHECK(totals.drill_failures ==
        std::map<DrillCause, std::uint64_t>{{DrillCause::restore, 2}, {DrillCause::source, 1}});
  CHECK(totals.runs == 0);
  CHECK(store->list({})->empty());
}

TEST_CASE("a drill that could not be done hides no answer of an earlier one") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  const Drill failed = drill_ended_at(start, DrillCause::data);
  const Drill undone = drill_ended_at(start + 1h, DrillCause::source);
  REQUIRE(store->finish(failed));
  REQUIRE(store->finish(undone));
  REQUIRE(store->begin(drill_at(start + 2h)));
  CHECK(store->history_of("crm")->last_drill->id == failed.id);
  CHECK(store->history_of("crm")->last_drill_ended->id == undone.id);
}

TEST_CASE("drills of a target come last first and are found by a unique beginning of their id") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  Drill one = drill_passed_at(start), two = drill_passed_at(start), three = drill_passed_at(start);
  one.id = "20261123T140000Z-aaaa";
  two.id = "20261123T140000Z-aabb";
  three.id = "20261124T140000Z-aaaa";
  for (const Drill& drill : {one, two, three}) REQUIRE(store->finish(drill));
  REQUIRE(store->finish(drill_passed_at(start + 240h, "other")));
  const auto drills = store->drills_of("crm", 2);
  REQUIRE(drills->size() == 2);
  CHECK(drills->front().id == three.id);
  CHECK(drills->back().id == two.id);
  CHECK((*store->find_drill("20261124"))->id == three.id);
  CHECK((*store->find_drill(one.id))->id == one.id);
  CHECK_FALSE(*store->find_drill("2025"));
  CHECK_FALSE(*store->find_drill(""));
  const auto ambiguous = store->find_drill("20261123T140000Z-a");
  REQUIRE_FALSE(ambiguous);
  CHECK(ambiguous.error().text == "2 drills have an id that begins with 20261123T140000Z-a");
}

TEST_CASE("many drills do not fill the history, and its last answer stays among them") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  REQUIRE(store->begin(drill_at(start - 1h)));
  REQUIRE(store->finish(drill_passed_at(start)));
  for (int i = 1; i <= 150; ++i)
    REQUIRE(store->finish(drill_ended_at(start + i * 1h, DrillCause::source)));
  REQUIRE(store->finish(drill_passed_at(start, "other")));
  // The hundred, the answer, and the one that has not ended.
  CHECK(store->drills_of("crm", 1000)->size() == 102);
  CHECK(store->history_of("crm")->last_drill->started == start);
  CHECK(store->history_of("crm")->totals.drills == 151);
  CHECK(store->history_of("other")->last_drill);
}

TEST_CASE("a drill whose process was killed becomes interrupted, whatever stage it was in") {
  const Folder folder;
  const Path file = folder / "h.sqlite";
  Drill begun = drill_at(start);
  begun.stages = {{DrillStage::backup, 5s, "made crm.db.gz", {}}};
  killed_after(file, [&](HistoryStore& store) { return store.begin(begun).has_value(); });
  const auto store = history_at(file);
  CHECK(*store->recover(start + 1h) == 1);
  CHECK(*store->recover(start + 1h) == 0);
  const auto closed = *store->find_drill(begun.id);
  REQUIRE(closed);
  CHECK(closed->finished);
  CHECK(closed->result == Verdict::inconclusive);
  CHECK(closed->cause == DrillCause::interrupted);
  CHECK(closed->reason == "its process ended before the drill did");
  CHECK_FALSE(closed->hint.empty());
  CHECK(closed->stages == begun.stages);
  CHECK_FALSE(store->history_of("crm")->last_drill);
  CHECK(store->history_of("crm")->last_drill_ended->id == begun.id);
  CHECK(store->history_of("crm")->totals.drill_failures.at(DrillCause::interrupted) == 1);
}

TEST_CASE("a drill that was taken for interrupted and ends after all has its own result") {
  const Folder folder;
  const Path file = folder / "h.sqlite";
  const auto store = history_at(file), other = history_at(file);
  const Drill drill = drill_passed_at(start);
  REQUIRE(store->begin(drill));
  CHECK(*other->recover(start + 1h) == 0);
  std::filesystem::remove_all(folder / "h.sqlite-owners");
  CHECK(*other->recover(start + 1h) == 1);
  REQUIRE(store->finish(drill));
  CHECK((*other->find_drill(drill.id))->result == Verdict::passed);
  CHECK(other->drills_of("crm", 10)->size() == 1);
  CHECK(other->history_of("crm")->totals.drills == 2);
}

TEST_CASE("since when drills are scheduled is kept until they are not, and a clock ahead mends") {
  const Folder folder;
  const auto store = history_at(folder / "h.sqlite");
  const auto since = [&] { return store->history_of("crm")->drill_since; };
  CHECK(since() == TimePoint{});
  REQUIRE(store->sight("crm", start - 1000h));
  REQUIRE(store->drills_scheduled("crm", false, start));
  CHECK(since() == TimePoint{});
  REQUIRE(store->drills_scheduled("crm", true, start));
  REQUIRE(store->drills_scheduled("crm", true, start + 1h));
  CHECK(since() == start);
  REQUIRE(store->drills_scheduled("crm", true, start - 1h));
  CHECK(since() == start - 1h);
  REQUIRE(store->sight("crm", start + 2h));
  CHECK(since() == start - 1h);
  REQUIRE(store->drills_scheduled("crm", false, start + 3h));
  CHECK(since() == TimePoint{});
}
