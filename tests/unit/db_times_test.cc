// SPDX-License-Identifier: Apache-2.0
#include "db/times.h"

#include "support/catch.h"
#include "support/sqlite_zoo.h"
#include "support/support.h"

using namespace backproof;

namespace {

// What epoch_sql() makes of a value in SQLite; "" for NULL.
std::string seconds_of_value(const std::string& value) {
  const test::Folder folder;
  return test::ask_sql(folder / "empty.db", "SELECT CAST(" + epoch_sql(Dialect::sqlite, "\"v\"") +
                                                " AS INTEGER) FROM (SELECT " + value + " AS v)")
      .at(0);
}

}  // namespace

TEST_CASE("columns of times are known by their type, in SQLite also by their name") {
  for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql}) {
    CHECK(is_time_column(dialect, "x", "timestamp with time zone"));
    CHECK(is_time_column(dialect, "x", "DATE"));
    CHECK_FALSE(is_time_column(dialect, "updated", "text"));
  }
  CHECK(is_time_column(Dialect::sqlite, "x", "datetime"));
  for (const char* type : {"daterange", "date[]", "date_kind", "timestamp_of", "timestamp[]"})
    CHECK_FALSE(is_time_column(Dialect::postgresql, "x", type));
  for (const char* name : {"created_at", "Start_Time", "due_date", "timestamp"}) {
    CHECK(is_time_column(Dialect::sqlite, name, "integer"));
    CHECK_FALSE(is_time_column(Dialect::postgresql, name, "integer"));
  }
}

TEST_CASE("what time a value of SQLite is") {
  CHECK(seconds_of_value("'2026-11-20 11:59:00'") == "1795175940");
  CHECK(seconds_of_value("'2026-11-20T13:59:00+02:00'") == "1795175940");
  CHECK(seconds_of_value("1795175940") == "1795175940");
  CHECK(seconds_of_value("1795175940123") == "1795175940");
  CHECK(seconds_of_value("1795175940123456") == "1795175940");
  CHECK(seconds_of_value("1795175940.5") == "1795175940");
  CHECK(seconds_of_value("julianday('2026-11-20 12:00:00')") == "1795176000");
  CHECK(seconds_of_value("-9223372036854775807 - 1") == "-9223372036854");
  for (const char* none : {"NULL", "'now'", "''", "'soon'", "x'32303236'", "'2026-13-01'"}) {
    INFO(none);
    CHECK(seconds_of_value(none).empty());
  }
}

TEST_CASE("seconds as databases write them are times to the microsecond") {
  const auto time = [](const char* seconds) { return time_of_epoch(std::string(seconds)); };
  CHECK(time("1795175940.123457") == test::at("2026-11-20T11:59:00.123457Z"));
  CHECK(time("1795175940") == test::at("2026-11-20T11:59:00Z"));
  CHECK(time("-1.5") == TimePoint(std::chrono::milliseconds(-1500)));
  for (const char* none : {"", "Infinity", "-Infinity", "NaN", "1e12", "12 s"}) {
    INFO(none);
    CHECK_FALSE(time(none));
  }
  CHECK_FALSE(time_of_epoch(std::nullopt));
}
