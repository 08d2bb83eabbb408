// SPDX-License-Identifier: Apache-2.0
// kill -9 of the service, a worker or a server at random moments of a service's life.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "exporter/control.h"
#include "runner/plan.h"
#include "runner/worker.h"
#include "support/crash_site.h"
#include "support/pg_damage.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Sanitized programs are slow, and most of what is tested is what the kernel does.
#ifdef BACKPROOF_SANITIZED
constexpr int share = 10;
#else
constexpr int share = 1;
#endif

std::uint64_t seed() {
  const char* given = std::getenv("BACKPROOF_CRASH_SEED");
  return given != nullptr ? std::stoull(given)
                          : static_cast<std::uint64_t>(
                                std::chrono::steady_clock::now().time_since_epoch().count());
}

void wait(Duration time) {
  const timespec most{
      std::chrono::duration_cast<std::chrono::seconds>(time).count(),
      std::chrono::duration_cast<std::chrono::nanoseconds>(time % std::chrono::seconds(1)).count()};
  ppoll(nullptr, 0, &most, nullptr);
}

// A service whose parts are killed again and again.
class Life {
 public:
  Life(CrashSite::Engine engine, std::uint64_t seed) : random_(seed), site_(engine) {
    start();
    for (const char* target : {"good", "bad"}) settle(target);
    while (!ask("good")) wait(std::chrono::milliseconds(1));
    const Stopwatch watch;
    settle("good");
    run_takes_ = watch.took();
  }

  // One kill at a moment of a run, or of the start of a service that makes up for an earlier one.
  void strike(bool postgresql) {
    const char* const target = random_.below(3) == 0 ? "bad" : "good";
    ask(target);
    wait(a_while());
    strike_at(random_.below(postgresql ? 4 : 2));
    if (ended_) start();
    // Sometimes what follows is cut off, too, before it is done.
    if (random_.below(4) == 0) {
      wait(a_while());
      strike_at(0);
      start();
    }
    settle(target);
    for (const char* each : {"good", "bad"}) settle(each);
    orphans_.check_none({server_->pid()});
    CHECK(left_in(site_.scratch()) == std::vector<std::string>{});
    site_.check_history(true);
    see_counters();
  }

  void end() {
    server_->signal(SIGTERM);
    CHECK(server_->wait().exit_code == 0);
    orphans_.check_none();
    site_.check_nothing_left();
    WARN(services_ << " services, " << workers_ << " workers and " << postmasters_
                   << " servers were killed; a run took " << text::format_duration(run_takes_));
  }

 private:
  Duration a_while() {
    return Duration{static_cast<Duration::rep>(
        random_.below(static_cast<std::uint64_t>(run_takes_.count() * 6 / 5)))};
  }

  void start() {
    server_ = std::make_unique<Server>(site_.config());
    ended_ = false;
    see_counters();
  }

  void see_counters() {
    const auto now = counters_of(server_->get("/metrics"));
    check_not_lower(counters_, now);
    counters_ = now;
  }

  // False: refused, because one goes on already.
  bool ask(const std::string& target) {
    const auto run = ask_service(site_.state(), {"verify", target});
    if (run) asked_.insert(*run);
    return run.has_value();
  }
  // Whether a run that was asked for still waits or goes on.
  bool is_pending() {
    std::erase_if(asked_, [&](const std::string& run) {
      const auto pending = ask_service(site_.state(), {"pending", run});
      return pending && *pending == "no";
    });
    return !asked_.empty();
  }

  void strike_at(std::uint64_t victim) {
    pid_t hit = server_->pid();
    if (victim == 1) hit = worker_among(descendants_of(hit));
    if (victim >= 2) hit = postmaster_among(descendants_of(hit));
    if (hit == 0) return;  // there was none at this moment
    REQUIRE((kill(hit, SIGKILL) == 0 || errno == ESRCH));
    ++(victim == 0 ? services_ : victim == 1 ? workers_ : postmasters_);
    if (victim != 0) return;
    CHECK(server_->wait().signal == SIGKILL);
    ended_ = true;
    orphans_.check_none();
    site_.check_history(false);
  }

  // The target's backup is verified again. A wish that only waited for its turn goes with a service
  // that is killed, and a run that crashed is made again after a second: both are asked for again.
  void settle(const std::string& target) {
    const Stopwatch watch;
    while (is_pending() || !site_.is_settled(target)) {
      REQUIRE(watch.took() < std::chrono::seconds(60));
      const std::vector<Run> runs = site_.runs_of(target);
      if (!runs.empty() && runs.front().finished && runs.front().cause != Cause::interrupted)
        ask(target);
      wait(std::chrono::milliseconds(3));
    }
  }

  const Orphans orphans_;
  Random random_;
  CrashSite site_;
  std::unique_ptr<Server> server_;
  bool ended_ = false;
  std::set<std::string> asked_;  // ids of runs
  Duration run_takes_{};
  std::map<std::string, double> counters_;
  int services_ = 0, workers_ = 0, postmasters_ = 0;
};

void live(CrashSite::Engine engine, int strikes) {
  const std::uint64_t number = seed();
  WARN("BACKPROOF_CRASH_SEED=" << number);
  Life life(engine, number);
  for (int i = 0; i < strikes / share; ++i) {
    INFO("strike " << i << " of BACKPROOF_CRASH_SEED=" << number);
    life.strike(engine == CrashSite::Engine::postgresql);
  }
  life.end();
}

}  // namespace

TEST_CASE("SQLite: a service and its workers killed at 160 random moments lose and leave nothing") {
  live(CrashSite::Engine::sqlite, 160);
}

TEST_CASE("PostgreSQL: a service, its workers and servers killed at 40 random moments do neither") {
  if (pg_missing()) return;
  live(CrashSite::Engine::postgresql, 40);
}

TEST_CASE("a supervisor killed while the first server's template is made leaves no half of one") {
  if (pg_missing()) return;
  const std::uint64_t number = seed();
  WARN("BACKPROOF_CRASH_SEED=" << number);
  Random random(number);
  const Orphans orphans;
  const Folder folder;
  const Path scratch = folder / "scratch";
  Job job;
  job.target.name = "first";
  job.target.checks = default_checks();
  job.backup = make_pg_plain(folder, "shop.sql");
  const auto verified_now = [&] {
    return run_in_worker(job, BACKPROOF_PROGRAM, scratch, system_clock(), {}, {});
  };
  for (int i = 0; i < 12 / share; ++i) {
    INFO("strike " << i);
    const pid_t supervisor = fork();
    REQUIRE(supervisor >= 0);
    if (supervisor == 0) {
      verified_now();
      _exit(0);
    }
    wait(std::chrono::milliseconds(random.below(1200)));
    kill(supervisor, SIGKILL);
    REQUIRE(waitpid(supervisor, nullptr, 0) == supervisor);
    orphans.check_none();
    CHECK(sweep_sandboxes(scratch) == 0);
    CHECK(left_in(scratch) == std::vector<std::string>{});
  }
  const Run run = verified_now();
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(left_in(scratch) == std::vector<std::string>{});
  int templates = 0;
  for (const auto& of_user : std::filesystem::directory_iterator(scratch))
    for (const auto& each : std::filesystem::directory_iterator(of_user.path())) {
      INFO(each.path());
      CHECK_FALSE(each.path().filename().native().starts_with("making-"));
      ++templates;
    }
  CHECK(templates == 1);
}
