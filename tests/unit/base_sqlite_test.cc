// SPDX-License-Identifier: Apache-2.0
#include "base/sqlite.h"

#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>

#include "support/support.h"

namespace backproof::test {
namespace {

sqlite::Connection open_new(const Folder& folder) {
  auto connection = sqlite::Connection::open(sqlite::uri_of(folder / "new.db", ""));
  REQUIRE(connection);
  return std::move(*connection);
}

TEST_CASE("values of every class come back as they were bound") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  REQUIRE(db.run("CREATE TABLE t(a, b, c, d); -- a comment\n ;"));
  auto insert = db.prepare("INSERT INTO t VALUES(?, ?, ?, ?)");
  REQUIRE(insert);
  insert->bind(1, std::int64_t{-5}).bind(2, 2.5).bind(3, std::string_view("a\0b", 3)).bind_null(4);
  REQUIRE(*insert->step() == false);
  CHECK(db.last_changes() == 1);
  insert->reset();
  insert->bind(1, std::string_view{});
  REQUIRE(insert->step());

  auto select = db.prepare("SELECT * FROM t ORDER BY rowid");
  REQUIRE(select);
  REQUIRE(*select->step());
  CHECK(select->columns() == 4);
  CHECK(select->integer(0) == -5);
  CHECK(select->real(1) == 2.5);
  CHECK(select->text(2) == std::string_view("a\0b", 3));
  CHECK(select->is_null(3));
  REQUIRE(*select->step());
  CHECK_FALSE(select->is_null(0));
  CHECK(select->text(0).empty());
  CHECK(select->is_null(1));
  CHECK_FALSE(*select->step());
}

TEST_CASE("one value can be asked for directly, and no row is an error") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  CHECK(*db.integer("SELECT 6 * 7") == 42);
  CHECK(*db.text("SELECT 'word'") == "word");
  CHECK_FALSE(db.integer("SELECT 1 WHERE 0"));
  CHECK_FALSE(db.prepare(" -- nothing"));
}

TEST_CASE("a transaction that is not committed leaves nothing behind") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  REQUIRE(db.run("CREATE TABLE t(a)"));
  {
    auto transaction = sqlite::Transaction::begin(db);
    REQUIRE(transaction);
    REQUIRE(db.run("INSERT INTO t VALUES(1)"));
  }
  CHECK(*db.integer("SELECT count(*) FROM t") == 0);
  auto transaction = sqlite::Transaction::begin(db);
  REQUIRE(transaction);
  REQUIRE(db.run("INSERT INTO t VALUES(1)"));
  REQUIRE(transaction->commit());
  CHECK(*db.integer("SELECT count(*) FROM t") == 1);
}

TEST_CASE("an error names the schema and never a value of a row") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  REQUIRE(
      db.run("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES('secret');"
             "CREATE TRIGGER no BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'secret'); END"));
  const auto text_of = [&](const char* sql) {
    const auto done = db.run(sql);
    REQUIRE_FALSE(done);
    return done.error().text;
  };
  CHECK(text_of("INSERT INTO t VALUES('secret')").find("t.a") != std::string::npos);
  CHECK(text_of("SELECT * FROM gone").find("gone") != std::string::npos);
  for (const char* sql : {"DELETE FROM t", "INSERT INTO t VALUES('x' 'secret')",
                          "SELECT json_extract('{}', 'secret')", "SELECT 'secret"})
    CHECK(text_of(sql).find("secret") == std::string::npos);
}

TEST_CASE("an error of a statement that loads data names nothing that stands in its text") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  REQUIRE(db.run("CREATE TABLE t(a UNIQUE, b)"));
  for (const auto& [sql, said] : std::vector<std::pair<std::string, std::string>>{
           {"INSERT INTO t VALUES(1, secret)", "no such column"},
           {"INSERT INTO t VALUES(1, secret('x'))", "no such function"},
           {"INSERT INTO secret VALUES(1)", "no such table"},
           {"INSERT INTO t(secret) VALUES(1)", "no column of that name"},
           {"INSERT INTO t VALUES(1, 2, 'secret')", "number of values"},
           {"INSERT INTO t VALUES(1, x COLLATE secret)", "no such"},
           {"SELECT secret.* FROM t", "no such table"},
           {"SELECT 1 LIMIT secret", "no such column"},
           {"SELECT max(1, (SELECT secret.x))", "no such column"}}) {
    const auto done = db.run(sql, sqlite::Names::hidden);
    REQUIRE_FALSE(done);
    INFO(sql << ": " << done.error().text);
    CHECK(done.error().text.find("secret") == std::string::npos);
    CHECK(done.error().text.find(said) != std::string::npos);
  }
  CHECK(db.run("CREATE VIEW v AS SELECT 1; SELECT gone", sqlite::Names::shown)
            .error()
            .text.find("gone") != std::string::npos);
}

TEST_CASE("text that ends with a NUL runs to its end") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  REQUIRE(db.run(std::string_view("CREATE TABLE t(a);\0", 19)));
  REQUIRE(db.run(std::string_view("\0", 1)));
  CHECK(*db.integer("SELECT count(*) FROM t") == 0);
}

TEST_CASE("a disk that is full or cannot be used is no fault of the content") {
  const Folder folder;
  {
    sqlite::Connection db = open_new(folder);
    REQUIRE(db.run("CREATE TABLE t(a)"));
  }
  const auto none = sqlite::Connection::open(sqlite::uri_of(folder / "no/such.db", ""));
  REQUIRE_FALSE(none);
  CHECK(none.error().cause == Cause::internal);
  auto full = sqlite::Connection::open(sqlite::uri_of(folder / "new.db", ""));
  REQUIRE(full);
  REQUIRE(full->run("PRAGMA max_page_count=5"));
  const auto done = full->run("INSERT INTO t VALUES(zeroblob(100000))");
  REQUIRE_FALSE(done);
  CHECK(done.error().cause == Cause::space);
  sqlite3_limit(full->handle(), SQLITE_LIMIT_LENGTH, 1000);
  CHECK(full->run("SELECT zeroblob(5000)").error().cause == Cause::space);
}

TEST_CASE("a write beyond the limit of file sizes has cause space") {
  const Folder folder;
  sqlite::Connection db = open_new(folder);
  REQUIRE(db.run("PRAGMA journal_mode=OFF; CREATE TABLE t(a)"));
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 65536;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto done = db.run("INSERT INTO t VALUES(zeroblob(9000000))");
  CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(done);
  INFO(done.error().text);
  CHECK(done.error().cause == Cause::space);
}

TEST_CASE("codes and causes of SQLite's errors are told apart") {
  const Folder folder;
  const Path garbage = folder.write("garbage.db", std::string(4096, 'x'));
  auto db = sqlite::Connection::open(sqlite::uri_of(garbage, "mode=ro"), SQLITE_OPEN_READONLY);
  REQUIRE(db);
  const auto count = db->integer("SELECT count(*) FROM sqlite_schema");
  REQUIRE_FALSE(count);
  CHECK(count.error().cause == Cause::wrong_format);
  CHECK(db->code() == sqlite::Code::not_a_database);
  CHECK_FALSE(sqlite::Connection::open(sqlite::uri_of(folder / "none.db", "mode=ro"),
                                       SQLITE_OPEN_READONLY));
}

TEST_CASE("a file name with every odd character survives in a URI") {
  const Folder folder;
  const Path odd = folder / "a b%20?mode=memory#x&'\"ä\n.db";
  {
    auto db = sqlite::Connection::open(sqlite::uri_of(odd, ""));
    REQUIRE(db);
    REQUIRE(db->run("CREATE TABLE t(a)"));
  }
  CHECK(std::filesystem::exists(odd));
  CHECK(sqlite::uri_of("/x y", "mode=ro") == "file:/x%20y?mode=ro");
}

}  // namespace
}  // namespace backproof::test
