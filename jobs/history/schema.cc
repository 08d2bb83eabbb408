// SPDX-License-Identifier: Apache-2.0
#include "history/schema.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/text.h"
#include "history/errors.h"
#include "history/replacement.h"

namespace backproof::history {
namespace {

// Times and durations are microseconds. A run that has not ended has no verdict. The columns are
// for questions; the whole truth about a run is its document.
//
// `seq` is the order of things, because clocks are set and times lie: a run gets the next number
// when it begins and again when its result is recorded, and AUTOINCREMENT gives none twice. Every
// index ends with it, being the row's number (https://sqlite.org/autoinc.html).
constexpr std::string_view version_1 = R"sql(
  PRAGMA application_id = 0x62707266;
  CREATE TABLE targets (
    name    TEXT PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
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
  CREATE INDEX runs_by_verdict ON runs (verdict);
  CREATE INDEX runs_by_age ON runs (verdict, ended);
  CREATE INDEX runs_of_target ON runs (target);
  CREATE INDEX runs_of_target_finished ON runs (target) WHERE verdict IS NOT NULL;
  CREATE INDEX runs_of_target_by_verdict ON runs (target, verdict);
  CREATE INDEX runs_restored ON runs (target) WHERE restored = 1;
  CREATE INDEX runs_unfinished ON runs (id) WHERE verdict IS NULL;
  CREATE TABLE totals (
    target TEXT NOT NULL,
    name   TEXT NOT NULL,
    label  TEXT NOT NULL,
    value  INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (target, name, label)
  ) STRICT, WITHOUT ROWID;
)sql";

// An owner is the name of a lock (history/owner.h) and no longer a process by its number, which
// meant nothing in another PID namespace. Whoever wrote version 1 cannot write to this one any
// more: its unfinished runs, which have no owner now, are interrupted.
//
// A run that its own process finished has no owner any more; one that was closed in its absence
// keeps it, and with it the right to be finished after all.
constexpr std::string_view version_2 = R"sql(
  ALTER TABLE runs DROP COLUMN owner_pid;
  ALTER TABLE runs DROP COLUMN owner_start;
  ALTER TABLE runs DROP COLUMN owner_boot;
  ALTER TABLE runs ADD COLUMN owner TEXT;
)sql";

// Self-tests are no runs: no count, verdict or order of runs may depend on them.
constexpr std::string_view version_3 = R"sql(
  CREATE TABLE selftests (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    target   TEXT NOT NULL,
    ended    INTEGER NOT NULL,
    result   TEXT NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX selftests_of_target ON selftests (target, result);
)sql";

// What is known of single backups outlives the runs that it is known from. A backup is what has
// this id, size and time of modification: another file under the name takes the row over. `tried`
// is the end of its last run, `verified` of the last that passed or failed (0: never), `passed` of
// the last that passed; `seen` is when its source last had it. Older runs knew a file's time of
// modification only, as when it was created. `looks` is what heads of backups say (model/look.h).
constexpr std::string_view version_4 = R"sql(
  CREATE TABLE backups (
    target   TEXT NOT NULL,
    id       TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    tried    INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    verdict  TEXT,
    run      TEXT NOT NULL,
    passed   INTEGER NOT NULL,
    seen     INTEGER NOT NULL,
    PRIMARY KEY (target, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE looks (
    target            TEXT NOT NULL,
    id                TEXT NOT NULL,
    version           TEXT NOT NULL,
    content           INTEGER,
    content_earliest  INTEGER,
    content_latest    INTEGER,
    manifest          INTEGER,
    trouble           TEXT NOT NULL,
    seen              INTEGER NOT NULL,
    PRIMARY KEY (target, id)
  ) STRICT, WITHOUT ROWID;
  INSERT OR REPLACE INTO backups
    SELECT target, json_extract(document, '$.backup.id'), backup_bytes, backup_created,
           backup_created, ended, ended, verdict, id, iif(verdict = 'passed', ended, 0), ended
    FROM runs
    WHERE verdict IN ('passed', 'failed') AND json_valid(document)
      AND json_extract(document, '$.backup.id') <> ''
    ORDER BY seq;
)sql";

// Drills are neither runs nor self-tests, but begin and end as runs do: with an owner, unfinished
// without a result. One that its owner finished has none any more. A target is known for longer
// than its drills are scheduled: `drill_since` is what says when the first should have been.
constexpr std::string_view version_5 = R"sql(
  CREATE TABLE drills (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT UNIQUE NOT NULL,
    target   TEXT NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER,
    result   TEXT,
    owner    TEXT,
    document TEXT NOT NULL,
    CHECK ((ended IS NULL) = (result IS NULL))
  ) STRICT;
  CREATE INDEX drills_of_target ON drills (target);
  CREATE INDEX drills_of_target_finished ON drills (target) WHERE result IS NOT NULL;
  CREATE INDEX drills_answered ON drills (target) WHERE result <> 'inconclusive';
  CREATE INDEX drills_unfinished ON drills (id) WHERE result IS NULL;
  ALTER TABLE targets ADD COLUMN drill_since INTEGER;
)sql";

// The log of a run lies beside its document, because it is forgotten sooner.
constexpr std::string_view version_6 = R"sql(
  ALTER TABLE runs ADD COLUMN log TEXT;
  UPDATE runs SET log = nullif(json_extract(document, '$.log'), '[]'),
                  document = json_remove(document, '$.log')
    WHERE json_valid(document) AND json_type(document, '$.log') = 'array';
  CREATE INDEX runs_logged ON runs (ended) WHERE log IS NOT NULL;
  CREATE INDEX runs_logged_of_target ON runs (target) WHERE log IS NOT NULL;
)sql";

// The step from version N to N + 1 stands at N. Steps that were released never change.
constexpr std::array migrations{version_1, version_2, version_3, version_4, version_5, version_6};

constexpr std::string_view settings = R"sql(
  PRAGMA busy_timeout = 5000;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
)sql";

Path folder_of(const Path& file) {
  return file.has_parent_path() ? file.parent_path() : Path(".");
}

// The file exists afterwards, is a file, and may be written. SQLite would open one that may not
// read-only without a word.
Result<void> make_file(const Path& file) {
  if (const Fd made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)); made)
    return {};
  if (errno != EEXIST) {
    Error error = errno_error(errno == ENOSPC || errno == EDQUOT ? Cause::space : Cause::internal,
                              "cannot be created");
    error.hint = "check that its folder exists and that this user may write there";
    return error;
  }
  struct stat st {};
  if (::stat(file.c_str(), &st) != 0) return errno_error(Cause::internal, "cannot be opened");
  if (!S_ISREG(st.st_mode))
    return Error{Cause::internal, "is not a regular file", "give the path of a file"};
  if (::faccessat(AT_FDCWD, file.c_str(), R_OK | W_OK, AT_EACCESS) != 0 ||
      ::faccessat(AT_FDCWD, folder_of(file).c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    Error error = errno_error(Cause::internal, "cannot be written");
    error.hint =
        "this user must own the file and its folder, on a file system that is not "
        "mounted read-only";
    return error;
  }
  return {};
}

// SQLite calls it an I/O error when there is no room for the index of the write-ahead log.
bool is_full(const Path& file, const Error& error) {
  if (!error.text.ends_with("disk I/O error")) return false;
  const Result<Space> space = space_of(folder_of(file));
  return space && space->available < 64U << 10U;
}

// What is wrong with a file, with what a person can do about it.
Error explained(const Path& file, const Error& error) {
  const std::string name = "history " + text::printable(file.native());
  if (error.cause == Cause::wrong_format)
    return {
        Cause::internal, name + " is no SQLite database",
        "give the path of a history, or of no file; if it was one: " + std::string(repair_hint)};
  if (error.cause == Cause::damaged)
    return {Cause::internal, name + " is damaged: " + error.text, std::string(repair_hint)};
  if (error.cause == Cause::space || is_full(file, error))
    return {Cause::space, name + " cannot be made: " + error.text, "make room where it lies"};
  return {Cause::internal, name + ": " + error.text, error.hint};
}

// A history that had runs has owners beside it: without a byte in it it was cut, and would begin
// anew at 0 without a word.
Result<void> check_empty(const Path& file) {
  std::error_code error;
  const bool is_empty = std::filesystem::is_regular_file(file, error) &&
                        std::filesystem::file_size(file, error) == 0 && !error;
  if (!is_empty || !std::filesystem::exists(file.native() + "-owners", error)) return {};
  return Error{Cause::damaged, "it has 0 bytes, but there was a history", ""};
}

// SQLite takes a write-ahead log that does not begin as one for none, and with it what was
// committed there would vanish without a word. One of zeros alone is what a power loss can leave of
// one to which nothing was committed yet.
Result<void> check_log(const Path& file) {
  const Path log = file.native() + "-wal";
  const auto fd = open_readonly(log);
  std::array<unsigned char, 32> header{};
  const Result<std::size_t> got = fd ? read_at(fd->get(), header, 0) : Result<std::size_t>(0U);
  if (!got || *got < header.size()) return {};
  const std::string_view magic = as_text(header).substr(0, 4);
  if (magic == "\x37\x7f\x06\x82" || magic == "\x37\x7f\x06\x83") return {};
  if (const auto bytes = read_file(log, 1U << 30U);
      bytes && bytes->find_first_not_of('\0') == std::string::npos)
    return {};
  return Error{Cause::damaged, "its write-ahead log " + text::printable(log.native()) + " is none",
               ""};
}

// The version of a history; 0 for a file without content.
Result<std::int64_t> identify(sqlite::Connection& db) {
  TRY_ASSIGN(const std::int64_t application, db.integer("PRAGMA application_id"));
  TRY_ASSIGN(const std::int64_t version, db.integer("PRAGMA user_version"));
  TRY_ASSIGN(const std::int64_t objects, db.integer("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && objects == 0) return std::int64_t{0};
  if (application != application_id)
    return Error{Cause::internal, "is a database of another program",
                 "give the path of a history, or of no file"};
  if (version > schema_version() || version < 0)
    return Error{Cause::internal,
                 "was written by a newer version of this program (schema " +
                     std::to_string(version) + ", this one knows up to " +
                     std::to_string(schema_version()) + ")",
                 "run the newer version, or give the path of another file"};
  return version;
}

Result<void> check_pages(sqlite::Connection& db) {
  TRY_ASSIGN(const std::string answer, db.text("PRAGMA quick_check(1)"));
  if (answer == "ok") return {};
  return Error{Cause::damaged, text::printable(answer, 200), ""};
}

Result<void> migrate(sqlite::Connection& db) {
  while (true) {
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db));
    TRY_ASSIGN(const std::int64_t version, identify(db));
    if (version == schema_version()) return {};
    TRY(db.run(migrations.at(static_cast<std::size_t>(version))));
    TRY(db.run("PRAGMA user_version = " + std::to_string(version + 1)));
    TRY(transaction.commit());
  }
}

Result<void> prepare(sqlite::Connection& db) {
  TRY(db.run(settings));
  TRY_ASSIGN(const std::int64_t version, identify(db));
  TRY(check_pages(db));
  TRY_ASSIGN(const std::string mode, db.text("PRAGMA journal_mode"));
  if (mode == "wal" && version == schema_version()) return {};
  TRY_ASSIGN(const std::string journal, db.text("PRAGMA journal_mode = WAL"));
  if (journal != "wal")
    return Error{Cause::internal, "cannot have a write-ahead log (journal mode " + journal + ")",
                 "put it on a local file system"};
  return migrate(db);
}

// With errors as SQLite has them.
Result<sqlite::Connection> open_plainly(const Path& file) {
  // Held from the first look on: a file that is just being made looks like nobody's.
  const Fd lock = lock_folder_of(file);
  TRY(finish_replacement(file));
  TRY(check_empty(file));
  TRY(make_file(file));
  TRY(check_log(file));
  TRY_ASSIGN(auto db, sqlite::Connection::open(sqlite::uri_of(file, "mode=rw")));
  TRY(prepare(db));
  return db;
}

}  // namespace

std::int64_t schema_version() {
  return static_cast<std::int64_t>(migrations.size());
}

// One open at a time makes or migrates the file: two that switch it to WAL mode at once would
// fail, however long they are willing to wait.
Fd lock_folder_of(const Path& file) {
  Fd fd(::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) std::ignore = ::flock(fd.get(), LOCK_EX);
  return fd;
}

Result<sqlite::Connection> open_database(const Path& file) {
  auto db = open_plainly(file);
  if (!db) return explained(file, db.error());
  db->keep_statements();
  return db;
}

Result<std::optional<std::string>> damage_of(const Path& file) {
  const auto db = open_plainly(file);
  if (db) return std::optional<std::string>();
  if (db.error().cause == Cause::damaged || db.error().cause == Cause::wrong_format)
    return std::optional<std::string>(db.error().text);
  return explained(file, db.error());
}

}  // namespace backproof::history
