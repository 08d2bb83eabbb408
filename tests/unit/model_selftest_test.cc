// SPDX-License-Identifier: Apache-2.0
#include "model/selftest.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Selftest with_all(TrialResult result) {
  Selftest test;
  test.id = "20261123T140000Z-0123abcd";
  test.target = "crm \"x\"";
  test.trigger = "schedule";
  test.started = at("2026-11-23T14:00:00Z");
  test.took = std::chrono::milliseconds(61'500);
  test.seed = 42;
  test.backup = "/backups/crm.db.gz";
  test.sha256 = std::string(64, 'a');
  test.format = "gzip sqlite database";
  for (const DamageInfo& damage : all_damage_kinds)
    test.trials.push_back({damage.kind, result, Verdict::failed, Cause::truncated, "it ends"});
  return test;
}

Selftest concluded(Selftest test) {
  conclude(test);
  return test;
}

}  // namespace

TEST_CASE("there are at least 14 damages, each with a name of its own") {
  CHECK(all_damage_kinds.size() >= 14);
  for (const DamageInfo& damage : all_damage_kinds) {
    CHECK(damage_named(damage.name) == &info_of(damage.kind));
    CHECK(info_of(damage.kind).name == damage.name);
  }
  CHECK(damage_named("nothing") == nullptr);
}

TEST_CASE("a self-test passes when every damage got the right verdict") {
  Selftest test = with_all(TrialResult::caught);
  CHECK(concluded(test).result == Verdict::passed);
  CHECK(concluded(test).reason.empty());
  test.trials[2].result = TrialResult::needs_manifest;
  test.trials[3].result = TrialResult::not_applicable;
  CHECK(concluded(test).result == Verdict::passed);
}

TEST_CASE("one wrong verdict fails it, whatever could not be tried") {
  Selftest test = with_all(TrialResult::caught);
  test.trials[1].result = TrialResult::undecided;
  CHECK(concluded(test).result == Verdict::inconclusive);
  CHECK(concluded(test).reason == "1 damage could not be tried: cut_content");
  test.trials[7].result = TrialResult::missed;
  CHECK(concluded(test).result == Verdict::failed);
  CHECK(concluded(test).reason == "1 damage got the wrong verdict: orphan_row");
}

TEST_CASE("a self-test that was cut short or caught nothing does not pass") {
  Selftest test = with_all(TrialResult::caught);
  test.trials.pop_back();
  CHECK(concluded(test).result == Verdict::inconclusive);
  CHECK(concluded(with_all(TrialResult::not_applicable)).result == Verdict::failed);
}

TEST_CASE("a reason that was given before stands") {
  Selftest test;
  test.reason = "no backup of this target has passed yet";
  CHECK(concluded(test).result == Verdict::inconclusive);
  CHECK(concluded(test).reason == "no backup of this target has passed yet");
}

TEST_CASE("a self-test as JSON and back") {
  Selftest test = with_all(TrialResult::missed);
  test.manifest = true;
  conclude(test);
  const auto read = selftest_from_json(to_json(test));
  REQUIRE(read);
  CHECK(*read == test);
  CHECK(to_json(test).find('\n') == std::string::npos);
}

TEST_CASE("what is no self-test is an error and nothing worse") {
  const std::string good = to_json(with_all(TrialResult::caught));
  CHECK(selftest_from_json(good));
  for (std::size_t n = 0; n < good.size(); n += 7)
    CHECK_FALSE(selftest_from_json(good.substr(0, n)));
  for (const auto& [word, wrong] :
       {std::pair{"\"caught\"", "\"coughed\""}, std::pair{"\"cut_content\"", "\"cut_throat\""},
        std::pair{"\"seed\":42", "\"seed\":-1"}, std::pair{"\"truncated\"", "\"tired\""},
        std::pair{"\"trials\":[", "\"trails\":["}}) {
    std::string changed = good;
    const std::size_t found = changed.find(word);
    REQUIRE(found != std::string::npos);
    changed.replace(found, std::string_view(word).size(), wrong);
    INFO(wrong);
    CHECK_FALSE(selftest_from_json(changed));
  }
}
