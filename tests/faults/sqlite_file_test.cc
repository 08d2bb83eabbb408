// SPDX-License-Identifier: Apache-2.0
// A SQLite database file that is not what it should be.
#include <unistd.h>

#include "model/run_json.h"
#include "support/damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Overwrites `size` bytes at `at` with `byte`.
void scribble(const Path& file, std::size_t at, std::size_t size, char byte) {
  std::string bytes = content_of(file);
  bytes.replace(at, size, size, byte);
  write_atomic(file, bytes).value();
}

// A database in WAL mode with 100 rows in the file and 400 more only in its log, copied while it
// was open: NAME, NAME-wal.
Path copy_with_wal(const Folder& folder) {
  const std::string db = (folder / "live.db").native();
  sh("sqlite3 " + db + R"( <<'SQL'
PRAGMA journal_mode=WAL;
PRAGMA wal_autocheckpoint=0;
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t SELECT i, 'row ' || i FROM n;
PRAGMA wal_checkpoint(TRUNCATE);
WITH RECURSIVE n(i) AS (SELECT 101 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, 'row ' || i FROM n;
.shell cp )" +
     db + " " + db + "-copy; cp " + db + "-wal " + db + "-copy-wal\nSQL");
  std::filesystem::rename(db + "-copy", folder / "copy.db");
  std::filesystem::rename(db + "-copy-wal", folder / "copy.db-wal");
  return folder / "copy.db";
}

std::uint64_t rows_of(const Run& run, std::string_view table) {
  for (const TableFact& fact : run.tables)
    if (fact.table == table) return fact.rows;
  return UINT64_MAX;
}

}  // namespace

DAMAGE("more", "nothing: a good database file", passed, none, "") {
  return make_shop(folder);
}
DAMAGE("F12", "a database without tables", failed, incomplete, "check tables") {
  sh("sqlite3 " + (folder / "none.db").native() + " 'create table t(a); drop table t'");
  return folder / "none.db";
}
DAMAGE("F29", "a database whose tables are all empty", failed, check_failed, "check row_count") {
  sh("sqlite3 " + (folder / "hollow.db").native() + " 'create table t(a)'");
  return folder / "hollow.db";
}
DAMAGE("F13", "a value changed in a bare file (only a checksum could tell)", passed, none, "") {
  const Path file = make_shop(folder);
  std::string bytes = content_of(file);
  bytes.replace(bytes.find("customer 500"), 12, "customer 5O0");
  return folder.write("value.db", bytes);
}
DAMAGE("F13", "a value changed inside a gzip", failed, damaged, "finding") {
  const Path file = make_shop(folder);
  sh("gzip -n -1 " + file.native());
  std::string bytes = content_of(folder / "shop.db.gz");
  // Stored blocks, so that the value stands in the stream as it is.
  sh("python3 - " + folder.path().native() + R"( <<'PY'
import sys, zlib, gzip
raw = gzip.open(sys.argv[1] + "/shop.db.gz").read()
c = zlib.compressobj(0, zlib.DEFLATED, 31)
open(sys.argv[1] + "/stored.db.gz", "wb").write(c.compress(raw) + c.flush())
PY)");
  bytes = content_of(folder / "stored.db.gz");
  bytes.replace(bytes.find("customer 500"), 12, "customer 5O0");
  return folder.write("value.db.gz", bytes);
}
DAMAGE("F14", "a copy in WAL mode without its log", passed, none,
       "no write-ahead log lies beside it") {
  const Path file = copy_with_wal(folder);
  std::filesystem::remove(folder / "copy.db-wal");
  return file;
}
DAMAGE("F15", "a log with a broken header beside the database", failed, damaged, "finding") {
  const Path file = copy_with_wal(folder);
  scribble(folder / "copy.db-wal", 20, 4, 'x');
  return file;
}
DAMAGE("F15", "a log that is damaged in the middle", failed, damaged, "finding") {
  const Path file = copy_with_wal(folder);
  scribble(folder / "copy.db-wal", 32 + 24 + 4096 + 30, 8, 'x');
  return file;
}
DAMAGE("F15", "the log of another database", failed, damaged, "finding") {
  const Path file = copy_with_wal(folder);
  const std::string other = (folder / "other.db").native();
  sh("sqlite3 " + other +
     " 'pragma page_size=1024; pragma journal_mode=wal; create table t(a);' '.shell cp " + other +
     "-wal " + file.native() + "-wal'");
  return file;
}
DAMAGE("F16", "an index out of step with its table", failed, damaged, "check integrity") {
  const Path file = make_shop(folder);
  // The entries stay, what they should be changes.
  sh("sqlite3 " + file.native() +
     " \"pragma writable_schema=on; update sqlite_schema set "
     "sql='CREATE INDEX orders_by_customer ON orders(total)' where name='orders_by_customer'\"");
  return file;
}
DAMAGE("more", "a page overwritten with zeros", failed, damaged, "check integrity") {
  const Path file = make_shop(folder);
  scribble(file, std::filesystem::file_size(file) / 2 / 4096 * 4096, 4096, '\0');
  return file;
}
DAMAGE("more", "the file cut at a page border", failed, truncated, "restore") {
  const Path file = make_shop(folder);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 4096);
  return file;
}
DAMAGE("more", "the file cut inside its header", failed, truncated, "restore") {
  const Path file = make_shop(folder);
  std::filesystem::resize_file(file, 60);
  return file;
}
DAMAGE("more", "pages of something else behind the last page", failed, damaged, "finding") {
  return folder.write("longer.db", content_of(make_shop(folder)) + Random(5).bytes(8192));
}
DAMAGE("more", "preallocated zeros behind the last page", passed, none,
       "zero bytes follow the last page") {
  return folder.write("longer.db", content_of(make_shop(folder)) + std::string(65536, '\0'));
}
DAMAGE("more", "a header that no SQLite writes", failed, damaged, "restore") {
  const Path file = make_shop(folder);
  scribble(file, 21, 1, 'x');
  return file;
}
DAMAGE("F37", "orders of customers that do not exist", failed, check_failed, "check foreign_keys") {
  const Path file = make_shop(folder);
  sh("sqlite3 " + file.native() + " 'delete from customer where id in (7, 8)'");
  return file;
}
DAMAGE("F97", "a trigger and a view that call what is not there", passed, none, "") {
  const Path file = make_shop(folder);
  sh("sqlite3 " + file.native() +
     " \"create view v as select load_extension('/tmp/evil'); "
     "create trigger tr after insert on orders begin select writefile('/tmp/evil', 'x'); end\"");
  return file;
}
DAMAGE("F97", "a schema that is no SQL", failed, damaged, "check integrity") {
  const Path file = make_shop(folder);
  sh("sqlite3 " + file.native() +
     " \"pragma writable_schema=on; update sqlite_schema set sql='create tabel x' where "
     "name='customer'\"");
  return file;
}

TEST_CASE("F14: rows that stand only in the log beside the database are restored and counted") {
  const Folder folder;
  const Path file = copy_with_wal(folder);
  const Run with = verified(file);
  CHECK(with.verdict == Verdict::passed);
  CHECK(rows_of(with, "t") == 500);
  CHECK(std::filesystem::exists(folder / "copy.db-wal"));
  std::filesystem::remove(folder / "copy.db-wal");
  CHECK(rows_of(verified(file), "t") == 100);
}

TEST_CASE("a hot rollback journal beside the database is rolled back on the copy") {
  const Folder folder;
  const std::string db = make_shop(folder).native();
  sh("sqlite3 " + db + R"( <<'SQL'
PRAGMA cache_size=1;
PRAGMA cache_spill=1;
BEGIN;
DELETE FROM orders WHERE id % 2;
UPDATE customer SET name = name || name;
.shell cp )" +
     db + " " + db + "-copy; cp " + db + "-journal " + db + "-copy-journal\nROLLBACK;\nSQL");
  const Run run = verified(db + "-copy");
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(rows_of(run, "orders") == 5000);
}

TEST_CASE("every page size from 512 to 65536 is verified with exact counts") {
  for (int size = 512; size <= 65536; size *= 2) {
    const Folder folder;
    const Path file = make_shop(folder);
    sh("sqlite3 " + file.native() + " 'pragma page_size=" + std::to_string(size) + "; vacuum'");
    const Run run = verified(file);
    INFO(size << " " << run.reason);
    CHECK(run.verdict == Verdict::passed);
    CHECK(rows_of(run, "customer") == 1000);
    CHECK(rows_of(run, "orders") == 5000);
  }
}

namespace {

// Root may read everything: the program is run as somebody else then.
Run verified_by_nobody(const Folder& folder, const Path& file) {
  const Path copy = folder / "backproof", scratch = folder / "scratch";
  std::filesystem::copy_file(BACKPROOF_PROGRAM, copy, std::filesystem::copy_options::skip_existing);
  std::filesystem::create_directory(scratch);
  std::filesystem::permissions(scratch, std::filesystem::perms(0777));
  std::vector<std::string> argv{copy.native(),   "verify",         "--format",   "json",
                                "--scratch-dir", scratch.native(), file.native()};
  if (geteuid() == 0) {
    const std::vector<std::string> nobody{"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
                                          "--clear-groups"};
    argv.insert(argv.begin(), nobody.begin(), nobody.end());
  }
  const auto output = run({argv, {}, ""}, std::chrono::minutes(1));
  REQUIRE(output);
  INFO(output->out << output->err);
  CHECK(std::filesystem::is_empty(scratch));
  return run_from_json(output->out).value();
}

}  // namespace

TEST_CASE("a file that this user may not read is inconclusive, one that he may read passes") {
  const Folder folder;
  const Path file = make_shop(folder);
  std::filesystem::permissions(file, std::filesystem::perms(0));
  const Run refused = verified_by_nobody(folder, file);
  CHECK(refused.verdict == Verdict::inconclusive);
  CHECK(refused.cause == Cause::fetch);
  std::filesystem::permissions(file, std::filesystem::perms(0444));
  const Run passed = verified_by_nobody(folder, file);
  INFO(passed.reason);
  CHECK(passed.verdict == Verdict::passed);
  CHECK(passed.isolation == Isolation::full);
}

TEST_CASE("a log or a journal that this user may not read is inconclusive and named") {
  for (const std::string end : {"-wal", "-journal"}) {
    const Folder folder;
    const Path file = make_shop(folder);
    std::filesystem::permissions(file, std::filesystem::perms(0444));
    const Path beside = folder.write("shop.db" + end, "anything");
    std::filesystem::permissions(beside, std::filesystem::perms(0));
    const Run run = verified_by_nobody(folder, file);
    INFO(run.reason);
    CHECK(run.verdict == Verdict::inconclusive);
    CHECK(run.cause == Cause::fetch);
    CHECK(run.reason.find("shop.db" + end) != std::string::npos);
    CHECK(run.reason.find("Permission denied") != std::string::npos);
  }
}
