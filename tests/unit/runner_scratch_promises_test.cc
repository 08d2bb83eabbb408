// SPDX-License-Identifier: Apache-2.0
#include "runner/scratch_promises.h"

#include <random>

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
  ScratchPromises given;
  given.measured(100, {});
  CHECK(given.offer(10, 0) == 100);
  CHECK(given.offer(1000, 0) == 100);
}

TEST_CASE("what is left over is shared with those that may still come") {
  ScratchPromises given;
  given.measured(100, {});
  CHECK(given.offer(40, 1) == 70);
  CHECK(given.offer(40, 2) == 60);
}

TEST_CASE("a run waits for room that others were promised, also where they do not use it yet") {
  ScratchPromises given;
  given.measured(100, {});
  given.promise("a", 70);
  CHECK(given.total() == 70);
  CHECK(given.runs() == std::vector<std::string>{"a"});
  CHECK_FALSE(given.offer(40, 0));
  CHECK(given.offer(30, 0) == 30);
  // What is used is not free any more, and not promised beside it.
  given.measured(40, {{"a", 60}});
  CHECK(given.offer(25, 0) == 30);
  CHECK_FALSE(given.offer(35, 0));
  // What it held is free again, before anybody measures.
  given.release("a");
  CHECK(given.offer(35, 0) == 100);
  CHECK(given.total() == 0);
}

TEST_CASE("a run that took more than it was promised leaves the others what is theirs") {
  ScratchPromises given;
  given.measured(100, {});
  given.promise("a", 10);
  given.promise("b", 10);
  given.measured(20, {{"a", 30}});
  CHECK_FALSE(given.offer(15, 0));
  CHECK(given.offer(10, 0) == 10);
}

TEST_CASE("whatever starts and ends, promises never exceed what is free") {
  std::mt19937 random(7);
  ScratchPromises given;
  const std::uintmax_t size = 1000;
  std::map<std::string, std::uintmax_t> promised, used;
  for (int i = 0; i < 10'000; ++i) {
    // Measured now and then only.
    if (random() % 3 == 0) {
      std::uintmax_t sum = 0;
      for (auto& [run, bytes] : promised) sum += used[run] = random() % (bytes + 1);
      given.measured(size - sum, used);
    } else if (i == 0) {
      given.measured(size, {});
    }
    const std::string run = std::to_string(i);
    if (const auto offered = given.offer(random() % 600, random() % 4)) {
      given.promise(run, *offered);
      promised[run] = *offered;
    } else {
      REQUIRE(!promised.empty());
    }
    REQUIRE(given.total() <= size);
    while (!promised.empty() && random() % 2 == 0) {
      given.release(promised.begin()->first);
      used.erase(promised.begin()->first);
      promised.erase(promised.begin());
    }
  }
}

TEST_CASE("a listing that claims more bytes than there are numbers for does no harm") {
  CHECK(scratch_needed({}, {}, UINTMAX_MAX) < UINTMAX_MAX / 2);
}
