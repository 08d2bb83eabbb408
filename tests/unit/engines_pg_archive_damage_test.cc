// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include "engines_pg_archive_support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

ArchiveWriter table(unsigned minor = 14, Packing packing = Packing::zlib) {
  ArchiveWriter writer = ArchiveWriter::usual(minor);
  writer.packing = packing;
  writer.entries.push_back({.id = 1,
                            .type = "TABLE DATA",
                            .tag = "t",
                            .section = 3,
                            .copy = "COPY s.t (a) FROM stdin;\n",
                            .schema = "s",
                            .data = "1\n2\n\\.\n\n\n"});
  writer.entries.push_back(
      {.id = 2, .type = "BLOBS", .tag = "BLOBS", .section = 3, .objects = {{7, "seven"}}});
  return writer;
}

Error error_of(const Result<ArchiveEnd>& end) {
  REQUIRE_FALSE(end);
  return end.error();
}

Error read_error(const std::string& archive) {
  RecordingSink sink;
  return error_of(read_text(archive, sink));
}

void check(const Error& error, Cause cause, const std::string& part) {
  INFO(error.str());
  CHECK(error.cause == cause);
  CHECK(error.text.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("an archive cut anywhere is truncated or damaged, never whole") {
  for (const std::string& archive :
       {table().custom(), table(15, Packing::none).custom(), table(15, Packing::lz4).custom(),
        table(16, Packing::zstd).custom(), table().tar()}) {
    for (std::size_t size = 0; size < archive.size(); ++size) {
      RecordingSink sink;
      const auto end = read_text(std::string_view(archive).substr(0, size), sink);
      CAPTURE(size);
      REQUIRE_FALSE(end);
      INFO(end.error().str());
      REQUIRE((end.error().cause == Cause::truncated || end.error().cause == Cause::damaged));
    }
  }
}

TEST_CASE("an archive with any byte changed is another archive or an error") {
  for (const std::string& archive : {table().custom(), table(16, Packing::zstd).custom(),
                                     table(15, Packing::none).custom(), table().tar()}) {
    std::string damaged = archive;
    for (std::size_t i = 0; i < archive.size(); ++i) {
      for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
        damaged[i] = static_cast<char>(static_cast<unsigned char>(archive[i]) ^ change);
        RecordingSink sink;
        const auto end = read_text(damaged, sink);
        CAPTURE(i, change);
        if (!end) REQUIRE(end.error().cause != Cause::internal);
        if (end) REQUIRE(sink.open == 0);
      }
      damaged[i] = archive[i];
    }
  }
}

TEST_CASE("data that is cut, changed or followed by rubbish inside of its entry is found") {
  ArchiveWriter writer = table(14, Packing::none);
  const std::string whole = packed(Packing::zlib, *writer.entries[3].data);
  // Says that it is compressed, and has what we put there.
  const auto with = [&](const std::string& bytes) {
    ArchiveWriter one = writer;
    one.entries.resize(4);
    one.entries[3].data = bytes;
    one.offsets = false;
    std::string archive = one.custom();
    const std::string off = one.number(0), on = one.number(-1);
    return archive.replace(archive.find("PGDMP") + 11, off.size(), on);
  };
  RecordingSink sink;
  REQUIRE(read_text(with(whole), sink));
  check(read_error(with(whole.substr(0, whole.size() - 1))), Cause::truncated,
        "entry 1 (TABLE DATA s.t): zlib stream is cut off");
  check(read_error(with(whole + "x")), Cause::damaged, "followed by other bytes");
  check(read_error(with(whole + whole)), Cause::damaged, "followed by other bytes");
  std::string changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  check(read_error(with(changed)), Cause::damaged, "disagrees with its checksum");
  check(read_error(with("")), Cause::truncated, "without the line \\.");
  check(read_error(with(packed(Packing::zlib, "1\n2\n"))), Cause::truncated, "without the line");
  check(read_error(with(packed(Packing::zlib, "1\n\\.\n2\n"))), Cause::damaged, "behind the line");
}

TEST_CASE("statements of an archive that end without their empty lines are truncated") {
  ArchiveWriter writer = table();
  writer.entries[3].copy.clear();
  writer.entries[3].data = "INSERT INTO s.t VALUES (1);\nINSERT INTO s.t VALUES (';');\n\n\n";
  RecordingSink sink;
  REQUIRE(read_text(writer.custom(), sink));
  CHECK(sink.script[sink.script.size() - 2] == "INSERT INTO s.t VALUES (';');");
  writer.entries[3].data = "INSERT INTO s.t VALUES (1);\n";
  check(read_error(writer.custom()), Cause::truncated, "without the empty lines");
}

TEST_CASE("data that the table of contents does not promise, or twice, is damage") {
  ArchiveWriter writer = table(14, Packing::none);
  writer.offsets = false;
  const std::string archive = writer.custom();
  const std::size_t data = archive.rfind('\1' + writer.number(1) + writer.number(9));
  REQUIRE(data != std::string::npos);
  std::string unknown = archive;
  unknown.replace(data + 1, 5, writer.number(77));
  check(read_error(unknown), Cause::damaged, "data for entry 77");
  const std::string block = archive.substr(data, archive.rfind('\3' + writer.number(2)) - data);
  check(read_error(std::string(archive).insert(data, block)), Cause::damaged, "its data twice");
  std::string wrong = archive;
  wrong[data] = '\3';
  check(read_error(wrong), Cause::damaged, "of the wrong type");
  wrong[data] = '\2';
  check(read_error(wrong), Cause::damaged, "block of type 2");
}

TEST_CASE("data that is not where the table of contents says is damage") {
  ArchiveWriter writer = table();
  const std::string archive = writer.custom();
  const std::size_t at = archive.rfind('\1' + writer.number(1));
  std::string moved = archive;
  const std::size_t place = moved.find(std::string("\2", 1) + static_cast<char>(at & 0xffU));
  REQUIRE(place != std::string::npos);
  moved[place + 1] = static_cast<char>(moved[place + 1] + 1);
  check(read_error(moved), Cause::damaged, "the table of contents says");
}

TEST_CASE("an archive of another version says which") {
  check(read_error(table(11).custom()), Cause::version, "1.11");
  check(read_error(table(17).custom()), Cause::version, "1.17");
  std::string other = table().custom();
  other[5] = 2;
  check(read_error(other), Cause::version, "2.14");
}

TEST_CASE("a length in an archive takes no memory before its bytes are there") {
  ArchiveWriter writer = table();
  const std::string head = writer.header(1);
  const std::string id = writer.number(1) + writer.number(0) + writer.text("0") + writer.text("0");
  check(read_error(head + writer.number(1) + id + writer.number(60 << 20) + "abc"),
        Cause::truncated, "the archive ends");
  // A wrong length of a small archive is no lack of space.
  check(read_error(head + writer.number(1) + id + writer.number(65 << 20) + "abc"),
        Cause::truncated, "the archive ends");
  check(read_error(head + writer.number(1) + id + writer.number(65 << 20) +
                   std::string(66U << 20U, 'x')),
        Cause::space, "the limit is");
  check(read_error(head + writer.number(INT32_MAX) + id), Cause::truncated, "the archive ends");
  check(read_error(head + writer.number(-1)), Cause::damaged, "has -1 entries");
}

TEST_CASE("a number in an archive that pg_restore would read as another is damaged") {
  ArchiveWriter writer = table();
  const std::string head = writer.header(1);
  const std::string id = writer.number(1) + writer.number(0) + writer.text("0") + writer.text("0");
  // pg_restore takes it for a text of half a GiB, having no more than 32 bits for a number.
  std::string none = writer.number(-1);
  none[4] = '\xe1';
  check(read_error(head + writer.number(1) + id + none), Cause::damaged, "more than 32 bits");
  check(read_error(head + writer.number(1) + id + writer.number(-2)), Cause::damaged,
        "a text of -2 bytes");
}

TEST_CASE("a table of contents of more than 128 MiB is too large") {
  ArchiveWriter writer = table();
  for (int id = 10; id < 14; ++id)
    writer.entries.push_back(
        {.id = id, .type = "VIEW", .tag = "v", .definition = std::string(40U << 20U, 'x')});
  check(read_error(writer.custom()), Cause::space, "the table of contents needs more than");
}

TEST_CASE("a COPY in an archive that is more than that is hostile") {
  for (const char* copy : {"COPY t FROM PROGRAM 'id';\n", "DROP TABLE t; COPY t FROM stdin;\n",
                           "COPY t FROM PROGRAM 'id'; COPY t FROM stdin;\n"}) {
    ArchiveWriter writer = table();
    writer.entries[3].copy = copy;
    check(read_error(writer.custom()), Cause::hostile, "entry 1 (TABLE DATA s.t)");
  }
}

TEST_CASE("an owner of something that nobody knows is another version") {
  ArchiveWriter writer = table();
  writer.entries.push_back({.id = 9,
                            .type = "MARVEL",
                            .tag = "m",
                            .definition = "CREATE MARVEL m;",
                            .drop = "DROP MARVEL m;",
                            .owner = "anna"});
  check(read_error(writer.custom()), Cause::version, "entry 9 (MARVEL m)");
}

TEST_CASE("a large object that an entry makes and that has no content is missing") {
  ArchiveWriter writer = table();
  for (const int oid : {7, 8})
    writer.entries.push_back(
        {.id = oid, .type = "BLOB", .tag = std::to_string(oid), .definition = "SELECT 1;"});
  check(read_error(writer.custom()), Cause::incomplete, "makes 2 large objects");
}

TEST_CASE("a directory without a file that its table of contents promises is incomplete") {
  for (const char* name : {"toc.dat", "1.dat", "blobs.toc", "blob_7.dat"}) {
    MemoryFolder folder = table(14, Packing::none).folder();
    RecordingSink sink;
    REQUIRE(read_folder(folder, sink));
    folder.files.erase(name);
    check(error_of(read_folder(folder, sink)), Cause::incomplete, name);
  }
}

TEST_CASE("files of a directory may be compressed, and are proven whole") {
  for (const Packing packing : {Packing::lz4, Packing::zstd}) {
    MemoryFolder folder = table(16, Packing::none).folder();
    const std::string suffix = packing == Packing::lz4 ? ".lz4" : ".zst";
    for (const std::string name : {"1.dat", "blob_7.dat"}) {
      folder.files[name + suffix] = packed(packing, folder.files[name]);
      folder.files.erase(name);
    }
    RecordingSink sink;
    REQUIRE(read_folder(folder, sink));
    CHECK(sink.script.back() == "object 7 seven");
    folder.files["1.dat" + suffix].pop_back();
    check(error_of(read_folder(folder, sink)), Cause::truncated, "is cut off");
  }
}

TEST_CASE("a file name in a directory archive that leads elsewhere is hostile") {
  MemoryFolder folder = table(14, Packing::none).folder();
  RecordingSink sink;
  folder.files["blobs.toc"] = "7 ../blob_7.dat\n";
  check(error_of(read_folder(folder, sink)), Cause::hostile, "no plain file name");
  folder = table(14, Packing::none).folder();
  std::string& toc = folder.files["toc.dat"];
  toc.replace(toc.find("1.dat"), 5, "../tt");
  check(error_of(read_folder(folder, sink)), Cause::hostile, "no plain file name");
}

TEST_CASE("a tar without a member that its table of contents promises is incomplete") {
  const ArchiveWriter writer = table(14, Packing::none);
  std::string tar = writer.tar();
  const std::string member = tar_member("1.dat", *writer.entries[3].data);
  tar.erase(tar.find(member), member.size());
  check(read_error(tar), Cause::incomplete, "\"1.dat\"");
  ArchiveWriter alone = writer;
  alone.entries.resize(4);
  tar = alone.tar();
  tar.erase(tar.find(member), member.size());
  check(read_error(tar), Cause::incomplete, "\"1.dat\"");
}

TEST_CASE("a tar with a stranger, a folder or a list that disagrees is damaged") {
  const ArchiveWriter writer = table(14, Packing::none);
  const std::string tar = writer.tar();
  const std::string member = tar_member("1.dat", *writer.entries[3].data);
  const std::size_t at = tar.find(member);
  check(read_error(std::string(tar).insert(at, tar_member("9.dat", "x"))), Cause::damaged,
        "\"9.dat\"");
  check(read_error(std::string(tar).insert(at, tar_member("a/1.dat", "x"))), Cause::damaged,
        "no plain file name");
  std::string list = tar;
  list.replace(list.find("7 blob_7.dat"), 12, "8 blob_8.dat");
  check(read_error(list), Cause::damaged, "are not those");
}
