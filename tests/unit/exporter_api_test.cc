// SPDX-License-Identifier: Apache-2.0
#include "exporter/api.h"

#include <nlohmann/json.hpp>

#include "support/support.h"
#include "unit/exporter_samples.h"

using namespace backproof;
using namespace backproof::test;
using Json = nlohmann::json;

namespace {

Json parsed(const Response& response) {
  CHECK(response.content_type == "application/json");
  return Json::parse(response.body);
}

std::string error_of(const Response& response, int status) {
  CHECK(response.status == status);
  return parsed(response).at("error");
}

struct Store {
  Folder folder;
  std::unique_ptr<HistoryStore> history;

  Store() {
    auto opened = HistoryStore::open(folder / "history.db");
    REQUIRE(opened);
    history = *std::move(opened);
  }
  void add(const Run& run) {
    REQUIRE(history->begin(run));
    REQUIRE(history->finish(run));
  }
};

}  // namespace

TEST_CASE("the verification of one target answers exactly three members") {
  const auto snapshot = sample_snapshot();
  CHECK(api::verification(snapshot, {{"target", "passing"}}).body ==
        "{\"last_verification\":\"2026-11-23T02:01:13.750Z\",\"status\":\"success\","
        "\"backup_file\":\"/backups/b.db.gz\"}\n");
  CHECK(parsed(api::verification(snapshot, {{"target", "failing"}})).at("status") == "failed");
  CHECK(parsed(api::verification(snapshot, {{"target", "unsure"}})).at("status") == "inconclusive");
  CHECK(api::verification(snapshot, {{"target", hostile_name}}).body ==
        "{\"last_verification\":null,\"status\":\"never_run\",\"backup_file\":null}\n");
}

TEST_CASE("without a target the newest finished run of all answers") {
  auto snapshot = sample_snapshot();
  CHECK(parsed(api::verification(snapshot, {})).at("status") == "success");
  const TargetStates all = std::exchange(snapshot.targets, {});
  for (std::size_t i = 1; i < all.size(); ++i) snapshot.targets.push_back(all[i]);
  // "unsure" ended three hours after "failing".
  CHECK(parsed(api::verification(snapshot, {})).at("status") == "inconclusive");
  CHECK(parsed(api::verification({}, {})).at("status") == "never_run");
}

TEST_CASE("a verification of nobody is an error in JSON with the nearest name") {
  const auto response = api::verification(sample_snapshot(), {{"target", "pasing"}});
  CHECK(error_of(response, 404) == "no target \"pasing\"");
  CHECK(parsed(response).at("hint") == "did you mean \"passing\"?");
  CHECK(error_of(api::verification(sample_snapshot(), {{"name", "x"}}), 400) ==
        "unknown query parameter \"name\"");
}

TEST_CASE("the targets are shown in full") {
  const Json list = parsed(api::targets(sample_snapshot())).at("targets");
  REQUIRE(list.size() == 4);
  const Json& passing = list.at(0);
  CHECK(passing.at("name") == "passing");
  CHECK(passing.at("schedule") == Json{{"cron", "0 3 * * *"},
                                       {"time_zone", "Europe/Berlin"},
                                       {"interval_seconds", 90000.0},
                                       {"jitter_seconds", nullptr},
                                       {"blackout", Json::array()}});
  CHECK(passing.at("next_run") == "2026-11-24T02:00:00Z");
  CHECK(passing.at("objectives").at("rto_seconds") == 600.0);
  CHECK(passing.at("last_run").at("verdict") == "passed");
  CHECK(passing.at("last_run").at("cause").is_null());
  CHECK(passing.at("last_run").at("rows") == 42);
  CHECK(passing.at("last_run").at("backup").at("file") == "/backups/b.db.gz");
  CHECK(passing.at("inventory").at("newest").at("bytes") == 123456);
  CHECK(passing.at("totals").at("failures").at("space") == 1);
  CHECK(passing.at("running").is_null());
  const Json& failing = list.at(1);
  CHECK(failing.at("enabled") == false);
  CHECK(failing.at("next_run").is_null());
  CHECK(failing.at("last_passed").is_null());
  CHECK(failing.at("last_run").at("cause") == "truncated");
  CHECK(failing.at("last_run").at("hint") == "copy it <again>");
  CHECK(failing.at("inventory").at("error") == "permission denied");
  const Json& unsure = list.at(2);
  CHECK(unsure.at("running").at("stage") == "restore");
  CHECK(unsure.at("running").at("done") == 40);
  const Json& hostile = list.at(3);
  CHECK(hostile.at("name") == "ev\"il\\ <b>&'\n\xef\xbf\xbd\xef\xbf\xbd name");
  CHECK(hostile.at("last_run").is_null());
  CHECK(hostile.at("queued") == true);
}

TEST_CASE("a target's self-test is the command's document, with its end and its counts") {
  auto snapshot = sample_snapshot();
  snapshot.targets.own(0).selftest_work = {at("2026-11-23T11:00:00Z"), true};
  Selftest& undone = snapshot.targets.own(1).history.selftest_undone.emplace();
  undone.reason = hostile_reason;
  const Json list = parsed(api::targets(snapshot)).at("targets");
  const Json& selftest = list.at(0).at("selftest");
  Json document = selftest;
  document.erase("ended");
  document.erase("counts");
  CHECK(document == Json::parse(to_json(*snapshot.targets[0].history.last_selftest)));
  CHECK(selftest.at("result") == "passed");
  CHECK(selftest.at("ended") == "2026-11-22T04:20:00Z");
  CHECK(selftest.at("counts") == Json{{"caught", 7},
                                      {"needs_manifest", 8},
                                      {"missed", 0},
                                      {"not_applicable", 0},
                                      {"undecided", 0}});
  CHECK(selftest.at("trials").at(0).at("damage") == "cut_container");
  CHECK(list.at(0).at("selftest_undone").is_null());
  CHECK(list.at(0).at("selftest_schedule") == Json{{"cron", "@weekly"},
                                                   {"time_zone", "UTC"},
                                                   {"interval_seconds", 604800.0},
                                                   {"next", "2026-11-29T00:00:00Z"},
                                                   {"running", "2026-11-23T11:00:00Z"}});
  CHECK(list.at(1).at("selftest").is_null());
  CHECK(list.at(1).at("selftest_undone").at("result") == "inconclusive");
  CHECK(list.at(2).at("selftest").is_null());
  CHECK(list.at(2).at("selftest_schedule").is_null());
}

TEST_CASE("runs come newest first, filtered as asked and without logs") {
  Store store;
  store.add(sample_run("a", "2026-11-20T00:00:00Z"));
  store.add(sample_run("b", "2026-11-21T00:00:00Z"));
  Run failed = sample_run("a", "2026-11-22T00:00:00Z");
  failed.verdict = Verdict::failed;
  failed.cause = Cause::damaged;
  store.add(failed);
  const auto targets_of = [&store](const Query& query) {
    std::string names;
    const Json document = parsed(api::runs(sample_snapshot(), *store.history, query));
    for (const auto& one : document.at("runs")) {
      CHECK((!one.contains("log") || one.at("log").empty()));
      names += one.at("target").get<std::string>() + one.at("verdict").get<std::string>() + " ";
    }
    return names;
  };
  CHECK(targets_of({}) == "afailed bpassed apassed ");
  CHECK(targets_of({{"limit", "1"}}) == "afailed ");
  CHECK(targets_of({{"target", "a"}}) == "afailed apassed ");
  CHECK(targets_of({{"verdict", "passed"}}) == "bpassed apassed ");
  CHECK(targets_of({{"target", "passing"}}).empty());
}

TEST_CASE("runs of a target that nobody knows are an error with the nearest name") {
  const Store store;
  const auto response = api::runs(sample_snapshot(), *store.history, {{"target", "pasing"}});
  CHECK(error_of(response, 404) == "no target \"pasing\"");
  CHECK(parsed(response).at("hint") == "did you mean \"passing\"?");
  CHECK(parsed(api::runs(sample_snapshot(), *store.history, {{"target", "zz"}})).at("hint") ==
        "GET /api/v1/targets lists all of them");
}

TEST_CASE("a target that was removed keeps its runs and has no state any more") {
  Store store;
  store.add(sample_run("removed", "2026-11-20T00:00:00Z"));
  const auto snapshot = sample_snapshot();
  const auto found = [&](const Query& query) {
    return parsed(api::runs(snapshot, *store.history, query)).at("runs").size();
  };
  CHECK(found({{"target", "removed"}}) == 1);
  CHECK(found({{"target", "removed"}, {"verdict", "failed"}}) == 0);
  CHECK(error_of(api::verification(snapshot, {{"target", "removed"}}), 404) ==
        "no target \"removed\"");
}

TEST_CASE("a filter that cannot be meant so is refused") {
  const Store store;
  for (const char* limit : {"0", "1001", "-1", "+5", "", "5x", "99999999999999999999"})
    CHECK(error_of(api::runs(sample_snapshot(), *store.history, {{"limit", limit}}), 400) ==
          "limit is no number from 1 to 1000");
  CHECK(error_of(api::runs(sample_snapshot(), *store.history, {{"verdict", "bad"}}), 400) ==
        "verdict is not passed, failed or inconclusive");
  CHECK(error_of(api::runs(sample_snapshot(), *store.history, {{"target", ""}}), 400) ==
        "target is empty");
  CHECK(error_of(api::runs(sample_snapshot(), *store.history, {{"verdit", "failed"}}), 400) ==
        "unknown query parameter \"verdit\"");
}

TEST_CASE("one run is shown with its log") {
  Store store;
  const Run run = sample_run("a", "2026-11-20T00:00:00Z");
  store.add(run);
  const Json found = parsed(api::run(*store.history, run.id));
  CHECK(found.at("id") == run.id);
  CHECK(found.at("log").size() == 1);
  for (const std::string& id : {std::string("nothing"), run.id.substr(0, 10), run.id + "0",
                                std::string(25, 'x'), std::string(9000, 'x')})
    CHECK(error_of(api::run(*store.history, id), 404).starts_with("no run \""));
}
