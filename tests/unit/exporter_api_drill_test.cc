// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "exporter/api.h"
#include "support/support.h"
#include "unit/exporter_samples.h"

using namespace backproof;
using namespace backproof::test;
using Json = nlohmann::json;

namespace {

struct Store {
  Folder folder;
  std::unique_ptr<HistoryStore> history = HistoryStore::open(folder / "history.db").value();
};

}  // namespace

TEST_CASE("drills of a target come newest first and without their proof, one by its id with it") {
  const Store store;
  const Snapshot snapshot = sample_snapshot();
  const Drill drill = sample_drill("passing", "2026-10-01T04:00:00Z");
  REQUIRE(store.history->finish(drill));
  REQUIRE(store.history->finish(sample_failed_drill("passing", "2026-11-01T04:00:00Z")));
  REQUIRE(store.history->finish(sample_failed_drill("gone", "2026-11-02T04:00:00Z")));
  const auto drills = [&](const Query& query) {
    return api::drills(snapshot, *store.history, query);
  };

  const Json list = Json::parse(drills({{"target", "passing"}}).body).at("drills");
  REQUIRE(list.size() == 2);
  CHECK(list.at(0).at("cause") == "backup");
  CHECK(list.at(1).at("recovery_seconds") == 457.0);
  CHECK(list.at(1).at("proof").is_null());
  CHECK(Json::parse(drills({{"target", "passing"}, {"limit", "1"}}).body).at("drills").size() == 1);
  CHECK(Json::parse(drills({{"target", "unsure"}}).body).at("drills").empty());
  CHECK(Json::parse(drills({{"target", "gone"}}).body).at("drills").size() == 1);
  CHECK(drills({{"target", "nobody"}}).status == 404);
  CHECK(drills({}).status == 400);
  CHECK(drills({{"target", ""}}).status == 400);
  CHECK(drills({{"target", "passing"}, {"limit", "0"}}).status == 400);
  CHECK(drills({{"target", "passing"}, {"verdict", "failed"}}).status == 400);

  const Json one = Json::parse(api::drill(*store.history, drill.id).body);
  CHECK(one == Json::parse(to_json(drill)));
  CHECK(one.at("proof").at("verdict") == "passed");
  CHECK(api::drill(*store.history, "20261001T040000Z-00000000").status == 404);
  // The beginning of an id is no address.
  CHECK(api::drill(*store.history, "20261001").status == 404);
}

TEST_CASE("a target says what its drills gave and when the next one is") {
  Snapshot snapshot = sample_snapshot();
  snapshot.targets.own(0).drill_work = {at("2026-11-23T11:00:00Z"), true};
  snapshot.targets.own(0).history.last_drill_ended =
      sample_failed_drill("passing", "2026-11-01T04:00:00Z");
  snapshot.targets.own(2).target->drill.emplace();
  const Json list = Json::parse(api::targets(snapshot).body).at("targets");
  const Json& drill = list.at(0).at("drill");
  CHECK(drill.at("configured") == true);
  CHECK(drill.at("total") == 3);
  CHECK(drill.at("last").at("result") == "passed");
  CHECK(drill.at("last").at("ended") == "2026-10-01T04:12:30Z");
  CHECK(drill.at("last").at("data_loss_seconds") == 7200.0);
  CHECK_FALSE(drill.at("last").contains("proof"));
  CHECK(drill.at("last_ended").at("cause") == "backup");
  CHECK(drill.at("schedule") == Json{{"cron", "0 4 1 */3 *"},
                                     {"time_zone", "UTC"},
                                     {"interval_seconds", 92 * 86400.0},
                                     {"next", "2027-01-01T04:00:00Z"},
                                     {"running", "2026-11-23T11:00:00Z"}});
  CHECK(list.at(1).at("drill").is_null());
  const Json& by_hand = list.at(2).at("drill");
  CHECK(by_hand.at("last").is_null());
  CHECK(by_hand.at("schedule").is_null());
}
