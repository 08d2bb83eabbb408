// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_newest.h"

#include "db/sqlite_database.h"
#include "db/times.h"
#include "support/sqlite_zoo.h"
#include "support/support.h"

namespace backproof::test {
namespace {

const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
constexpr const char* limit = "2026-12-01T00:00:00Z";

std::int64_t newest_by_self_check(const Path& file) {
  auto database = open_sqlite_database(file, {});
  REQUIRE(database);
  (*database)->want({true, at(limit)});
  const SelfCheck& check = (*database)->self_check(quiet);
  REQUIRE(check.tables);
  return std::chrono::floor<std::chrono::seconds>(check.tables->front().newest)
      .time_since_epoch()
      .count();
}

// As the check `freshness` asks.
std::int64_t newest_by_sql(const Path& file) {
  const std::string seconds = epoch_sql(Dialect::sqlite, "\"made_at\"");
  const std::string latest = std::to_string(at(limit).time_since_epoch().count() / 1000000);
  const auto found =
      ask_sql(file, "SELECT CAST(max(0, coalesce(max(CASE WHEN " + seconds + " <= " + latest +
                        " THEN " + seconds + " END), 0)) AS INTEGER) FROM t");
  return std::stoll(found.at(0));
}

}  // namespace

TEST_CASE("the newest time of a table is the one that SQL finds, whatever the form of its times") {
  const std::vector<std::string> forms{"'2026-11-20'",
                                       "'2026-11-20 11:59'",
                                       "'2026-11-20T11:59:58'",
                                       "'2026-11-20 11:59:58.123'",
                                       "'2026-11-20T11:59:58Z'",
                                       "'2026-11-20T11:59:58.5Z'",
                                       "'2026-11-20 11:59:58.9999'",
                                       "'2026-11-20T11:59:58+02:00'",
                                       "'2026-11-20 11:59:58-05:30'",
                                       "'2026-11-20 24:00:00'",
                                       "'2026-02-31'",
                                       "'2026-04-31 10:00'",
                                       "'2026-13-01'",
                                       "'2026-11-32'",
                                       "'2026-11-20 25:00'",
                                       "'2026-11-20 11:60'",
                                       "'2026-11-20 11:59:60'",
                                       "'2026-11-20Z'",
                                       "'2026-11-20 '",
                                       "'  2026-11-20'",
                                       "'2026/11/20'",
                                       "'20261120'",
                                       "'20-11-2026'",
                                       "'2461000.5'",
                                       "'11:59'",
                                       "'now'",
                                       "''",
                                       "'never'",
                                       "'2026-11-20 11:59:58.'",
                                       "'2026-11-20 11:59:58 Z'",
                                       "'2026-11-20'||char(0)||'x'",
                                       "x'323032362d31312d3230'",
                                       "NULL",
                                       "1795175940",
                                       "1795175940123",
                                       "1795175940123456",
                                       "1795175940.9",
                                       "1795175940123.0",
                                       "2461365.0",
                                       "-5",
                                       "0",
                                       "-9223372036854775808",
                                       "9223372036854775807",
                                       "9e999",
                                       "-9e999",
                                       "1e300",
                                       "5373484.5",
                                       "5373485.5",
                                       "100000000000",
                                       "100000000001",
                                       "100000000000001",
                                       "'2026-12-01 00:00:00'",
                                       "'2026-12-01 00:00:01'",
                                       "1796083200",
                                       "1796083201",
                                       "1796083200.5",
                                       "'9999-12-31'",
                                       "'0000-01-01'",
                                       "'1969-12-31 23:59:59'",
                                       "'-2026-11-20'",
                                       "2461376.00001"};
  const Folder folder;
  for (const char* encoding : {"UTF-8", "UTF-16be"})
    for (const char* type : {"", "TEXT", "INTEGER", "REAL", "DATETIME"})
      for (const std::string& form : forms) {
        INFO(encoding << " " << type << " " << form);
        const Path file = folder / "x.db";
        std::filesystem::remove(file);
        run_sql(file, std::string("PRAGMA encoding='") + encoding +
                          "';PRAGMA synchronous=OFF; CREATE TABLE t(made_at " + type +
                          "); INSERT INTO t VALUES ('2001-01-01'), (" + form + "), (NULL)");
        const std::int64_t newest = newest_by_self_check(file);
        CHECK(newest == newest_by_sql(file));
        CHECK(newest >= 978307200);
      }
}

TEST_CASE("the plainest forms of times are read without SQL") {
  CHECK(plain_time("2026-11-20T11:59:58.123Z") == 1795175998);
  CHECK(plain_time("1970-01-02") == 86400);
  CHECK_FALSE(plain_time("2026-11-20T11:59:58+01:00"));
  for (const char* plain : {"2026-11-20", "2026-11-20 11:59", "2026-11-20T11:59:58Z"}) {
    NewestTime newest(1796083200);
    const std::string_view text = plain;
    newest.add({SqliteValue::Kind::text, 0, 0, as_bytes(text)});
    CHECK(newest.seconds() > 1795000000);
    CHECK_FALSE(newest.has_unread());
  }
}

}  // namespace backproof::test
