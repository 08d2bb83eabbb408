// SPDX-License-Identifier: Apache-2.0
// kill -9 of the supervisor, the worker or the server exactly where a stage begins or ends.
#include <signal.h>
#include <sys/wait.h>

#include "exporter/control.h"
#include "support/crash_site.h"
#include "support/pg.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

enum class Victim { supervisor, worker, postmaster };

// A stage begins and ends: two events each.
constexpr std::size_t boundaries = 2 * all_stages.size();

// A house in which one is killed after the other, and the counters that it has shown.
class Scene {
 public:
  explicit Scene(CrashSite::Engine engine) : site_(engine) {
    restart(false, "good");
    restart(false, "bad");
  }

  // A verification of the target during which the victim is killed at this boundary; false: it was
  // never there. What its run came to is the last but one of runs() then.
  bool cut(const std::string& target, Victim victim, std::size_t boundary, bool by_itself = false) {
    INFO(target << ", boundary " << boundary << ", victim " << static_cast<int>(victim));
    const StageGate gate;
    const Folder marks;
    const std::size_t before = site_.runs_of(target).size();
    std::size_t passed = 0;
    const pid_t supervisor = site_.supervise(target, gate, [&](pid_t worker, const Run& run) {
      if (run.target != target || passed++ != boundary) return;
      pid_t hit = worker;
      if (victim == Victim::supervisor) hit = getpid();
      if (victim == Victim::postmaster) hit = postmaster_among(descendants_of(getpid()));
      if (hit == 0) return;
      marks.write("struck", "");
      kill(hit, SIGKILL);
    });
    int status = 0;
    REQUIRE(waitpid(supervisor, &status, 0) == supervisor);
    const bool struck = std::filesystem::exists(marks / "struck");
    const bool killed = struck && victim == Victim::supervisor;
    CHECK((WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0));
    CHECK(WIFSIGNALED(status) == killed);
    orphans_.check_none();
    site_.check_history(false);
    const std::vector<Run> after = site_.runs_of(target);
    CHECK(after.size() == before + 1);
    CHECK(after.front().finished != killed);
    restart(killed, target, by_itself);
    return struck;
  }

  std::vector<Run> runs_of(const std::string& target) const { return site_.runs_of(target); }

 private:
  // The real service over what is left. What it interrupted it makes again by itself.
  void restart(bool interrupted, const std::string& target, bool by_itself = true) {
    Server server(site_.config());
    const auto counters = counters_of(server.get("/metrics"));
    check_not_lower(counters_, counters);
    // A run whose worker crashed is made again in a second; asked for it is at once.
    if (!interrupted && !by_itself && !site_.is_settled(target))
      CHECK(ask_service(site_.state(), {"verify", target}));
    server.wait_for("/-/ready", [&](const std::string&) { return site_.is_settled(target); });
    counters_ = counters_of(server.get("/metrics"));
    check_not_lower(counters, counters_);
    const std::vector<Run> runs = site_.runs_of(target);
    if (interrupted) {
      REQUIRE(runs.size() >= 2);
      CHECK(runs[1].verdict == Verdict::inconclusive);
      CHECK(runs[1].cause == Cause::interrupted);
      CHECK(runs[0].trigger == "retry");
      CHECK(runs[0].attempt == 2);
      CHECK(runs[0].backup.id.ends_with(runs[0].backup.path.filename().native()));
    }
    orphans_.check_none({server.pid()});
    server.signal(SIGTERM);
    CHECK(server.wait().exit_code == 0);
    orphans_.check_none();
    site_.check_history(true);
    site_.check_nothing_left();
  }

  const Orphans orphans_;
  CrashSite site_;
  std::map<std::string, double> counters_;
};

}  // namespace

TEST_CASE("SQLite: a supervisor killed between any two stages loses nothing and leaves nothing") {
  if (gate_missing()) return;
  Scene scene(CrashSite::Engine::sqlite);
  for (const char* target : {"good", "bad"})
    for (std::size_t i = 0; i < boundaries; ++i) CHECK(scene.cut(target, Victim::supervisor, i));
}

TEST_CASE(
    "SQLite: a worker killed between any two stages is inconclusive, and its run made again") {
  if (gate_missing()) return;
  Scene scene(CrashSite::Engine::sqlite);
  for (const char* target : {"good", "bad"})
    for (std::size_t i = 0; i < boundaries; ++i) {
      const bool by_itself = i == boundaries / 2;
      CHECK(scene.cut(target, Victim::worker, i, by_itself));
      const std::vector<Run> runs = scene.runs_of(target);
      // What it had found before it was killed stays found.
      if (runs[0].trigger == "manual" && runs[0].verdict == Verdict::failed) continue;
      REQUIRE(runs.size() >= 2);
      CHECK(runs[1].cause == Cause::crashed);
      if (by_itself) CHECK(runs[0].trigger == "retry");
    }
}

TEST_CASE("PostgreSQL: a supervisor killed between any two stages leaves no server") {
  if (gate_missing() || pg_missing()) return;
  Scene scene(CrashSite::Engine::postgresql);
  for (std::size_t i = 0; i < boundaries; ++i) {
    CHECK(scene.cut("good", Victim::supervisor, i));
    if (i >= 6 && i <= 9) CHECK(scene.cut("bad", Victim::supervisor, i));
  }
}

TEST_CASE("PostgreSQL: a worker killed between any two stages leaves no server") {
  if (gate_missing() || pg_missing()) return;
  Scene scene(CrashSite::Engine::postgresql);
  for (std::size_t i = 0; i < boundaries; ++i) CHECK(scene.cut("good", Victim::worker, i));
  CHECK(scene.cut("bad", Victim::worker, 9));
}

TEST_CASE("PostgreSQL: a server killed between two stages never makes a verdict") {
  if (gate_missing() || pg_missing()) return;
  Scene scene(CrashSite::Engine::postgresql);
  std::size_t struck = 0;
  for (std::size_t i = 0; i < boundaries; ++i) {
    if (!scene.cut("good", Victim::postmaster, i)) continue;
    ++struck;
    // Behind the last check nothing needs it any more.
    const std::vector<Run> runs = scene.runs_of("good");
    if (runs[0].trigger == "manual" && i >= 11) continue;
    INFO("boundary " << i << ": " << runs[1].reason << " in " << seen_by(runs[1]));
    CHECK(runs[1].cause == Cause::crashed);
  }
  CHECK(struck >= 4);
  scene.cut("bad", Victim::postmaster, 9);
}
