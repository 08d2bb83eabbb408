// SPDX-License-Identifier: Apache-2.0
#include "runner/scratch_promises.h"

#include "support/support.h"

using namespace backproof;

namespace {

constexpr std::uintmax_t mib = 1U << 20U, gib = 1U << 30U;

TargetHistory restored(std::uintmax_t backup, std::uintmax_t scratch) {
  TargetHistory history;
  Run& run = history.last_restored.emplace();
  run.backup.bytes = backup;
  run.resources.scratch = scratch;
  history.last_run = run;
  return history;
}

// Promises of which nothing is used yet, or what `used` says.
struct Promises {
  std::map<std::string, std::uintmax_t> used;
  ScratchPromises given{[this](const std::string& run) { return used[run]; }};
};

}  // namespace

TEST_CASE("what a run needs is told by the last restore, in proportion") {
  const Target target;
  CHECK(scratch_needed(target, restored(100 * mib, gib), 100 * mib) == gib * 5 / 4 + 16 * mib);
  CHECK(scratch_needed(target, restored(100 * mib, gib), 200 * mib) == gib * 5 / 2 + 16 * mib);
  // A backup that is suddenly tiny may be a broken one: a tenth at least.
  CHECK(scratch_needed(target, restored(100 * mib, gib), 1) >= gib / 10);
}

TEST_CASE("without experience a run needs much, and never more than it may take") {
  Target target;
  CHECK(scratch_needed(target, {}, gib) == 20 * gib + 256 * mib);
  target.limits.scratch = 2 * gib;
  CHECK(scratch_needed(target, {}, gib) == 2 * gib);
}

TEST_CASE("after a run that had too little, its target needs twice as much") {
  TargetHistory history = restored(mib, 10 * mib);
  history.last_run->cause = Cause::space;
  history.last_run->resources.scratch = gib;
  CHECK(scratch_needed({}, history, mib) == 2 * gib);
}

TEST_CASE("a run that is alone has all there is, whether it is enough or not") {
  Promises p;
  CHECK(p.given.offer(10, 100, 0) == 100);
  CHECK(p.given.offer(1000, 100, 0) == 100);
}

TEST_CASE("what is left over is shared with those that may still come") {
  Promises p;
  CHECK(p.given.offer(40, 100, 1) == 70);
  CHECK(p.given.offer(40, 100, 2) == 60);
}

TEST_CASE("a run waits for room that others were promised, also where they do not use it yet") {
  Promises p;
  p.given.promise("a", 70);
  CHECK(p.given.total() == 70);
  CHECK_FALSE(p.given.offer(40, 100, 0));
  CHECK(p.given.offer(30, 100, 0) == 30);
  // What is used is not free any more, and not promised beside it.
  p.used["a"] = 60;
  CHECK(p.given.offer(25, 40, 0) == 30);
  CHECK_FALSE(p.given.offer(35, 40, 0));
  p.given.release("a");
  CHECK(p.given.offer(35, 40, 0) == 40);
  CHECK(p.given.total() == 0);
}

TEST_CASE("a run that took more than it was promised leaves the others what is theirs") {
  Promises p;
  p.given.promise("a", 10);
  p.given.promise("b", 10);
  p.used["a"] = 30;
  CHECK_FALSE(p.given.offer(15, 20, 0));
  CHECK(p.given.offer(10, 20, 0) == 10);
}

TEST_CASE("whatever starts and ends, promises never exceed what is free") {
  std::mt19937 random(7);
  Promises p;
  const std::uintmax_t size = 1000;
  std::map<std::string, std::uintmax_t> running;
  for (int i = 0; i < 10'000; ++i) {
    std::uintmax_t used = 0;
    for (const auto& [run, bytes] : running) used += p.used[run];
    const std::string run = std::to_string(i);
    const std::uintmax_t needed = random() % 600;
    if (const auto offered = p.given.offer(needed, size - used, random() % 4)) {
      p.given.promise(run, *offered);
      running[run] = *offered;
    } else {
      REQUIRE(!running.empty());
    }
    for (auto& [each, bytes] : running) p.used[each] = random() % (bytes + 1);
    REQUIRE(p.given.total() <= size);
    while (!running.empty() && random() % 2 == 0) {
      p.given.release(running.begin()->first);
      running.erase(running.begin());
    }
  }
}
