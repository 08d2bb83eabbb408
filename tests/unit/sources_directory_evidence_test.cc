// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "unit/sources_directory.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("a time in its name dates a backup, unless it cannot be") {
  const Folder folder;
  const TimePoint modified = at("2026-11-20T10:00:00Z");
  for (const char* name : {"a-20261101T030000Z.db", "b-2026-11-20.db", "c.db", "d-20990101.db"})
    set_mtime(folder.write(name, "x"), modified);
  const auto listing = listing_of(*directory(folder.path()));
  REQUIRE(ids(listing) ==
          Names{"d-20990101.db", "c.db", "b-2026-11-20.db", "a-20261101T030000Z.db"});
  CHECK(listing.backups[0].evidence == Evidence::mtime);
  CHECK(listing.backups[1].evidence == Evidence::mtime);
  CHECK(listing.backups[2].evidence == Evidence::name);
  CHECK(listing.backups[2].created == modified);
  CHECK(listing.backups[3].evidence == Evidence::name);
  CHECK(listing.backups[3].created == at("2026-11-01T03:00:00Z"));
  for (const Backup& backup : listing.backups) CHECK(backup.modified == modified);
}

TEST_CASE("manifests, checksums and markers are no candidates") {
  const Folder folder;
  for (const char* name : {"a.db", "a.db.manifest.json", "a.db.sha256", "a.db.done", "x.done.db"})
    folder.write(name, "x");
  const auto listing =
      listing_of(*directory(folder.path(), {{"complete_marker", {std::string("{}.done"), 1}}}));
  CHECK(ids(listing) == Names{"a.db"});
  CHECK(listing.skipped == Names{"x.done.db: not complete: there is no x.done.db.done"});
  // Without markers it is a file like others.
  CHECK(listing_of(*directory(folder.path())).backups.size() == 3);
}

TEST_CASE("F17: with a marker, a backup without its own is left alone, whatever its age") {
  const Folder folder;
  std::filesystem::create_directory(folder / "in");
  const auto source = directory(
      folder.path(), {{"complete_marker", {std::string(".{}.ok"), 1}}, {"recursive", {true, 1}}});
  const TimePoint old = at("2026-11-01T03:00:00Z");
  set_mtime(folder.write("in/a.db", "half"), old);
  CHECK(listing_of(*source).backups.empty());
  CHECK(notes(listing_of(*source), "in/a.db: not complete: there is no in/.a.db.ok"));
  // One that was made for the backup before it says nothing of this one.
  set_mtime(folder.write("in/.a.db.ok", ""), old - 1h);
  CHECK(notes(listing_of(*source), "in/a.db: not complete: in/.a.db.ok is older than it"));
  set_mtime(folder.write("in/.a.db.ok", ""), old);
  CHECK(ids(listing_of(*source)) == Names{"in/a.db"});
}

TEST_CASE("a marker's pattern has one hole for the name of the backup, and no folder") {
  const Folder folder;
  for (const char* pattern : {"done", "{}", "{}{}.done", "ok/{}.done"}) {
    INFO(pattern);
    const Made made = make(
        {{"path", {folder.path().native(), 4}}, {"complete_marker", {std::string(pattern), 5}}});
    REQUIRE(made.problems.size() == 1);
    CHECK(made.problems[0].line == 5);
    CHECK(made.problems[0].hint == "write it like complete_marker = \"{}.done\"");
  }
}

TEST_CASE("the version of a backup changes with the file") {
  const Folder folder;
  const auto source = directory(folder.path());
  const auto version = [&] { return listing_of(*source).backups.at(0).version; };
  folder.write("a.db", "x");
  std::set<std::string> seen{version()};
  CHECK(version() == *seen.begin());
  set_mtime(folder / "a.db", at("2026-11-01T03:00:00Z"));
  CHECK(seen.insert(version()).second);
  folder.write("a.db", "xy");
  CHECK(seen.insert(version()).second);
}
