// SPDX-License-Identifier: Apache-2.0
#include "history/schema.h"

#include "history_drills.h"
#include "history_runs.h"
#include "model/run_json.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// A history of version 1 as it was written when that was the newest: two finished runs, one whose
// process is long gone, a sighting and a misfire. Never to be changed once it is released:
// every later version must still read it.
constexpr auto version_1 = R"sql(
PRAGMA application_id = 1651536486;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE targets (
    name    TEXT PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
INSERT INTO targets VALUES('crm',1795442400000000);
CREATE TABLE runs (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT UNIQUE NOT NULL,
    target         TEXT NOT NULL,
    trigger        TEXT NOT NULL,
    attempt        INTEGER NOT NULL,
    started        INTEGER NOT NULL,
    ended          INTEGER,
    verdict        TEXT,
    cause          TEXT,
    restored       INTEGER NOT NULL,
    backup_path    TEXT NOT NULL,
    backup_bytes   INTEGER NOT NULL,
    backup_sha256  TEXT NOT NULL,
    backup_created INTEGER NOT NULL,
    owner_pid      INTEGER,
    owner_start    INTEGER,
    owner_boot     TEXT,
    document       TEXT NOT NULL,
    CHECK ((ended IS NULL) = (verdict IS NULL)),
    CHECK ((ended IS NULL) = (cause IS NULL))
  ) STRICT;
INSERT INTO runs VALUES(2,'20261123T140000Z-00000001','crm','schedule',1,1795442400000000,1795442403000000,'passed','none',1,'/backups/crm.db.gz',1000,'ab',1795438800000000,NULL,NULL,NULL,'{"version":1,"id":"20261123T140000Z-00000001","target":"crm","verdict":"passed","cause":"none","reason":"","hint":"","trigger":"schedule","attempt":1,"finished":true,"started":"2026-11-23T14:00:00Z","scheduled":null,"seconds":3.0,"backup":{"id":"crm.db.gz","path":"/backups/crm.db.gz","bytes":1000,"sha256":"ab","created":"2026-11-23T13:00:00Z"},"format":{"name":"","containers":"","server_version":"","database":""},"isolation":"none","restored":true,"restored_bytes":4096,"resources":{"user_seconds":0.0,"system_seconds":0.0,"max_rss_bytes":0,"max_anonymous_bytes":0,"scratch_bytes":0},"stages":[{"stage":"fetch","seconds":1.0},{"stage":"restore","seconds":1.5}],"findings":[],"checks":[{"check":"row_count","subject":"orders","verdict":"passed","enforced":true,"looked_at_data":true,"observed":"5","expected":"5","detail":"","seconds":0.0}],"tables":[],"log":[{"time":"2026-11-23T14:00:00Z","text":"opened crm.db.gz"}]}');
INSERT INTO runs VALUES(4,'20261124T140000Z-00000002','crm','schedule',1,1795528800000000,1795528803000000,'failed','damaged',0,'',0,'',0,NULL,NULL,NULL,'{"version":1,"id":"20261124T140000Z-00000002","target":"crm","verdict":"failed","cause":"damaged","reason":"a block is bad","hint":"","trigger":"schedule","attempt":1,"finished":true,"started":"2026-11-24T14:00:00Z","scheduled":null,"seconds":3.0,"backup":{"id":"","path":"","bytes":0,"sha256":"","created":null},"format":{"name":"","containers":"","server_version":"","database":""},"isolation":"none","restored":false,"restored_bytes":0,"resources":{"user_seconds":0.0,"system_seconds":0.0,"max_rss_bytes":0,"max_anonymous_bytes":0,"scratch_bytes":0},"stages":[{"stage":"fetch","seconds":2.0,"error":{"cause":"damaged","text":"a block is bad","hint":""}}],"findings":[],"checks":[],"tables":[],"log":[]}');
INSERT INTO runs VALUES(5,'20261125T140000Z-00000003','crm','schedule',1,1795615200000000,NULL,NULL,NULL,0,'',0,'',0,1,1,'00000000-0000-0000-0000-000000000000','{"version":1,"id":"20261125T140000Z-00000003","target":"crm","verdict":"inconclusive","cause":"interrupted","reason":"","hint":"","trigger":"schedule","attempt":1,"finished":false,"started":"2026-11-25T14:00:00Z","scheduled":null,"seconds":3.0,"backup":{"id":"","path":"","bytes":0,"sha256":"","created":null},"format":{"name":"","containers":"","server_version":"","database":""},"isolation":"none","restored":false,"restored_bytes":0,"resources":{"user_seconds":0.0,"system_seconds":0.0,"max_rss_bytes":0,"max_anonymous_bytes":0,"scratch_bytes":0},"stages":[],"findings":[],"checks":[],"tables":[],"log":[]}');
CREATE TABLE totals (
    target TEXT NOT NULL,
    name   TEXT NOT NULL,
    label  TEXT NOT NULL,
    value  INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (target, name, label)
  ) STRICT, WITHOUT ROWID;
INSERT INTO totals VALUES('crm','checks','row_count',1);
INSERT INTO totals VALUES('crm','failures','damaged',1);
INSERT INTO totals VALUES('crm','misfires','overlap',1);
INSERT INTO totals VALUES('crm','phase_microseconds','fetch',3000000);
INSERT INTO totals VALUES('crm','phase_microseconds','restore',1500000);
INSERT INTO totals VALUES('crm','restored_bytes','',4096);
INSERT INTO totals VALUES('crm','runs','',2);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',5);
CREATE INDEX runs_by_verdict ON runs (verdict);
CREATE INDEX runs_by_age ON runs (verdict, ended);
CREATE INDEX runs_of_target ON runs (target);
CREATE INDEX runs_of_target_finished ON runs (target) WHERE verdict IS NOT NULL;
CREATE INDEX runs_of_target_by_verdict ON runs (target, verdict);
CREATE INDEX runs_restored ON runs (target) WHERE restored = 1;
CREATE INDEX runs_unfinished ON runs (id) WHERE verdict IS NULL;
COMMIT;
)sql";

std::string schema_of(sqlite::Connection& db) {
  const auto all = db.text(
      "SELECT group_concat(replace(sql, ' ', ''), char(10)) FROM "
      "(SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name)");
  REQUIRE(all);
  return *all;
}

// Opens, and says why that was refused; the file must not have changed.
Error refusal(const Path& file) {
  const std::string before = read_file(file).value();
  const auto store = HistoryStore::open(file);
  REQUIRE_FALSE(store);
  CHECK(read_file(file).value() == before);
  CHECK(store.error().cause == Cause::internal);
  CHECK(store.error().text.find(file.native()) != std::string::npos);
  CHECK_FALSE(store.error().hint.empty());
  return store.error();
}

bool says(const Error& error, std::string_view words) {
  INFO(error.str());
  const bool said = error.text.find(words) != std::string::npos;
  CHECK(said);
  return said;
}

void write_v1(const Path& file) {
  auto db = sqlite::Connection::open(file);
  REQUIRE(db);
  REQUIRE(db->run(version_1));
}

}  // namespace

TEST_CASE("a missing file and an empty one become a history of the newest version") {
  const Folder folder;
  for (const Path& file : {folder / "missing.db", folder.write("empty.db", "")}) {
    REQUIRE(history_at(file)->finish(passed_at(start)));
    auto db = history::open_database(file);
    REQUIRE(db);
    CHECK(*db->integer("PRAGMA user_version") == history::schema_version());
    CHECK(*db->integer("PRAGMA application_id") == history::application_id);
    CHECK(*db->integer("SELECT count(*) FROM runs") == 1);
  }
}

TEST_CASE("a commit is on the disk before it returns") {
  const Folder folder;
  auto db = history::open_database(folder / "history.db");
  REQUIRE(db);
  CHECK(*db->text("PRAGMA journal_mode") == "wal");
  CHECK(*db->integer("PRAGMA synchronous") == 2);  // FULL
  CHECK(*db->integer("PRAGMA busy_timeout") == 5000);
}

TEST_CASE("a history of version 1 is migrated with everything it held") {
  const Folder folder;
  const Path file = folder / "history.db";
  write_v1(file);
  const auto store = history_at(file);
  const auto known = store->history_of("crm");
  REQUIRE(known);
  CHECK(known->created == start);
  CHECK(known->last_passed->id == "20261123T140000Z-00000001");
  CHECK(known->last_passed->restored_bytes == 4096);
  CHECK(known->last_run->cause == Cause::damaged);
  CHECK(known->consecutive_failures == 1);
  CHECK(known->totals.runs == 2);
  CHECK(known->totals.phases.at(Stage::restore) == 1500ms);
  CHECK(known->totals.misfires.at("overlap") == 1);
  CHECK((*store->find("20261123T140000Z-00000001"))->log.size() == 1);
  CHECK(*store->recover(start + 72h) == 1);
  CHECK(store->history_of("crm")->totals.failures.at(Cause::interrupted) == 1);
}

TEST_CASE("no run is lost or changed on the way from version 1, whoever owned it") {
  const Folder folder;
  const Path file = folder / "history.db";
  write_v1(file);
  const auto documents = [&](const std::string& document) {
    return sqlite::Connection::open(file)->text(
        "SELECT group_concat(seq || id || coalesce(verdict, '-') || " + document +
        ") FROM (SELECT * FROM runs ORDER BY seq)");
  };
  // One more, of a process that may still live, and one that was closed in its process's absence.
  REQUIRE(sqlite::Connection::open(file)->run(R"sql(
    INSERT INTO runs SELECT 6, '20261125T150000Z-00000004', target, trigger, attempt, started, ended,
      verdict, cause, restored, backup_path, backup_bytes, backup_sha256, backup_created,
      1, 0, '', replace(document, '40000Z-00000003', '50000Z-00000004') FROM runs WHERE seq = 5;
    UPDATE runs SET owner_pid = 4711, owner_start = 1, owner_boot = 'x' WHERE seq = 4)sql"));
  const std::string before = *documents("document");
  const auto store = history_at(file);
  // The log lies beside the document since version 6.
  CHECK(*documents("json_set(document, '$.log', json(coalesce(log, '[]')))") == before);
  CHECK(store->list({})->size() == 4);
  // Whoever began them cannot write to this version.
  CHECK(*store->recover(start + 72h) == 2);
  CHECK(*store->recover(start + 73h) == 0);
  CHECK((*store->find("20261124T140000Z-00000002"))->cause == Cause::damaged);
  // Numbers go on where they were.
  REQUIRE(store->finish(passed_at(start + 74h)));
  CHECK(*sqlite::Connection::open(file)->integer("SELECT max(seq) FROM runs") == 7);
}

TEST_CASE("a migrated history has the same schema as a new one") {
  const Folder folder;
  write_v1(folder / "old.db");
  auto old = history::open_database(folder / "old.db");
  auto fresh = history::open_database(folder / "new.db");
  REQUIRE(old);
  REQUIRE(fresh);
  CHECK(schema_of(*old) == schema_of(*fresh));
}

TEST_CASE("a history of version 4 keeps its self-tests and takes drills") {
  const Folder folder;
  const Path file = folder / "history.db";
  Selftest selftest;
  selftest.id = new_run_id(start);
  selftest.target = "crm";
  selftest.started = start;
  selftest.result = Verdict::passed;
  REQUIRE(history_at(file)->record(selftest));
  // Versions 5 and 6 added these and nothing else.
  REQUIRE(sqlite::Connection::open(file)->run(
      "DROP INDEX runs_logged; DROP INDEX runs_logged_of_target; ALTER TABLE runs DROP COLUMN log; "
      "DROP TABLE drills; ALTER TABLE targets DROP COLUMN drill_since; PRAGMA user_version = 4"));
  const auto store = history_at(file);
  CHECK(store->history_of("crm")->last_selftest->id == selftest.id);
  REQUIRE(store->finish(drill_passed_at(start)));
  CHECK(store->history_of("crm")->last_drill);
  history_at(file);
}

TEST_CASE("a history of a newer version is refused and left untouched") {
  const Folder folder;
  const Path file = folder / "history.db";
  REQUIRE(history_at(file)->finish(passed_at(start)));
  REQUIRE(sqlite::Connection::open(file)->run("PRAGMA user_version = 99"));
  says(refusal(file), "was written by a newer version of this program (schema 99");
}

TEST_CASE("a database of another program is refused and left untouched") {
  const Folder folder;
  const Path file = folder / "crm.db";
  REQUIRE(sqlite::Connection::open(file)->run("CREATE TABLE customers (id INTEGER)"));
  says(refusal(file), "is a database of another program");
}

TEST_CASE("a file that is no database is refused and left untouched") {
  const Folder folder;
  says(refusal(folder.write("notes.txt", std::string(5000, 'x'))), "is no SQLite database");
  says(refusal(folder.write("short.txt", "hello")), "is no SQLite database");
}

TEST_CASE("a folder in the place of the file is refused") {
  const Folder folder;
  const auto store = HistoryStore::open(folder.path());
  REQUIRE_FALSE(store);
  says(store.error(), "is not a regular file");
}

TEST_CASE("a history in a folder that does not exist is refused with a hint") {
  const Folder folder;
  const auto store = HistoryStore::open(folder / "missing" / "history.db");
  REQUIRE_FALSE(store);
  says(store.error(), "cannot be created: No such file or directory");
  CHECK_FALSE(store.error().hint.empty());
}

TEST_CASE("a damaged history is refused and left untouched") {
  const Folder folder;
  const Path file = folder / "history.db";
  {
    const auto store = history_at(file);
    for (int i = 0; i < 20; ++i) REQUIRE(store->finish(passed_at(start + i * 1h)));
  }
  const std::string whole = read_file(file).value();
  REQUIRE(whole.size() > 4 * 4096);
  std::string zeroed = whole;
  std::fill(zeroed.begin() + 4096, zeroed.begin() + 3 * 4096, '\0');
  says(refusal(folder.write("zeroed.db", zeroed)), "is damaged");
  says(refusal(folder.write("cut.db", whole.substr(0, whole.size() / 2))), "is damaged");
}

TEST_CASE("no damage to a history makes it crash or claim a damaged backup") {
  const Folder folder;
  const Path file = folder / "history.db";
  {
    const auto store = history_at(file);
    for (int i = 0; i < 5; ++i) REQUIRE(store->finish(passed_at(start + i * 1h)));
  }
  const std::string whole = read_file(file).value();
  Random random(7);
  for (int i = 0; i < 100; ++i) {
    std::string bad = whole;
    for (std::uint64_t n = 1 + random.below(20); n > 0; --n)
      bad[random.below(bad.size())] = static_cast<char>(random.next());
    const auto store = HistoryStore::open(folder.write("bad.db", bad));
    if (!store) {
      CHECK(store.error().cause == Cause::internal);
    } else {
      for (const auto& answer : {(*store)->finish(passed_at(start + 100h))})
        if (!answer) CHECK(answer.error().cause == Cause::internal);
      if (const auto runs = (*store)->list({}); !runs) CHECK(runs.error().cause == Cause::internal);
      if (const auto known = (*store)->history_of("crm"); !known)
        CHECK(known.error().cause == Cause::internal);
    }
    for (const char* name : {"bad.db", "bad.db-wal", "bad.db-shm"})
      std::filesystem::remove(folder / name);
  }
}
