// SPDX-License-Identifier: Apache-2.0
#include "model/run_json.h"

#include "model/target.h"
#include "support/support.h"

using namespace backproof;

namespace {

Run full_run() {
  Run run;
  run.id = "20261123T143454Z-0011aabb";
  run.target = "crm \"quoted\"\n";
  run.trigger = "schedule";
  run.attempt = 2;
  run.started = test::at("2026-11-23T14:34:54.123456Z");
  run.scheduled = test::at("2026-11-23T14:30:00Z");
  run.took = Duration(1234567);
  run.finished = true;
  run.backup = {"a.db.gz", "/backups/a.db.gz", test::at("2026-11-23T03:00:00Z"), 1234, "ab12"};
  run.format = {"postgresql dump", "gzip", "15.18", "app", "17.2", "UTF8", "2026-11-23 20:52:03"};
  run.isolation = Isolation::full;
  run.stages = {
      {Stage::restore, Duration(999), {}},
      {Stage::check, Duration(1), Error{Cause::timeout, "took too long", "raise timeout"}}};
  run.findings = {{Severity::failure, Cause::damaged, "bad page"},
                  {Severity::warning, Cause::none, "odd name"}};
  CheckResult check;
  check.check = "tables";
  check.subject = "users";
  check.verdict = Verdict::failed;
  check.cause = Cause::incomplete;
  check.enforced = false;
  check.looked_at_data = true;
  check.observed = "absent";
  check.expected = "present";
  check.detail = "none";
  check.hint = "look for it";
  check.took = Duration(17);
  run.checks = {check};
  run.tables = {{"main", "orders", 18446744073709551615ULL}};
  run.restored = true;
  run.restored_bytes = 1ULL << 40U;
  run.resources = {Duration(1), Duration(2), 3, 4, 5};
  run.log = {{test::at("2026-11-23T14:34:55Z"),
              "stage ended",
              log::Level::warn,
              Stage::restore,
              {{"took", "1ms"}}}};
  conclude(run);
  return run;
}

}  // namespace

TEST_CASE("a run survives being written and read with every field") {
  const Run run = full_run();
  const auto again = run_from_json(to_json(run));
  REQUIRE(again);
  CHECK(to_json(*again) == to_json(run));
  CHECK(again->target == run.target);
  CHECK(again->started == run.started);
  CHECK(again->took == run.took);
  CHECK(again->tables == run.tables);
  CHECK(again->stages.at(1).error->cause == Cause::timeout);
  CHECK(again->checks.at(0).cause == Cause::incomplete);
  CHECK(again->log.size() == 1);
}

TEST_CASE("the log can be left out of a run's document") {
  const auto again = run_from_json(to_json(full_run(), false));
  REQUIRE(again);
  CHECK(again->log.empty());
}

TEST_CASE("a run's document of another version or with missing parts is refused") {
  std::string json = to_json(full_run());
  CHECK_FALSE(run_from_json("{}"));
  CHECK_FALSE(run_from_json("no json"));
  CHECK_FALSE(run_from_json(json.substr(0, json.size() / 2)));
  json.replace(json.find("\"version\":1"), 11, "\"version\":9");
  CHECK_FALSE(run_from_json(json));
}

TEST_CASE("numbers that are no time are refused in a run's document") {
  for (const char* number : {"1e300", "-1", "-1e300"}) {
    std::string json = to_json(full_run());
    json.replace(json.find("\"seconds\":1.234567"), 18, std::string("\"seconds\":") + number);
    INFO(number);
    CHECK_FALSE(run_from_json(json));
  }
}

TEST_CASE("numbers that are not whole or out of range are refused in a run's document") {
  const auto with = [](const std::string& member, const std::string& number) {
    std::string json = to_json(full_run());
    const std::size_t at = json.find('"' + member + "\":") + member.size() + 3;
    return json.replace(at, json.find_first_of(",}", at) - at, number);
  };
  for (const char* member : {"version", "attempt", "bytes", "rows", "restored_bytes",
                             "max_rss_bytes", "max_anonymous_bytes", "scratch_bytes"}) {
    INFO(member);
    CHECK(run_from_json(with(member, "1")));
    for (const char* number : {"-5", "-1", "1.0", "1.5", "1e300", "\"1\"", "null", "true"}) {
      INFO(number);
      CHECK_FALSE(run_from_json(with(member, number)));
    }
  }
  CHECK_FALSE(run_from_json(with("attempt", "2147483648")));
  CHECK_FALSE(run_from_json(with("bytes", "18446744073709551616")));
}

TEST_CASE("bytes that are not UTF-8 become replacement characters in a run's document") {
  Run run = full_run();
  run.backup.path = "/backups/\xff.db";
  const auto again = run_from_json(to_json(run));
  REQUIRE(again);
  CHECK(again->backup.path == "/backups/\xef\xbf\xbd.db");
}

TEST_CASE("a job survives being written and read, names of any bytes included") {
  Job job;
  job.run_id = "r";
  job.trigger = "missed";
  job.attempt = 3;
  job.scheduled = test::at("2026-11-23T14:30:00Z");
  job.backup = "/backups/\xff\n'.db";
  job.chosen = {"a\xff.db",
                "/backups/a\xff.db",
                test::at("2026-11-20T03:00:00Z"),
                5,
                "",
                77,
                test::at("2026-11-26T03:00:00Z"),
                Evidence::content,
                "1 2 3"};
  job.notes = {"chosen: a", "b: older"};
  job.sandbox = "/scratch/x";
  job.target.name = "crm";
  job.target.source = {"directory", {{"path", Value{std::string("/backups"), 3}}}};
  job.target.checks = {{"tables", {{"min", Value{std::int64_t{3}, 7}}}}};
  job.target.limits = {std::chrono::hours(1), 5, 6, Isolation::partial};
  job.target.limits.memory = 7;
  job.target.limits.cpu = std::chrono::minutes(2);
  job.target.limits.read_rate = 8;
  job.target.limits.nice = 19;
  job.target.limits.io = IoPriority::idle;
  job.target.decrypt = DecryptSpec{
      "age -d -i '\xff'", {{"A", "\xfe"}}, {{"B", "/secret\xfd"}}, std::chrono::hours(2)};
  job.target.sandbox = {"/pg/bin", {"/globals.sql"}, "postgresql://u@h/\xfe", "/secret"};
  job.database = "backproof_r";
  const auto again = job_from_json(to_json(job));
  REQUIRE(again);
  CHECK(again->backup == job.backup);
  CHECK(again->chosen == job.chosen);
  CHECK(again->notes == job.notes);
  CHECK(again->sandbox == job.sandbox);
  CHECK(again->scheduled == job.scheduled);
  CHECK(again->target.source == job.target.source);
  CHECK(again->target.checks == job.target.checks);
  CHECK(again->target.limits == job.target.limits);
  CHECK(again->target.sandbox == job.target.sandbox);
  CHECK(again->target.decrypt == job.target.decrypt);
  CHECK(again->database == job.database);
  CHECK_FALSE(job_from_json("{\"run_id\": 1}"));
}
