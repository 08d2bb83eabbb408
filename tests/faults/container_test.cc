// SPDX-License-Identifier: Apache-2.0
// The file itself: what happens to a backup on its way.
#include <fcntl.h>

#include <semaphore>
#include <thread>
#include <tuple>
#include <utility>

#include "model/run_json.h"
#include "support/damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Path zipped(const Folder& folder) {
  const Path file = make_shop(folder);
  sh("gzip -n " + file.native());
  return folder / "shop.db.gz";
}

Path cut(const Folder& folder, const Path& file, std::size_t bytes) {
  return folder.write("cut" + file.extension().native(), content_of(file).substr(0, bytes));
}

}  // namespace

DAMAGE("F01", "gzip cut in the middle", failed, truncated, "restore") {
  const Path file = zipped(folder);
  return cut(folder, file, std::filesystem::file_size(file) / 2);
}
DAMAGE("F01", "gzip cut inside its trailer", failed, truncated, "restore") {
  const Path file = zipped(folder);
  return cut(folder, file, std::filesystem::file_size(file) - 3);
}
DAMAGE("F01", "zstd cut in the middle", failed, truncated, "inspect") {
  sh("zstd -q " + make_shop(folder).native());
  return cut(folder, folder / "shop.db.zst",
             std::filesystem::file_size(folder / "shop.db.zst") / 2);
}
DAMAGE("F01", "xz cut in the middle", failed, truncated, "restore") {
  sh("xz -k " + make_shop(folder).native());
  return cut(folder, folder / "shop.db.xz", std::filesystem::file_size(folder / "shop.db.xz") / 2);
}
DAMAGE("F01", "bzip2 cut in the middle", failed, truncated, "inspect") {
  sh("bzip2 -k " + make_shop(folder).native());
  return cut(folder, folder / "shop.db.bz2",
             std::filesystem::file_size(folder / "shop.db.bz2") / 2);
}
DAMAGE("F01", "lz4 cut in the middle", failed, truncated, "inspect") {
  sh("lz4 -q " + make_shop(folder).native() + " " + (folder / "shop.db.lz4").native());
  return cut(folder, folder / "shop.db.lz4",
             std::filesystem::file_size(folder / "shop.db.lz4") / 2);
}
DAMAGE("F02", "gzip with a wrong CRC and whole content", failed, damaged, "finding") {
  std::string bytes = content_of(zipped(folder));
  bytes[bytes.size() - 8] = static_cast<char>(bytes[bytes.size() - 8] ^ 1);
  return folder.write("crc.db.gz", bytes);
}
DAMAGE("F02", "gzip with a wrong length and whole content", failed, damaged, "finding") {
  std::string bytes = content_of(zipped(folder));
  bytes[bytes.size() - 2] = static_cast<char>(bytes[bytes.size() - 2] ^ 1);
  return folder.write("length.db.gz", bytes);
}
DAMAGE("F04", "multi-member gzip that lost its last member", failed, truncated, "restore") {
  const Path file = make_shop(folder);
  sh("cd " + folder.path().native() +
     " && split -n 3 shop.db part && for p in part*; do gzip -n $p; done");
  return folder.write("members.db.gz",
                      content_of(folder / "partaa.gz") + content_of(folder / "partab.gz"));
}
DAMAGE("F05", "an error page appended to a gzip", passed, none,
       "bytes of something else after the end") {
  return folder.write("junk.db.gz", content_of(zipped(folder)) + "<html>502</html>");
}
DAMAGE("F05", "a gzip padded with zeros", passed, none, "zero bytes of padding after the end") {
  return folder.write("padded.db.gz", content_of(zipped(folder)) + std::string(512, '\0'));
}
DAMAGE("F06", "gzip of nothing", failed, empty, "inspect") {
  sh("true | gzip -n >" + (folder / "nothing.db.gz").native());
  return folder / "nothing.db.gz";
}
DAMAGE("F12", "a file of 0 bytes", failed, empty, "fetch") {
  return folder.write("zero.db", "");
}
DAMAGE("F12", "a path where nothing is", inconclusive, fetch, "select") {
  return folder / "missing.db";
}
DAMAGE("F83", "a folder instead of a file", failed, wrong_format, "select") {
  std::filesystem::create_directory(folder / "folder.db");
  return folder / "folder.db";
}
DAMAGE("F83", "a pipe instead of a file", failed, wrong_format, "select") {
  sh("mkfifo " + (folder / "pipe.db").native());
  return folder / "pipe.db";
}
DAMAGE("F18", "a gibibyte of zeros behind gzip", failed, wrong_format, "inspect") {
  sh("head -c 1G /dev/zero | gzip -1 >" + (folder / "bomb.gz").native());
  return folder / "bomb.gz";
}
DAMAGE("F18", "a database header with a bomb behind it", failed, damaged, "finding") {
  sh("cd " + folder.path().native() + " && (head -c 4096 " + make_shop(folder).native() +
     " ; head -c 300M /dev/zero | tr '\\0' 'x') | zstd -q >bomb.db.zst");
  std::string header = content_of(folder / "shop.db").substr(0, 4096);
  // One page, and the header says so.
  header[31] = 1;
  header[30] = 0;
  folder.write("one", header);
  sh("cd " + folder.path().native() +
     " && (cat one; head -c 60M /dev/zero | tr '\\0' 'x') | zstd -q >bomb.db.zst -f");
  return folder / "bomb.db.zst";
}
DAMAGE("F18", "SQL text that grows beyond all measure", failed, hostile, "restore") {
  sh("cd " + folder.path().native() +
     " && (echo 'BEGIN TRANSACTION;'; head -c 2G /dev/zero | tr '\\0' ' ') | zstd -q "
     ">bomb.sql.zst");
  return folder / "bomb.sql.zst";
}
DAMAGE("F19", "compressed twice", passed, none, "the name says gzip but the content is gzip+gzip") {
  const Path file = zipped(folder);
  sh("gzip -c " + file.native() + " >" + (folder / "twice.db.gz").native());
  return folder / "twice.db.gz";
}
DAMAGE("F19", "compressed four times", failed, damaged, "inspect") {
  const Path file = zipped(folder);
  sh("gzip -c " + file.native() + " | zstd -q | xz | gzip >" + (folder / "four.db").native());
  return folder / "four.db";
}
DAMAGE("F20", "gzip called .db", passed, none,
       "the name says uncompressed but the content is gzip") {
  return folder.write("plain.db", content_of(zipped(folder)));
}
DAMAGE("F20", "a database called .sql", passed, none,
       "the name ends in .sql but the content is a sqlite database") {
  return make_shop(folder, "shop.sql");
}
DAMAGE("F20", "the head of a PostgreSQL archive called .db before nonsense", failed, damaged,
       "restore") {
  return folder.write("pg.db", "PGDMP\x01\x0e" + std::string(5000, 'x'));
}
DAMAGE("F21", "a file encrypted with age", inconclusive, missing_tool, "inspect") {
  return folder.write("a.db.age", "age-encryption.org/v1\n-> X25519 abc\n" + Random(1).bytes(8000));
}
DAMAGE("F22", "random bytes of the right size", failed, wrong_format, "inspect") {
  return folder.write("random.db", Random(2).bytes(200'000));
}
DAMAGE("F20", "an HTML page", failed, wrong_format, "inspect") {
  return folder.write("page.db", "<!doctype html><title>403 Forbidden</title>");
}

TEST_CASE("F02: a damaged container around whole content is told apart from a cut one") {
  const Folder folder;
  std::string bytes = content_of(zipped(folder));
  bytes[bytes.size() - 8] = static_cast<char>(bytes[bytes.size() - 8] ^ 1);
  const Run run = verified(folder.write("crc.db.gz", bytes));
  CHECK(run.restored);
  CHECK(run.hint == "the content came out and passed every check, only its container is damaged");
  CHECK(run.tables.size() == 2);
}

TEST_CASE("F03: one bit flipped anywhere in a gzip stream never passes") {
  const Folder folder;
  const std::string good = content_of(zipped(folder));
  Random random(3);
  for (int i = 0; i < 25; ++i) {
    std::string bad = good;
    // The header's time, flags for the system and the like carry no content.
    const std::size_t at = 10 + random.below(bad.size() - 10);
    bad[at] = static_cast<char>(bad[at] ^ (1 << random.below(8)));
    const Run run = verified(folder.write("flipped.db.gz", bad));
    INFO("byte " << at << ": " << run.reason);
    CHECK(run.verdict == Verdict::failed);
  }
}

TEST_CASE("F18: a bomb is stopped by the budget of the sandbox before it is inflated") {
  const Folder folder;
  std::string header = content_of(make_shop(folder)).substr(0, 4096);
  // 0x7fffffff pages, all promised by the header.
  header[28] = 0x7f;
  header[29] = header[30] = header[31] = static_cast<char>(0xff);
  folder.write("huge", header);
  sh("gzip " + (folder / "huge").native());
  const Run run = verified(folder / "huge.gz");
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::space);
  CHECK(run.reason.find("8 TiB") != std::string::npos);
}

TEST_CASE("F17: a file that is written to while it is read is inconclusive, whatever it is") {
  const Folder folder;
  const std::string db = make_shop(folder).native();
  sh("sqlite3 " + db + " 'create table blobs as select randomblob(30000000) as b' && gzip -1 -n " +
     db);
  const Path bad = folder.write("growing.db", std::string(30'000'000, 'x'));
  for (const Path& file : {folder / "shop.db.gz", bad}) {
    std::binary_semaphore writing{0};
    std::jthread writer([&](const std::stop_token& stop) {
      const Fd fd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
      bool said = false;
      while (!stop.stop_requested()) {
        std::ignore = write_all(fd.get(), as_bytes(std::string_view("\0", 1)));
        if (!std::exchange(said, true)) writing.release();
      }
    });
    writing.acquire();
    // The writer may be kept from its processor all through one reading, but not through ten.
    Run run;
    for (int i = 0; i < 10 && run.cause != Cause::fetch; ++i)
      run = run_from_json(program({"verify", "--format", "json", file.native()}).out).value();
    writer.request_stop();
    INFO(file << ": " << run.reason);
    CHECK(run.verdict == Verdict::inconclusive);
    CHECK(run.cause == Cause::fetch);
  }
}
