// SPDX-License-Identifier: Apache-2.0
#include "model/time_claim.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint three =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(3);

}  // namespace

TEST_CASE("a time with a zone that is known is exact") {
  for (const char* written :
       {"2026-11-20 03:00:00 UTC", "2026-11-20 03:00:00 GMT", "2026-11-20T03:00:00Z",
        "2026-11-20 04:00:00 +01", "2026-11-19 22:30:00 -0430", "2026-11-20 08:30:00 +05:30"}) {
    INFO(written);
    REQUIRE(claim_of(written));
    CHECK(*claim_of(written) == exactly(three));
  }
}

TEST_CASE("a time without a zone, or with one of several meanings, lies in a day around UTC") {
  for (const char* written : {"2026-11-20 03:00:00", "2026-11-20 03:00:00 CST",
                              "2026-11-20 03:00:00 CET", "2026-11-20 03:00"}) {
    INFO(written);
    REQUIRE(claim_of(written));
    CHECK(claim_of(written)->at == three);
    CHECK(claim_of(written)->earliest == three - 14h);
    CHECK(claim_of(written)->latest == three + 12h);
  }
}

TEST_CASE("what is no time is none") {
  for (const char* written :
       {"", "yesterday", "2026-11-20", "2026-02-30 03:00:00", "2026-11-20 25:00:00",
        "2026-13-01 03:00:00", "1989-01-01 00:00:00", "20261120", "2026-11/20 03:00:00"}) {
    INFO(written);
    CHECK_FALSE(claim_of(written));
  }
}

TEST_CASE("times in names are found, exact where they say their zone") {
  for (const char* name :
       {"crm-20261120T030000Z.dump", "crm_2026-11-20T03:00:00Z.sql.gz", "2026-11-20T04:00:00+01:00",
        "crm.20261120_030000Z", "backup-1795143600.sql", "crm-2026-11-19T22-00-00-0500.dump",
        "2026-11-20/crm-20261120T0300UTC.tar"}) {
    INFO(name);
    REQUIRE(claim_of_name(name));
    CHECK(*claim_of_name(name) == exactly(three));
  }
}

TEST_CASE("times in names without a zone, in all the ways in which scripts write them") {
  for (const char* name :
       {"crm_2026-11-20_03-00.sql", "crm-2026-11-20-03-00-00.sql", "202611200300.dump",
        "crm20261120030000.dump", "20261120-0300-nightly", "crm.2026.11.20.03.00.db",
        "crm_2026_11_20_03_00_00_17.db", "2026-11-20 03:00:00.db", "20261120_03h00.sql",
        "2026-11-20T0300.v2.gz"}) {
    INFO(name);
    REQUIRE(claim_of_name(name));
    CHECK(*claim_of_name(name) == somewhere(three));
  }
}

TEST_CASE("a date alone in a name is its day, in every zone") {
  const TimePoint day = at("2026-11-20T00:00:00Z");
  for (const char* name : {"crm-2026-11-20.dump", "crm20261120.sql.gz", "2026.11.20/crm.db",
                           "crm_20261120_v3.db", "crm-2026-11-20-9999.db"}) {
    INFO(name);
    REQUIRE(claim_of_name(name));
    CHECK(claim_of_name(name)->at == day);
    CHECK(claim_of_name(name)->earliest == day - 14h);
    CHECK(claim_of_name(name)->latest == day + 36h);
  }
}

TEST_CASE("numbers in names that are no times are none") {
  for (const char* name :
       {"crm.db", "crm-12345678.db", "crm-20261301.db", "crm-99991120.db", "120261120.db",
        "crm-202611201.db", "crm-0000000001.db", "crm-17951436001.db", "crm-20261120997001.db"}) {
    INFO(name);
    CHECK_FALSE(claim_of_name(name));
  }
}

TEST_CASE("of several times in a name the most precise counts") {
  CHECK(*claim_of_name("2026-11-20/crm-20261120T030000Z-2026-11-21.db") == exactly(three));
}

TEST_CASE("no bytes in a name do harm") {
  Random random(20261126);
  for (int i = 0; i < 50'000; ++i) {
    std::string name = random.bytes(random.below(40));
    for (char& c : name)
      if (random.below(2) == 0) c = "0123456789-_TZ+:."[random.below(17)];
    if (const auto claim = claim_of_name(name)) {
      REQUIRE(claim->earliest <= claim->at);
      REQUIRE(claim->at <= claim->latest);
    }
    (void)claim_of(name);
  }
}

TEST_CASE("a time more than 5 minutes in the future, or before 1990, is no evidence") {
  CHECK(is_believable(exactly(three), three - 5min));
  CHECK_FALSE(is_believable(exactly(three), three - 5min - 1s));
  // It may have been written east of here.
  CHECK(is_believable(somewhere(three), three - 14h));
  CHECK_FALSE(is_believable(somewhere(three), three - 15h));
  CHECK_FALSE(is_believable(exactly(at("1989-12-31T23:59:59Z")), three));
}

TEST_CASE("without a contradiction the time of modification is the best guess, else the claim") {
  const TimePoint now = three + std::chrono::days(9);
  CHECK(resolved(exactly(three), three + 1h, now) == three);
  CHECK(resolved(somewhere(three), three + 5h, now) == three + 5h);
  CHECK(resolved(somewhere(three), three - 13h, now) == three - 13h);
  CHECK(resolved(somewhere(three), three + 13h, now) == three);
  CHECK(resolved(somewhere(three), three - 20h, three - 10h) == three - 10h);
}
