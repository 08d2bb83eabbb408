// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>

#include "sources_directory.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("backups are listed newest first by modification time, ties by name") {
  const Folder folder;
  const TimePoint noon = at("2026-11-20T12:00:00Z");
  for (const char* name : {"b.db", "a.db", "c.db", "old.db"})
    set_mtime(folder.write(name, "x"), noon);
  set_mtime(folder / "old.db", noon - 24h);
  set_mtime(folder.write("new.db", "12345"), noon + 250ms);

  const Listing listing = listing_of(*directory(folder.path()));
  CHECK(ids(listing) == Names{"new.db", "c.db", "b.db", "a.db", "old.db"});
  CHECK(listing.backups[0].created == noon + 250ms);
  CHECK(listing.backups[0].bytes == 5);
  CHECK(listing.backups[0].path == folder / "new.db");
  CHECK(listing.backups[0].sha256.empty());
  CHECK(listing.skipped.empty());
}

TEST_CASE("an empty folder and one without a match are no error") {
  const Folder folder;
  CHECK(listing_of(*directory(folder.path())).backups.empty());
  folder.write("notes.txt", "x");
  const Listing listing =
      listing_of(*directory(folder.path(), {{"pattern", {std::string("*.db"), 0}}}));
  CHECK(listing.backups.empty());
  CHECK(listing.skipped.empty());
}

TEST_CASE("a file of no bytes is a candidate: that it is empty is for the run to say") {
  const Folder folder;
  folder.write("empty.db", "");
  CHECK(ids(listing_of(*directory(folder.path()))) == Names{"empty.db"});
}

TEST_CASE("F83: names with spaces, dashes, newlines, globs and odd bytes are only names") {
  const Folder folder;
  const Names odd{"-rf",         "a b.db", "line\nbreak.db", "$(touch x).db", "*.db",
                  "\xff\xfe.db", "[a].db", "'quoted'.db",    "~.db"};
  for (const std::string& name : odd) folder.write(name, name);
  const auto source = directory(folder.path());
  const Listing listing = listing_of(*source);
  REQUIRE(listing.backups.size() == odd.size());
  for (const Backup& backup : listing.backups) {
    const auto fd = source->open(backup);
    REQUIRE(fd);
    CHECK(content_of(*fd) == backup.id);
  }
  // The pattern is a pattern and the name is none.
  CHECK(ids(listing_of(*directory(folder.path(), {{"pattern", {std::string("\\*.db"), 0}}}))) ==
        Names{"*.db"});
}

TEST_CASE("notes are fit for a terminal whatever the names hold") {
  const Folder folder;
  folder.write("evil\x1b[2J\n.db.part", "x");
  const Listing listing = listing_of(*directory(folder.path()));
  REQUIRE(listing.skipped.size() == 1);
  CHECK(listing.skipped[0].find('\x1b') == std::string::npos);
  CHECK(listing.skipped[0].find('\n') == std::string::npos);
}

TEST_CASE("F17: a file that changed just now is still being written") {
  const Folder folder;
  // An old mtime is no proof: copying tools set it before the last byte has arrived.
  set_mtime(folder.write("half.db", "x"), now() - 24h * 30);
  const auto source = directory(folder.path(), {{"settle", {std::string("60s"), 0}}});
  const Listing young = listing_of(*source);
  CHECK(young.backups.empty());
  notes(young, "half.db: still being written: changed ");
  const auto later = source->list(now() + 61s);
  CHECK(ids(*later) == Names{"half.db"});
}

TEST_CASE("a settle of one minute is the default") {
  const Folder folder;
  folder.write("half.db", "x");
  const Made made = make({{"path", {folder.path().native(), 0}}});
  CHECK(made.problems.empty());
  CHECK(made.source->list(now())->backups.empty());
  CHECK(made.source->list(now() + 59s)->backups.empty());
  CHECK(made.source->list(now() + 61s)->backups.size() == 1);
}

TEST_CASE("F84: a change in the near future is a file server's clock, in the far a wrong one") {
  const Folder folder;
  folder.write("a.db", "x");
  const auto source = directory(folder.path(), {{"settle", {std::string("60s"), 0}}});
  const auto skewed = source->list(now() - 10min);
  CHECK(skewed->backups.empty());
  notes(*skewed, "a.db: still being written or a clock is wrong: changed ");
  CHECK(source->list(now() - 24h * 365)->backups.size() == 1);
}

TEST_CASE("F84: a modification time in the future stays as it is") {
  const Folder folder;
  set_mtime(folder.write("future.db", "x"), at("2099-01-01T00:00:00Z"));
  CHECK(listing_of(*directory(folder.path())).backups[0].created == at("2099-01-01T00:00:00Z"));
}

TEST_CASE("F17: partial markers are no backups") {
  const Folder folder;
  for (const char* name : {"a.db.partial", "a.db.part", "a.db.tmp", "a.db.filepart",
                           "a.db.crdownload", "a.db.swp", "A.DB.PART"})
    folder.write(name, "x");
  folder.write("a.db", "x");
  const Listing listing = listing_of(*directory(folder.path()));
  CHECK(ids(listing) == Names{"a.db"});
  CHECK(listing.skipped.size() == 7);
  notes(listing, "a.db.crdownload: still being written, as its ending .crdownload says");
}

TEST_CASE("hidden files are no backups unless the pattern spells the dot") {
  const Folder folder;
  folder.write(".a.db.Xy12Zz", "x");
  folder.write(".b.db", "x");
  const Listing listing = listing_of(*directory(folder.path()));
  CHECK(listing.backups.empty());
  notes(listing, ".a.db.Xy12Zz: hidden");
  CHECK(ids(listing_of(*directory(folder.path(), {{"pattern", {std::string(".*.db"), 0}}}))) ==
        Names{".b.db"});
}

TEST_CASE("SQLite's companions of a listed database are no backups of their own") {
  const Folder folder;
  for (const char* name :
       {"a.db", "a.db-wal", "a.db-shm", "b.db-journal", "b.db.part", "b.db.part-wal"})
    folder.write(name, "x");
  const Listing listing = listing_of(*directory(folder.path()));
  auto found = ids(listing);
  // b.db is not there, so its journal belongs to nothing.
  CHECK(found == (Names{"b.db-journal", "a.db"}));
  notes(listing, "a.db-wal: belongs to a.db");
  notes(listing, "b.db.part-wal: belongs to b.db.part");
}

TEST_CASE("F83: folders, pipes, sockets and devices are skipped with a note") {
  const Folder folder;
  std::filesystem::create_directory(folder / "dir.db");
  REQUIRE(mkfifo((folder / "pipe.db").c_str(), 0600) == 0);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder / "socket.db";
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  std::filesystem::create_symlink("/dev/null", folder / "null.db");
  std::filesystem::create_symlink("dir.db", folder / "link-to-dir.db");

  const Listing listing = listing_of(*directory(folder.path()));
  CHECK(listing.backups.empty());
  notes(listing, "dir.db: a folder");
  notes(listing, "pipe.db: a pipe");
  notes(listing, "socket.db: a socket");
  notes(listing, "null.db: a symlink that points out of the folder");
  notes(listing, "link-to-dir.db: a symlink to a folder");
}

TEST_CASE("F83: a symlink out of the folder is skipped, whichever way it goes") {
  const Folder outside, folder;
  const Path secret = outside.write("secret.db", "secret");
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_symlink(secret, folder / "absolute.db");
  std::filesystem::create_symlink("../" + outside.path().filename().native() + "/secret.db",
                                  folder / "relative.db");
  std::filesystem::create_symlink(outside.path(), folder / "sub/way");
  std::filesystem::create_symlink("sub/way/secret.db", folder / "detour.db");
  std::filesystem::create_symlink("gone.db", folder / "dangling.db");
  std::filesystem::create_symlink("loop.db", folder / "loop.db");

  const Listing listing = listing_of(*directory(folder.path()));
  CHECK(listing.backups.empty());
  for (const std::string name : {"absolute.db", "relative.db", "detour.db"})
    notes(listing, name + ": a symlink that points out of the folder");
  notes(listing, "dangling.db: a symlink that cannot be opened: No such file");
  notes(listing, "loop.db: a symlink that cannot be opened: ");
}

TEST_CASE("a symlink inside the folder is followed, also by an absolute target") {
  const Folder folder;
  folder.write("store/one", "first");
  folder.write("store/two", "second");
  std::filesystem::create_symlink("store/one", folder / "relative.db");
  std::filesystem::create_symlink(folder / "store/two", folder / "absolute.db");
  const auto source = directory(folder.path(), {{"pattern", {std::string("*.db"), 0}}});
  const Listing listing = listing_of(*source);
  REQUIRE(listing.backups.size() == 2);
  for (const Backup& backup : listing.backups) {
    const auto fd = source->open(backup);
    REQUIRE(fd);
    CHECK(content_of(*fd) == (backup.id == "relative.db" ? "first" : "second"));
  }
}

TEST_CASE("a symlink to a file that is listed itself is not a second backup") {
  const Folder folder;
  folder.write("2026-11-23.db", "x");
  std::filesystem::create_symlink("2026-11-23.db", folder / "latest.db");
  const Listing listing = listing_of(*directory(folder.path()));
  CHECK(ids(listing) == Names{"2026-11-23.db"});
  notes(listing, "latest.db: a symlink to a file that is listed itself");
}

TEST_CASE("the folder itself may be a symlink") {
  const Folder folder;
  folder.write("real/a.db", "x");
  std::filesystem::create_symlink("a.db", folder / "real/b.data");
  std::filesystem::create_symlink(folder / "real", folder / "way");
  const auto source = directory(folder / "way");
  const Listing listing = listing_of(*source);
  CHECK(ids(listing) == Names{"a.db"});
  CHECK(source->open(listing.backups[0]));
}

TEST_CASE("folders below are read when asked for, and patterns with folders hold for the path") {
  const Folder folder;
  for (const char* name : {"top.db", "a/one.db", "a/b/two.db", "a/b/c/three.db", "x/one.db",
                           ".snapshots/old.db", "a/one.txt"})
    folder.write(name, "x");
  std::filesystem::create_symlink("..", folder / "a/loop");
  const auto found = [&](const std::string& pattern) {
    Names all = ids(listing_of(
        *directory(folder.path(), {{"recursive", {true, 0}}, {"pattern", {pattern, 0}}})));
    std::sort(all.begin(), all.end());
    return all;
  };
  const Names everything{"a/b/c/three.db", "a/b/two.db", "a/one.db", "top.db", "x/one.db"};
  CHECK(found("*.db") == everything);
  CHECK(found("**/*.db") == everything);
  CHECK(found("one.db") == Names{"a/one.db", "x/one.db"});
  CHECK(found("a/*.db") == Names{"a/one.db"});
  CHECK(found("a/**/*.db") == Names{"a/b/c/three.db", "a/b/two.db", "a/one.db"});
  CHECK(found("**/b/**") == Names{"a/b/c/three.db", "a/b/two.db"});
  CHECK(found("*/*/*.db") == Names{"a/b/two.db"});
  CHECK(found(".snapshots/*.db") == Names{".snapshots/old.db"});
  CHECK(found("**/**/**/nothing").empty());
  CHECK(ids(listing_of(*directory(folder.path(), {{"pattern", {std::string("*.db"), 0}}}))) ==
        Names{"top.db"});
}

TEST_CASE("a folder that vanished or may not be read is an error of cause fetch") {
  const Folder folder;
  std::filesystem::create_directory(folder / "in");
  const auto source = directory(folder / "in");
  std::filesystem::remove(folder / "in");
  const auto listing = source->list(now());
  REQUIRE_FALSE(listing);
  CHECK(listing.error().cause == Cause::fetch);
  CHECK(listing.error().text ==
        "cannot read folder " + (folder / "in").native() + ": No such file or directory");
  CHECK_FALSE(listing.error().hint.empty());
}

TEST_CASE("what is wrong with the options is said with its line, all at once") {
  const Folder folder;
  const auto problems = [](const Table& table) { return make(table).problems; };
  const auto path = Value{folder.path().native(), 7};
  CHECK(problems({{"path", path}}).empty());
  CHECK(problems({}).at(0).text.find("path") != std::string::npos);
  CHECK(problems({{"path", {std::string(), 7}}}).at(0).text.find("is empty") != std::string::npos);
  CHECK(problems({{"path", path}, {"pattern", {std::string(), 8}}}).at(0).line == 8);
  CHECK(problems({{"path", path}, {"pattern", {std::string("/var/*.db"), 8}}}).size() == 1);
  const Problems folders = problems({{"path", path}, {"pattern", {std::string("a/*.db"), 8}}});
  REQUIRE(folders.size() == 1);
  CHECK(folders[0].hint == "add recursive = true");
  CHECK(problems({{"path", {(folder / "missing").native(), 7}},
                  {"pattern", {std::string(), 8}},
                  {"settle", {std::string("soon"), 9}},
                  {"patern", {std::string("*"), 10}}})
            .size() == 3);
}

TEST_CASE("whether the folder can be read now is asked apart from its options") {
  const Folder folder;
  CHECK(directory(folder.path())->reach());
  const auto missing = directory(folder / "missing");
  const Result<void> reached = missing->reach();
  REQUIRE_FALSE(reached);
  CHECK(reached.error().text.find("cannot read folder") == 0);
  const Result<void> file = directory(folder.write("file", "x"))->reach();
  REQUIRE_FALSE(file);
  CHECK(file.error().text.find("Not a directory") != std::string::npos);
  std::filesystem::create_directory(folder / "missing");
  CHECK(missing->reach());
}

TEST_CASE("a folder of a hundred thousand names is listed") {
  const Folder folder;
  const Fd dir(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "backup-" + std::to_string(i) + ".db.gz";
    const Fd file(openat(dir.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600));
    if (!file) FAIL("cannot create " << name);
  }
  const auto source = directory(folder.path(), {{"pattern", {std::string("*.db.gz"), 0}}});
  const Listing listing = listing_of(*source);
  CHECK(listing.backups.size() == 100'000);
}
