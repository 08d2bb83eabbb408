// SPDX-License-Identifier: Apache-2.0
#include "runner/survey.h"

#include <map>

#include "unit/runner_scheduler_bench.h"
#include "unit/sources_directory.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// A folder of backups, and a looker of the test's own.
struct World {
  Folder folder;
  std::unique_ptr<HistoryStore> history = HistoryStore::open(folder / "history.sqlite").value();
  TimePoint time = at("2026-11-26T12:00:00Z");
  std::map<std::string, Look> says;
  std::vector<std::string> asked;
  int failures = 0;
  std::string manifest{manifest_pattern};

  World() { std::filesystem::create_directory(folder / "b"); }
  void backup(const std::string& name, TimePoint modified) {
    set_mtime(folder.write("b/" + name, "x"), modified);
  }
  Survey take(std::size_t looks = 1000) {
    Problems problems;
    Target target;
    target.name = "crm";
    target.manifest = manifest;
    target.source = {"directory",
                     {{"path", {(folder / "b").native(), 1}}, {"settle", {std::string("0s"), 1}}}};
    const Plan plan = make_plan(target, problems);
    const Looker looker = [this](const Target&, const Backup& backup) -> Result<Look> {
      asked.push_back(backup.id);
      if (failures-- > 0) return Error{Cause::isolation, "no jail", ""};
      Look look = says[backup.id];
      look.id = backup.id;
      look.version = backup.version;
      return look;
    };
    auto found = survey(plan, *history, looker, time, looks);
    REQUIRE(found);
    return *std::move(found);
  }
};

std::vector<std::string> order(const Survey& survey) {
  std::vector<std::string> ids;
  for (const Backup& backup : survey.backups) ids.push_back(backup.id);
  return ids;
}

}  // namespace

TEST_CASE("F23: an old backup with a new time of modification does not count as new") {
  World world;
  world.backup("new.dump", world.time - 24h);
  world.backup("copy.dump", world.time - 1h);
  world.says["new.dump"].content = exactly(world.time - 25h);
  world.says["copy.dump"].content = somewhere(world.time - 20 * 24h);
  const Survey survey = world.take();
  CHECK(order(survey) == Names{"new.dump", "copy.dump"});
  CHECK(survey.backups[0].newest);
  CHECK_FALSE(survey.backups[1].newest);
  CHECK(survey.backups[1].created == world.time - 20 * 24h);
  CHECK(survey.backups[1].evidence == Evidence::content);
  CHECK(dated(survey.backups[1]) ==
        "2026-11-06T12:00:00Z, as its content says (modified 2026-11-26T11:00:00Z)");
  CHECK(dated(survey.backups[0]) == "2026-11-25T11:00:00Z, as its content says");
}

TEST_CASE("content comes before the manifest, that before the name, that before the modification") {
  World world;
  const TimePoint modified = world.time - 1h;
  for (const char* name :
       {"a-20261101T000000Z.db", "b-20261101T000000Z.db", "c-20261101T000000Z.db", "d.db"})
    world.backup(name, modified);
  world.says["a-20261101T000000Z.db"].content = exactly(at("2026-11-03T00:00:00Z"));
  for (const char* name : {"a-20261101T000000Z.db", "b-20261101T000000Z.db"})
    world.says[name].manifest = exactly(at("2026-11-02T00:00:00Z"));
  const Survey survey = world.take();
  REQUIRE(survey.backups.size() == 4);
  CHECK(survey.backups[0].evidence == Evidence::mtime);
  CHECK(survey.backups[0].created == modified);
  const std::vector<std::pair<Evidence, TimePoint>> expected{
      {Evidence::content, at("2026-11-03T00:00:00Z")},
      {Evidence::manifest, at("2026-11-02T00:00:00Z")},
      {Evidence::name, at("2026-11-01T00:00:00Z")}};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(survey.backups[i + 1].evidence == expected[i].first);
    CHECK(survey.backups[i + 1].created == expected[i].second);
  }
}

TEST_CASE("a time in content that cannot be is no evidence, and the report says so") {
  World world;
  world.backup("a.db", world.time - 1h);
  world.backup("b.db", world.time - 2h);
  world.says["a.db"].content = exactly(world.time + 6min);
  world.says["b.db"].content = exactly(at("1980-01-01T00:00:00Z"));
  world.says["b.db"].manifest = exactly(world.time - 9h);
  const Survey survey = world.take();
  CHECK(survey.backups[0].evidence == Evidence::mtime);
  CHECK(survey.backups[1].evidence == Evidence::manifest);
  CHECK(survey.notes ==
        Names{"a.db: its content says 2026-11-26T12:06:00Z, which is not believed",
              "b.db: its content says 1980-01-01T00:00:00Z, which is not believed"});
}

TEST_CASE("a file is looked at once, also by the next program, and again when it was changed") {
  World world;
  world.backup("a.db", world.time - 1h);
  world.backup("b.db", world.time - 2h);
  world.says["a.db"].content = exactly(world.time - 9h);
  CHECK(world.take().backups.back().created == world.time - 9h);
  world.asked.clear();
  world.history = HistoryStore::open(world.folder / "history.sqlite").value();
  CHECK(world.take().backups.back().created == world.time - 9h);
  CHECK(world.asked.empty());
  world.backup("b.db", world.time - 3h);
  world.take();
  CHECK(world.asked == Names{"b.db"});
  // A manifest that came later may say what the content does not.
  world.asked.clear();
  world.folder.write("b/a.db.manifest.json", "{}");
  world.take();
  CHECK(world.asked == Names{"a.db"});
}

TEST_CASE("where nothing can be looked at the next evidence counts, and the report says why") {
  World world;
  for (const char* name : {"a.db", "b.db", "c.db", "d-20261101T000000Z.db", "e.db"})
    world.backup(name, world.time - 1h);
  world.failures = 1000;
  const Survey survey = world.take();
  CHECK(survey.complete);
  CHECK(world.asked.size() == 3);
  REQUIRE(survey.notes.size() == 5);
  CHECK(survey.notes[0].ends_with(": it could not be looked at: no jail"));
  CHECK(survey.backups.back().evidence == Evidence::name);
  // It may work the next time.
  world.failures = 0;
  world.asked.clear();
  CHECK(world.take().notes.empty());
  CHECK(world.asked.size() == 5);
}

TEST_CASE("one that cannot be looked at keeps no other from it") {
  World world;
  for (const char* name : {"a.db", "b.db", "c.db", "d.db", "e.db"})
    world.backup(name, world.time - 1h);
  world.failures = 2;
  CHECK(world.take().notes.size() == 2);
  CHECK(world.asked.size() == 5);
}

TEST_CASE("a survey looks at no more than it may, and says that it is not complete") {
  World world;
  for (const char* name : {"a.db", "b.db", "c.db"}) world.backup(name, world.time - 1h);
  CHECK_FALSE(world.take(2).complete);
  CHECK(world.asked.size() == 2);
  CHECK(world.take(2).complete);
  CHECK(world.asked.size() == 3);
}

TEST_CASE("manifests under a name of the target's own are no backups") {
  World world;
  for (const char* name : {"a.db", "facts-of-a.db", "facts-of-b.db"})
    world.backup(name, world.time - 1h);
  world.manifest = "facts-of-{}";
  CHECK(order(world.take()) == Names{"facts-of-b.db", "a.db"});
}
