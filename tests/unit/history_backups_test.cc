// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "unit/history_runs.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Run of_backup(Run run, const std::string& id, TimePoint modified = start - 5h) {
  run.backup = {id, "/backups/" + id, modified, 1000, ""};
  run.backup.modified = modified;
  return run;
}

std::map<std::string, BackupRecord> known(const HistoryStore& store) {
  std::map<std::string, BackupRecord> all;
  const auto history = store.history_of("crm");
  REQUIRE(history);
  for (const BackupRecord& record : history.value().backups) all[record.id] = record;
  return all;
}

Run unsure_at(TimePoint t) {
  return failed_at(t, "crm", Cause::space);
}

}  // namespace

TEST_CASE("what was verified is remembered per backup, by its last verdict and its last pass") {
  const Folder folder;
  const auto store = history_at(folder / "h");
  REQUIRE(store->finish(of_backup(passed_at(start), "a.db")));
  REQUIRE(store->finish(of_backup(failed_at(start + 1h), "a.db")));
  REQUIRE(store->finish(of_backup(unsure_at(start + 2h), "a.db")));
  REQUIRE(store->finish(of_backup(unsure_at(start + 3h), "b\xff.db")));
  const auto all = known(*store);
  REQUIRE(all.size() == 2);
  const BackupRecord& a = all.at("a.db");
  CHECK(a.verdict == Verdict::failed);
  CHECK(a.verified == start + 1h + 3s);
  CHECK(a.passed == start + 3s);
  CHECK(a.tried == start + 2h + 3s);
  CHECK_FALSE(a.run_id.empty());
  CHECK(a.bytes == 1000);
  CHECK(a.modified == start - 5h);
  const BackupRecord& b = all.at("b\xff.db");
  CHECK_FALSE(b.verdict);
  CHECK(b.verified == TimePoint{});
  CHECK(b.tried == start + 3h + 3s);
}

TEST_CASE("another file under the name of a backup begins anew") {
  const Folder folder;
  const auto store = history_at(folder / "h");
  REQUIRE(store->finish(of_backup(passed_at(start), "a.db")));
  REQUIRE(store->finish(of_backup(unsure_at(start + 1h), "a.db", start)));
  const auto all = known(*store);
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all.at("a.db").verdict);
  CHECK(all.at("a.db").passed == TimePoint{});
}

TEST_CASE("runs of no backup, and those of other targets, say nothing of a target's backups") {
  const Folder folder;
  const auto store = history_at(folder / "h");
  REQUIRE(store->finish(failed_at(start)));
  REQUIRE(store->finish(of_backup(passed_at(start + 1h, "erp"), "a.db")));
  CHECK(known(*store).empty());
}

TEST_CASE("that a backup ever passed outlives the runs, for as long as its source has it") {
  const Folder folder;
  const auto store = history_at(folder / "h");
  for (const char* id : {"kept.db", "gone.db"})
    REQUIRE(store->finish(of_backup(passed_at(start + (*id == 'k' ? 0h : 1h)), id)));
  for (int day = 1; day < 600; ++day)
    REQUIRE(store->finish(of_backup(passed_at(start + day * 24h), "other.db")));
  const Retention retention{90 * 24h, 400 * 24h};
  for (int day = 0; day < 600; day += 10) {
    REQUIRE(store->seen("crm", {"kept.db"}, start + day * 24h));
    REQUIRE(store->prune(retention, start + day * 24h));
  }
  const auto all = known(*store);
  REQUIRE(all.contains("kept.db"));
  CHECK(all.at("kept.db").passed == start + 3s);
  CHECK_FALSE(store->find(all.at("kept.db").run_id).value());
  CHECK_FALSE(all.contains("gone.db"));
  CHECK(all.contains("other.db"));
}

TEST_CASE("what heads say is kept, and taken back as it was") {
  const Folder folder;
  const std::vector<Look> looks{{"a.db", "1 2 3", somewhere(start), {}, ""},
                                {"b.db", "4", {}, exactly(start), "no\x7f"},
                                {"c.db", "5", {}, {}, ""}};
  {
    const auto store = history_at(folder / "h");
    CHECK(store->looks_of("crm")->empty());
    REQUIRE(store->keep_looks("crm", {{"old.db", "0", {}, {}, ""}}, start));
    REQUIRE(store->keep_looks("crm", looks, start));
    REQUIRE(store->keep_looks("erp", {}, start));
  }
  const auto store = history_at(folder / "h");
  CHECK(*store->looks_of("crm") == looks);
  CHECK(store->looks_of("erp")->empty());
  REQUIRE(store->seen("crm", {"b.db"}, start + 500 * 24h));
  REQUIRE(store->prune({90 * 24h, 400 * 24h}, start + 600 * 24h));
  REQUIRE(store->looks_of("crm")->size() == 1);
  CHECK(store->looks_of("crm")->front() == looks[1]);
}
