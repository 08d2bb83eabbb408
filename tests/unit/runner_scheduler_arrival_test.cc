// SPDX-License-Identifier: Apache-2.0
#include "runner_scheduler_bench.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;
using test::Bench;
using test::noon;
using test::until;
using test::verified;
using test::wait_for_runs;

namespace {

using Names = std::vector<std::string>;

Target arriving(Bench& bench, const std::string& settle = "0s") {
  Target target = bench.target("a");
  target.source.options["settle"] = Value{settle, 1};
  target.on_arrival = true;
  return target;
}

void arrive(Bench& bench, const std::string& name, TimePoint when) {
  std::filesystem::create_directories(bench.folder / "a");
  const Path path = bench.folder.write(name, "x");
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::from_sys(when));
  std::filesystem::rename(path, bench.folder / "a" / name);
}

}  // namespace

TEST_CASE("a backup that arrives is verified, although neither schedule nor listing is near") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({arriving(bench)});
  bench.scheduler->start();
  until([&] { return bench.state("a").inventory.listed != TimePoint{}; });
  arrive(bench, "first.db", noon + 1s);
  wait_for_runs(bench, 1);
  arrive(bench, "second.db", noon + 2s);
  wait_for_runs(bench, 2);
  CHECK(verified(bench) == Names{"first.db", "second.db"});
  CHECK(bench.jobs[1].trigger == "arrival");
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("backups that were there before the target are not new") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 5; ++i) arrive(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  bench.configure({arriving(bench)});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  bench.scheduler->tick();
  bench.scheduler->tick();
  wait_for_runs(bench, 1);
  CHECK(verified(bench) == Names{"b0.db"});  // the first run of any target
}

TEST_CASE("ten backups that arrive while nobody is there are each verified once, oldest first") {
  Bench bench("2026-11-23T12:00:00Z");
  arrive(bench, "old.db", noon - 1h);
  bench.configure({arriving(bench)});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  const auto restart = [&] {
    bench.start_anew();
    bench.configure({arriving(bench)});
  };
  bench.scheduler.reset();
  Names expected{"old.db"};
  for (int i = 0; i < 10; ++i) {
    expected.push_back("b" + std::to_string(i) + ".db");
    arrive(bench, expected.back(), noon + 1min * (i + 1));
  }
  bench.clock.set(noon + 1h);
  restart();
  bench.scheduler->start();
  // Ended in the middle, and again: none is lost, none comes twice.
  until([&] { return bench.history->list({}).value().size() >= 4; });
  CHECK(bench.scheduler->stop());
  for (int i = 0; i < 2; ++i) {
    restart();
    bench.scheduler->start();
    wait_for_runs(bench, 11);
  }
  CHECK(verified(bench) == expected);
}

TEST_CASE("a backup is verified on arrival when it is complete, not before") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({arriving(bench, "60s")});
  bench.scheduler->start();
  until([&] { return bench.state("a").inventory.listed != TimePoint{}; });
  // When a file changed says the machine's clock.
  bench.clock.set(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  arrive(bench, "x.db", bench.clock.now());
  bench.scheduler->source_changed("a");
  until([&] { return bench.state("a").inventory.listed >= bench.clock.now(); });
  bench.scheduler->look();
  CHECK(verified(bench).empty());
  // The next regular listing is minutes away.
  bench.clock.advance(4min);
  wait_for_runs(bench, 1);
  CHECK(verified(bench) == Names{"x.db"});
}

TEST_CASE("what arrives in a blackout waits for its end") {
  Bench bench("2026-11-23T12:00:00Z");
  Target target = arriving(bench);
  target.blackout = Blackout::parse({"11:00-18:00"}, "UTC").value();
  bench.configure({target});
  bench.scheduler->start();
  until([&] { return bench.state("a").inventory.listed != TimePoint{}; });
  arrive(bench, "x.db", noon + 1s);
  until([&] { return bench.state("a").inventory.backups == 1; });
  bench.scheduler->look();
  CHECK(verified(bench).empty());
  bench.clock.set(at("2026-11-23T18:00:00Z"));
  wait_for_runs(bench, 1);
}

TEST_CASE("an arrival that could not be fetched is tried again, and then left to the schedule") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.act = [](Run& run, const std::stop_token&) {
    run.stages = {{Stage::fetch, {}, Error{Cause::fetch, "made so", ""}}};
    run.restored = false;
  };
  Target target = arriving(bench);
  target.schedule = Schedule::parse("0 3 1 1 *").value();
  bench.configure({target});
  bench.scheduler->start();
  until([&] { return bench.state("a").inventory.listed != TimePoint{}; });
  arrive(bench, "x.db", noon + 1s);
  wait_for_runs(bench, 1);
  for (std::size_t runs = 2; runs <= 3; ++runs) {
    bench.clock.advance(5min);
    wait_for_runs(bench, runs);
  }
  bench.clock.advance(24h);
  bench.scheduler->tick();
  bench.scheduler->tick();
  wait_for_runs(bench, 3);
}

TEST_CASE(
    "an arrival whose source cannot be listed is tried again as anything else, not for ever") {
  Bench bench("2026-11-23T12:00:00Z");
  Target target = arriving(bench);
  target.schedule = Schedule::parse("0 3 1 1 *").value();
  target.blackout = Blackout::parse({"11:00-18:00"}, "UTC").value();
  bench.configure({target});
  bench.scheduler->start();
  until([&] { return bench.state("a").inventory.listed != TimePoint{}; });
  arrive(bench, "x.db", noon + 1s);
  until([&] { return bench.state("a").inventory.backups == 1; });
  std::filesystem::rename(bench.folder / "a", bench.folder / "away");
  bench.clock.set(at("2026-11-23T18:00:00Z"));
  wait_for_runs(bench, 1);
  for (int i = 0; i < 20; ++i) bench.scheduler->look();
  wait_for_runs(bench, 1);
  for (std::size_t runs = 2; runs <= 3; ++runs) {
    bench.clock.advance(5min);
    wait_for_runs(bench, runs);
  }
  bench.clock.advance(2h);
  for (int i = 0; i < 20; ++i) bench.scheduler->tick();
  wait_for_runs(bench, 3);
  CHECK(verified(bench) == Names{});
  // When the source is back, so is the arrival.
  std::filesystem::rename(bench.folder / "away", bench.folder / "a");
  bench.clock.advance(6min);
  wait_for_runs(bench, 4);
  CHECK(verified(bench) == Names{"x.db"});
}
