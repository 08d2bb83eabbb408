// SPDX-License-Identifier: Apache-2.0
#include "history/repair.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>

#include "history/replacement.h"
#include "history/schema.h"
#include "history_children.h"
#include "history_damage.h"
#include "history_drills.h"
#include "model/run_json.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

constexpr int some = 60;

std::uint64_t recovered(const history::Repair& repair, std::string_view what) {
  for (const history::Salvaged& kind : repair.report.kinds)
    if (kind.what == what) return kind.recovered;
  FAIL("no " << what);
  return 0;
}
std::uint64_t lost(const history::Repair& repair, std::string_view what) {
  for (const history::Salvaged& kind : repair.report.kinds)
    if (kind.what == what) return kind.lost;
  return 0;
}

history::Repair repaired(const Path& file) {
  const auto done = history::repair(file, start + 1000h);
  INFO((done ? "" : done.error().str()));
  REQUIRE(done);
  REQUIRE(*done);
  return **done;
}

// What must hold of every repair: the history opens, the damaged bytes are kept, what came back is
// what was written, and no counter is lower than what the runs prove.
void check_repaired(const Path& file, const std::vector<Run>& runs, const history::Repair& repair,
                    const std::string& damaged) {
  CHECK(read_file(repair.aside).value() == damaged);
  const auto store = history_at(file);
  std::map<std::string, std::string> written;
  for (const Run& run : runs) written[run.id] = to_json(run);
  std::map<std::string, std::uint64_t> count;
  const std::vector<Run> back = store->list({"", {}, 100'000}).value();
  for (const Run& run : back) {
    REQUIRE(written.contains(run.id));
    Run whole = **store->find(run.id);
    if (whole.log.empty()) whole.log = run_from_json(written[run.id])->log;
    CHECK(to_json(whole) == written[run.id]);
    ++count[run.target];
  }
  for (const auto& [target, n] : count) CHECK(store->history_of(target)->totals.runs >= n);
  CHECK(back.size() == recovered(repair, "runs"));
  CHECK(store->recover(start + 1001h));
  REQUIRE(store->finish(passed_at(start + 2000h)));
}

struct Damaged {
  Folder folder;
  Path file = folder / "history.db";
  std::vector<Run> runs = fill_history(file, some);
  std::string bytes = read_file(file).value();

  // Refused with words of damage and of the repair, then repaired.
  history::Repair mend(const std::string& damaged) {
    folder.write("history.db", damaged);
    const auto store = HistoryStore::open(file);
    REQUIRE_FALSE(store);
    INFO(store.error().str());
    CHECK(store.error().hint.find("backproof history repair") != std::string::npos);
    CHECK(store.error().text.find(file.native()) != std::string::npos);
    CHECK(read_file(file).value() == damaged);
    history::Repair repair = repaired(file);
    check_repaired(file, runs, repair, damaged);
    return repair;
  }
};

}  // namespace

TEST_CASE("a history that is whole is not changed by a repair") {
  const Damaged history;
  const auto done = history::repair(history.file, start);
  REQUIRE(done);
  CHECK_FALSE(*done);
  CHECK(read_file(history.file).value() == history.bytes);
  CHECK_FALSE(history::repair(history.folder / "missing.db", start));
}

TEST_CASE("a history with a damaged header is repaired without a loss") {
  Damaged history;
  const history::Repair repair = history.mend(with_noise(history.bytes, 0, 100));
  CHECK(recovered(repair, "runs") == some);
  CHECK(recovered(repair, "logs") > 0);
  CHECK(lost(repair, "runs") == 0);
  const auto store = history_at(history.file);
  CHECK(store->history_of("crm")->totals.runs == some / 2 + 1);  // and the one of the check
  CHECK(store->history_of("crm")->created == start);
  CHECK((*store->list({"", {}, 2}))[1].id == history.runs.back().id);
}

TEST_CASE("a history whose whole first page is gone, its schema with it, is repaired") {
  Damaged history;
  CHECK(recovered(history.mend(with_zeros(history.bytes, 0, history_page)), "runs") == some);
  Damaged other;
  CHECK(recovered(other.mend(with_noise(other.bytes, 0, history_page)), "runs") == some);
}

TEST_CASE("whichever page of a history is destroyed, only what lay in it is lost") {
  std::set<std::uint64_t> recoveries;
  const std::size_t pages = Damaged().bytes.size() / history_page;
  REQUIRE(pages > 20);
  for (std::size_t page = 1; page < pages; ++page) {
    Damaged history;
    const bool zeros = page % 2 == 0;
    const std::string bad = zeros ? with_zeros(history.bytes, page * history_page, history_page)
                                  : with_noise(history.bytes, page * history_page, history_page);
    history.folder.write("history.db", bad);
    // A page of what nobody looks at, as the counters of AUTOINCREMENT, may be without consequence.
    const auto done = history::repair(history.file, start + 1000h);
    INFO("page " << page + 1 << (done ? "" : ": " + done.error().str()));
    REQUIRE(done);
    if (!*done) continue;
    check_repaired(history.file, history.runs, **done, bad);
    // A page has room for a handful of runs, and each that is lost is known of by an index.
    CHECK(recovered(**done, "runs") >= some - 8);
    CHECK(recovered(**done, "runs") + lost(**done, "runs") >= some);
    recoveries.insert(recovered(**done, "runs"));
  }
  CHECK(recoveries.size() > 1);
}

TEST_CASE("a history that was cut keeps what is left of it") {
  Damaged history;
  const history::Repair repair =
      history.mend(history.bytes.substr(0, history.bytes.size() * 3 / 4 + 9));
  CHECK(recovered(repair, "runs") > 0);
  CHECK(recovered(repair, "runs") < some);
  CHECK(lost(repair, "runs") > 0);
}

TEST_CASE("a history of which not a byte is left is damaged, not new") {
  const Damaged history;
  history.folder.write("history.db", "");
  const auto store = HistoryStore::open(history.file);
  REQUIRE_FALSE(store);
  CHECK(store.error().text.find("has 0 bytes, but there was a history") != std::string::npos);
  const auto refused = history::repair(history.file, start);
  REQUIRE_FALSE(refused);
  INFO(refused.error().str());
  CHECK(refused.error().hint.find("restore a copy") != std::string::npos);
  std::filesystem::remove(history.file);
  CHECK(history_at(history.file)->list({})->empty());
}

TEST_CASE("a write-ahead log that is none is damage, and is kept aside with its history") {
  Damaged history;
  const std::string noise = Random(5).bytes(10'000);
  history.folder.write("history.db-wal", noise);
  const auto store = HistoryStore::open(history.file);
  REQUIRE_FALSE(store);
  CHECK(store.error().text.find("history.db-wal is none") != std::string::npos);
  const history::Repair repair = repaired(history.file);
  CHECK(read_file(repair.aside.native() + "-wal").value() == noise);
  CHECK(recovered(repair, "runs") == some);
  CHECK_FALSE(std::filesystem::exists(history.file.native() + "-wal"));
  check_repaired(history.file, history.runs, repair, history.bytes);
}

TEST_CASE("a write-ahead log of zeros is what a power loss can leave, and no damage") {
  const Damaged history;
  history.folder.write("history.db-wal", std::string(10'000, '\0'));
  CHECK(history_at(history.file)->list({"", {}, 1000})->size() == some);
}

TEST_CASE("what was committed to the write-ahead log only is recovered") {
  const Folder folder;
  const Path file = folder / "history.db";
  std::vector<Run> runs = fill_history(file, some);
  runs.push_back(passed_at(start + 500h));
  killed_after(file, [&](HistoryStore& store) { return store.finish(runs.back()).has_value(); });
  REQUIRE(std::filesystem::exists(file.native() + "-wal"));
  folder.write("history.db", with_noise(read_file(file).value(), 0, history_page));
  const auto done = history::repair(file, start + 1000h);
  REQUIRE(done);
  // The log may hold a first page of its own: then the file was whole after all.
  if (*done) CHECK(recovered(**done, "runs") == some + 1);
  CHECK((*history_at(file)->find(runs.back().id)).has_value());
}

TEST_CASE("counters that were lost are as high as the recovered runs prove") {
  Damaged history;
  {
    auto db = sqlite::Connection::open(history.file.native());
    REQUIRE(
        db->run("DELETE FROM totals; UPDATE sqlite_sequence SET seq = 0; "
                "PRAGMA journal_mode = DELETE"));
  }
  const std::string bytes = read_file(history.file).value();
  const history::Repair repair = history.mend(with_noise(bytes, 0, 100));
  CHECK(repair.report.raised > 0);
  const auto known = history_at(history.file)->history_of("erp");
  CHECK(known->totals.runs == some / 2);
  CHECK(known->totals.checks.at("row_count") > 0);
}

TEST_CASE("drills, self-tests, unfinished runs and what is known of backups are recovered") {
  const Folder folder;
  const Path file = folder / "history.db";
  fill_history(file, some);
  const Run begun = run_at(start + 700h);
  const Drill drill = drill_passed_at(start + 100h);
  {
    const auto store = history_at(file);
    REQUIRE(store->finish(drill));
    REQUIRE(store->misfire("crm", "overlap"));
    REQUIRE(store->drills_scheduled("crm", true, start));
    REQUIRE(store->begin(begun));
  }
  const std::size_t backups = history_at(file)->history_of("crm")->backups.size();
  REQUIRE(backups > 0);
  folder.write("history.db", with_noise(read_file(file).value(), 0, history_page));
  const history::Repair repair = repaired(file);
  CHECK(recovered(repair, "drills") == 1);
  const auto store = history_at(file);
  const auto known = store->history_of("crm");
  CHECK(known->last_drill->id == drill.id);
  CHECK(known->totals.misfires.at("overlap") == 1);
  CHECK(known->drill_since == start);
  CHECK(known->backups.size() == backups);
  CHECK_FALSE((*store->find(begun.id))->finished);
  CHECK(*store->recover(start + 800h) == 1);
}

TEST_CASE("a history of the first version that was damaged is repaired, too") {
  // As above, but for the place of the document, which moved with the owners.
  Damaged history;
  {
    auto db = sqlite::Connection::open(history.file.native());
    REQUIRE(db);
    REQUIRE(db->run(R"sql(
      PRAGMA writable_schema = ON;
      CREATE TABLE old (seq INTEGER PRIMARY KEY, id TEXT, target TEXT, trigger TEXT, attempt INTEGER,
        started INTEGER, ended INTEGER, verdict TEXT, cause TEXT, restored INTEGER, path TEXT,
        bytes INTEGER, sha TEXT, created INTEGER, owner_pid INTEGER, owner_start INTEGER,
        owner_boot TEXT, document TEXT);
      INSERT INTO old SELECT seq, id, target, trigger, attempt, started, ended, verdict, cause,
        restored, backup_path, backup_bytes, backup_sha256, backup_created, NULL, NULL, NULL,
        document FROM runs;
      DROP TABLE runs;
      PRAGMA journal_mode = DELETE;
    )sql"));
  }
  const history::Repair repair =
      history.mend(with_zeros(read_file(history.file).value(), 0, history_page));
  CHECK(recovered(repair, "runs") == some);
}

TEST_CASE("a record that cannot be understood is damage that a repair leaves behind") {
  Damaged history;
  {
    auto db = sqlite::Connection::open(history.file.native());
    REQUIRE(db->run("UPDATE runs SET document = 'noise' WHERE seq = (SELECT max(seq) FROM runs)"));
  }
  const history::Repair repair = repaired(history.file);
  CHECK(repair.damage == "1 record cannot be understood");
  CHECK(recovered(repair, "runs") == some - 1);
  CHECK(lost(repair, "runs") == 1);
}

TEST_CASE("what is no history is not repaired, and stays as it is") {
  const Folder folder;
  const Path noise = folder.write("noise.db", Random(3).bytes(50'000));
  const auto refused = history::repair(noise, start);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("nothing in it is of a history") != std::string::npos);
  CHECK(read_file(noise).value() == Random(3).bytes(50'000));
  {
    auto db = sqlite::Connection::open((folder / "other.db").native());
    REQUIRE(db->run("CREATE TABLE t (a)"));
  }
  const auto other = history::repair(folder / "other.db", start);
  REQUIRE_FALSE(other);
  CHECK(other.error().text.find("another program") != std::string::npos);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++files;
  CHECK(files == 2);
}

TEST_CASE("a history that a run is using is not repaired") {
  Damaged history;
  const auto store = history_at(history.file);
  REQUIRE(store->begin(run_at(start + 900h)));
  history.folder.write("history.db", with_zeros(history.bytes, 2 * history_page, history_page));
  const auto refused = history::repair(history.file, start);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("in use by another process") != std::string::npos);
}

TEST_CASE("a repair that is killed at any moment leaves the damaged history or the repaired one") {
  const Damaged history;
  const std::string bad = with_noise(history.bytes, 0, history_page);
  int old_sets = 0, new_sets = 0;
  for (int round = 0; round < 40; ++round) {
    const Folder folder;
    const Path file = folder.write("history.db", bad);
    folder.write("history.db-wal", "");
    const pid_t pid = child([&] { return history::repair(file, start) ? 0 : 1; });
    for (const Stopwatch watch; watch.took() < round * 1500us;) {
    }
    kill(pid, SIGKILL);
    REQUIRE(waitpid(pid, nullptr, 0) == pid);
    const auto store = HistoryStore::open(file);
    if (store) {
      ++new_sets;
      CHECK((*store)->list({"", {}, 1000})->size() == some);
    } else {
      ++old_sets;
      CHECK(read_file(file).value() == bad);
      CHECK(recovered(repaired(file), "runs") == some);
    }
    // The next repair removes what the killed one left.
    REQUIRE(history::repair(file, start));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      CHECK_FALSE(entry.path().filename().native().starts_with(".history-repair-"));
  }
  CHECK(old_sets + new_sets == 40);
}

TEST_CASE("a replacement that was cut short after any of its steps is finished by the next open") {
  const Damaged history;
  const std::string fresh = history.bytes;
  // What is there after each of the steps, the promise with it.
  for (int steps = 0; steps <= 3; ++steps) {
    const Folder folder;
    const auto place = [&](const std::string& end, const std::string& content, bool moved) {
      folder.write(moved ? "history.db.damaged-T" + end : "history.db" + end, content);
    };
    place("-wal", "log", steps > 0);
    place("-shm", "index", steps > 1);
    place("", "damaged", steps > 2);
    folder.write("history.db.repaired-T", fresh);
    const auto store = history_at(folder / "history.db");
    CHECK(store->list({"", {}, 1000})->size() == some);
    CHECK(read_file(folder / "history.db.damaged-T").value() == "damaged");
    CHECK(read_file(folder / "history.db.damaged-T-wal").value() == "log");
    CHECK(read_file(folder / "history.db.damaged-T-shm").value() == "index");
    CHECK_FALSE(std::filesystem::exists(folder / "history.db.repaired-T"));
  }
}
