// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <functional>
#include <map>
#include <set>
#include <string>

#include "sources/source.h"
#include "support/support.h"

// What every source promises, asked of every member of all_sources(). A new source needs one line
// in `fixtures`: how to point it at a folder of files.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// Commands of a source are started by the program's guard, and here this program is /proc/self/exe:
// started as the guard, it becomes the program.
__attribute__((constructor)) void become_the_guard(int count, char** arguments) {
  if (count > 1 && std::string_view(arguments[1]) == "guard") execv(BACKPROOF_PROGRAM, arguments);
}

using Fixture = std::function<Table(const Path& folder)>;

const std::map<std::string, Fixture, std::less<>>& fixtures() {
  static const std::map<std::string, Fixture, std::less<>> all{
      {"directory",
       [](const Path& folder) {
         return Table{{"path", {folder.native(), 1}}, {"settle", {std::string("0s"), 2}}};
       }},
      {"command",
       [](const Path& folder) {
         const std::string list =
             "find " + folder.native() +
             R"( -mindepth 1 -type f -printf '{"id":"%P","bytes":%s,"modified":%T@}\n')";
         const std::string fetch = "cat " + folder.native() + R"(/"$BACKUP_ID")";
         return Table{{"list", {list, 1}}, {"fetch", {fetch, 2}}};
       }},
  };
  return all;
}

std::unique_ptr<Source> over(const SourceKind& kind, const Path& folder) {
  const auto fixture = fixtures().find(kind.name);
  INFO("a source without a fixture is not conformant: " << kind.name);
  REQUIRE(fixture != fixtures().end());
  const Table table = fixture->second(folder);
  Problems problems;
  Options options(table, 1, "source", problems);
  auto source = kind.make(options);
  options.finish();
  for (const Problem& problem : problems) FAIL(problem.text);
  REQUIRE(source);
  return source;
}

// Where it is, or brought here.
Result<Fd> taken(const Source& source, const Backup& backup) {
  if (!source.fetches()) return source.open(backup);
  const Folder into;
  FetchOrder order;
  order.folder = into.path();
  order.limit = 1min;
  TRY_ASSIGN(const Path file, source.fetch(backup, order));
  return open_readonly(file);
}

std::string content_of(const Fd& fd) {
  std::string content(100, '\0');
  const auto n =
      read_at(fd.get(), {reinterpret_cast<unsigned char*>(content.data()), content.size()}, 0);
  REQUIRE(n);
  content.resize(*n);
  return content;
}

TimePoint now() {
  return system_clock().now();
}

}  // namespace

TEST_CASE("every source has a name of its own, a summary and an example") {
  std::set<std::string_view> names;
  REQUIRE_FALSE(all_sources().empty());
  for (const SourceKind* kind : all_sources()) {
    CHECK(names.insert(kind->name).second);
    CHECK_FALSE(kind->summary.empty());
    CHECK(kind->summary.back() != '.');
    CHECK_FALSE(kind->example.empty());
  }
}

TEST_CASE("no source is content with nothing, and none crashes over it") {
  for (const SourceKind* kind : all_sources()) {
    const Table nothing;
    Problems problems;
    Options options(nothing, 9, "source", problems);
    const auto source = kind->make(options);
    INFO(kind->name);
    REQUIRE_FALSE(problems.empty());
    CHECK(problems[0].line == 9);
  }
}

TEST_CASE("a source without backups lists none and no error") {
  for (const SourceKind* kind : all_sources()) {
    const Folder folder;
    const auto listing = over(*kind, folder.path())->list(now());
    INFO(kind->name);
    REQUIRE(listing);
    CHECK(listing->backups.empty());
  }
}

TEST_CASE("a source lists newest first, under ids of their own, and opens what it listed") {
  for (const SourceKind* kind : all_sources()) {
    INFO(kind->name);
    const Folder folder;
    const std::map<std::string, std::string> content{
        {"one.db", "1"}, {"two words.db", "22"}, {"-three.db", "333"}};
    auto age = 1h;
    for (const auto& [name, bytes] : content) {
      const Path file = folder.write(name, bytes);
      std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
      age += 1h;
    }
    const auto source = over(*kind, folder.path());
    const auto listing = source->list(now());
    REQUIRE(listing);
    REQUIRE(listing->backups.size() == 3);
    std::set<std::string> ids;
    TimePoint last = TimePoint::max();
    for (const Backup& backup : listing->backups) {
      CHECK(ids.insert(backup.id).second);
      CHECK(backup.created <= last);
      last = backup.created;
      const auto fd = taken(*source, backup);
      REQUIRE(fd);
      CHECK(content_of(*fd).size() == backup.bytes);
    }
    CHECK(content_of(*taken(*source, listing->backups[0])) == "333");
  }
}

TEST_CASE("a source opens nothing else than what it listed") {
  for (const SourceKind* kind : all_sources()) {
    INFO(kind->name);
    const Folder folder;
    folder.write("a.db", "old");
    const auto source = over(*kind, folder.path());
    const auto listing = source->list(now());
    REQUIRE(listing);
    REQUIRE(listing->backups.size() == 1);
    folder.write("b.db", "other and longer");
    std::filesystem::rename(folder / "b.db", folder / "a.db");
    // What is brought is held against its listing by whoever has it brought (runner/bring.h).
    if (!source->fetches()) {
      const auto changed = source->open(listing->backups[0]);
      REQUIRE_FALSE(changed);
      CHECK(changed.error().cause == Cause::fetch);
    }
    Backup unknown;
    unknown.id = "never-listed.db";
    const auto missing = taken(*source, unknown);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().cause == Cause::fetch);
  }
}

TEST_CASE("a source that cannot be reached is an error of cause fetch, not an empty listing") {
  for (const SourceKind* kind : all_sources()) {
    const Folder folder;
    std::filesystem::create_directory(folder / "in");
    const auto source = over(*kind, folder / "in");
    std::filesystem::remove(folder / "in");
    const auto listing = source->list(now());
    INFO(kind->name);
    REQUIRE_FALSE(listing);
    CHECK(listing.error().cause == Cause::fetch);
  }
}
