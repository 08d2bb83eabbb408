// SPDX-License-Identifier: Apache-2.0
#include "runner/remember.h"

#include "base/text.h"
#include "unit/history_runs.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Run pass_of(TimePoint ran, TimePoint created, std::uintmax_t restored_bytes) {
  Run run = passed_at(ran);
  run.backup.id = text::format_time(created);
  run.backup.created = run.backup.modified = created;
  run.restored_bytes = restored_bytes;
  return run;
}

}  // namespace

TEST_CASE("a run is compared with passes of older backups, by their age, and with each once") {
  const Folder folder;
  const auto store = history_at(folder / "h");
  // The newest of each night, and after it an old one, as coverage has them verified.
  for (int night = 10; night < 20; ++night) {
    REQUIRE(store->finish(pass_of(start + night * 24h, start + night * 24h - 1h,
                                  static_cast<std::uintmax_t>(night))));
    REQUIRE(store->finish(pass_of(start + night * 24h + 1h, start + (night % 3) * 24h - 1h,
                                  static_cast<std::uintmax_t>(night % 3))));
  }
  const auto sizes = [&](int night) {
    Backup backup;
    backup.id = "another";
    backup.created = start + night * 24h;
    std::vector<std::uintmax_t> all;
    for (const PassedRun& pass : remember(*store, "crm", backup))
      all.push_back(pass.restored_bytes);
    return all;
  };
  CHECK(sizes(20) == std::vector<std::uintmax_t>{19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 2, 1, 0});
  CHECK(sizes(12) == std::vector<std::uintmax_t>{12, 11, 10, 2, 1, 0});
  CHECK(sizes(-1).empty());
}

TEST_CASE("a backup is not compared with itself") {
  const Folder folder;
  const auto store = history_at(folder / "h");
  const Run run = pass_of(start, start - 1h, 7);
  REQUIRE(store->finish(run));
  CHECK(remember(*store, "crm", run.backup).empty());
  Backup copy = run.backup;
  copy.modified += 24h;
  CHECK(remember(*store, "crm", copy).size() == 1);
}
