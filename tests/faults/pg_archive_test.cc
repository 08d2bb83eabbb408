// SPDX-License-Identifier: Apache-2.0
// Archives of pg_dump (custom, tar, directory) that are not what they should be.
#include <algorithm>

#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Path copied(const Folder& folder, const std::string& form) {
  const Path to = folder / form;
  std::filesystem::copy(pg_dump_file("shop", form), to, std::filesystem::copy_options::recursive);
  return to;
}

// The largest member of a folder but its table of contents: rows of orders.
Path largest(const Path& folder) {
  Path found;
  std::uintmax_t most = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename() != "toc.dat" && entry.file_size() > most) {
      most = entry.file_size();
      found = entry.path();
    }
  REQUIRE(most > 0);
  return found;
}

// An archive whose data is not compressed, with some of it changed: as long as before.
Path with_bytes(const Folder& folder, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  return folder.write("changed.dump", replaced(pg_shop("custom_z0.dump"), from, to));
}

void flip(std::string& bytes, std::size_t at, unsigned bit = 0) {
  bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
}

}  // namespace

PG_DAMAGE("more", "nothing: a good custom archive", passed, none, "") {
  return make_pg_archive(folder, "good.dump");
}
PG_DAMAGE("more", "nothing: a good tar archive", passed, none, "") {
  return copied(folder, "tar.tar");
}
PG_DAMAGE("more", "nothing: a good archive in a folder", passed, none, "") {
  return copied(folder, "directory");
}
PG_DAMAGE("F10", "a custom archive cut in its rows", failed, truncated, "restore") {
  const std::string bytes = pg_shop("custom.dump");
  return folder.write("cut.dump", bytes.substr(0, bytes.size() - 3000));
}
PG_DAMAGE("F10", "a custom archive cut in its table of contents", failed, truncated, "restore") {
  return folder.write("cut.dump", pg_shop("custom.dump").substr(0, 2000));
}
PG_DAMAGE("F10", "a custom archive cut by one byte", failed, truncated, "restore") {
  const std::string bytes = pg_shop("custom.dump");
  return folder.write("cut.dump", bytes.substr(0, bytes.size() - 1));
}
PG_DAMAGE("F10", "a tar archive cut in its rows", failed, truncated, "restore") {
  const std::string bytes = pg_shop("tar.tar");
  return folder.write("cut.tar", bytes.substr(0, bytes.find("memo 3000")));
}
PG_DAMAGE("F03", "a custom archive with a wrong bit in its compressed rows", failed, damaged,
          "restore") {
  std::string bytes = pg_shop("custom.dump");
  flip(bytes, bytes.size() - 5000);
  return folder.write("flip.dump", bytes);
}
PG_DAMAGE("F03", "a folder whose rows have a wrong bit", failed, damaged, "restore") {
  const Path copy = copied(folder, "directory");
  const Path member = largest(copy);
  std::string bytes = content_of(member);
  flip(bytes, bytes.size() / 2);
  REQUIRE(write_atomic(member, bytes));
  return copy;
}
PG_DAMAGE("F01", "a folder in which the gzip of a table is cut", failed, truncated, "restore") {
  const Path copy = copied(folder, "directory");
  const Path member = largest(copy);
  std::filesystem::resize_file(member, std::filesystem::file_size(member) / 2);
  return copy;
}
PG_DAMAGE("F10", "a folder in which the rows of a table are missing", failed, incomplete,
          "restore") {
  const Path copy = copied(folder, "directory");
  std::filesystem::remove(largest(copy));
  return copy;
}
PG_DAMAGE("F10", "a folder in which the rows of a table are empty", failed, truncated, "restore") {
  const Path copy = copied(folder, "directory_z0");
  std::filesystem::resize_file(largest(copy), 0);
  return copy;
}
PG_DAMAGE("F83", "a folder without its table of contents", failed, wrong_format, "select") {
  const Path copy = copied(folder, "directory");
  std::filesystem::remove(copy / "toc.dat");
  return copy;
}
PG_DAMAGE("F98", "a folder in which the rows of a table are a link to elsewhere", failed,
          incomplete, "restore") {
  const Path copy = copied(folder, "directory_z0");
  const Path member = largest(copy);
  std::filesystem::remove(member);
  std::filesystem::create_symlink("/etc/passwd", member);
  return copy;
}
PG_DAMAGE("F98", "a folder in which the rows of a table are a pipe", failed, incomplete,
          "restore") {
  const Path copy = copied(folder, "directory_z0");
  const Path member = largest(copy);
  std::filesystem::remove(member);
  sh("mkfifo " + member.native());
  return copy;
}
PG_DAMAGE("F46", "an archive of a format that is newer", inconclusive, version, "restore") {
  std::string bytes = pg_shop("custom.dump");
  bytes[6] = 99;
  return folder.write("newer.dump", bytes);
}
PG_DAMAGE("F46", "an archive of a newer server", inconclusive, version, "restore") {
  std::string bytes = pg_shop("custom.dump");
  const std::string version = std::to_string(pg_major()) + ".";
  const std::size_t at = bytes.find(version);
  bytes[at] = '9';
  bytes[bytes.find(version, at)] = '9';
  return folder.write("newer.dump", bytes);
}
PG_DAMAGE("F38", "an archive with an order without its customer", failed, restore_error,
          "restore") {
  return with_bytes(folder, "700\t701\t175.00", "700\t000\t175.00");
}
PG_DAMAGE("F39", "an archive with a row twice, against the primary key", failed, restore_error,
          "restore") {
  return with_bytes(folder, "700\t701\t175.00", "701\t701\t175.00");
}
PG_DAMAGE("F09", "an archive that makes an index of another name than it says", failed, incomplete,
          "restore") {
  return with_bytes(folder, "CREATE INDEX orders_by_customer", "CREATE INDEX orders_by_cuspomer");
}
PG_DAMAGE("F92", "an archive with a statement that copies to a program", failed, hostile,
          "restore") {
  return with_bytes(folder,
                    "CREATE INDEX orders_by_customer ON public.orders USING btree (customer_id);",
                    "COPY public.orders TO PROGRAM 'touch /tmp/backproof-owned; sleep 5       ';");
}
PG_DAMAGE("F20", "a custom archive called .sql", passed, none,
          "the name ends in .sql but the content is") {
  return folder.write("shop.sql", pg_shop("custom.dump"));
}
PG_DAMAGE("F19", "a custom archive behind gzip", passed, none, "") {
  folder.write("shop.dump", pg_shop("custom_z0.dump"));
  sh("gzip -n " + (folder / "shop.dump").native());
  return folder / "shop.dump.gz";
}
PG_DAMAGE("F05", "an error page appended to an archive", passed, none,
          "behind the end of the archive") {
  return folder.write("page.dump",
                      pg_shop("custom.dump") + "<!doctype html><title>504 Gateway Timeout</title>");
}

TEST_CASE("F10: an archive of PostgreSQL cut at any place never passes") {
  if (pg_missing()) return;
  const Folder folder;
  Random random(10);
  for (const std::string form :
       {"custom.dump", "custom_z0.dump", "tar.tar", "custom_inserts.dump"}) {
    const std::string bytes = pg_shop(form);
    for (int i = 0; i < 10; ++i) {
      // What ends a tar is padding that nobody misses.
      const std::size_t at = 100 + random.below(bytes.size() - 12'000);
      const Run run = verified(folder.write("cut", bytes.substr(0, at)));
      INFO(form << " cut at " << at << ": " << run.reason);
      CHECK(run.verdict == Verdict::failed);
      CHECK(run.cause == Cause::truncated);
    }
  }
}

TEST_CASE("F03: an archive with compressed rows and a wrong bit in them never passes") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string good = pg_shop("custom.dump");
  Random random(13);
  for (int i = 0; i < 15; ++i) {
    std::string bytes = good;
    const std::size_t at = bytes.size() - 100 - random.below(20'000);
    flip(bytes, at, static_cast<unsigned>(random.below(8)));
    const Run run = verified(folder.write("flip.dump", bytes));
    INFO("bit of byte " << at << ": " << run.reason);
    CHECK(run.verdict == Verdict::failed);
  }
}

TEST_CASE("F95: an archive with any byte of its table of contents changed ends in a verdict") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string good = pg_shop("custom_z0.dump");
  Random random(15);
  for (int i = 0; i < 25; ++i) {
    std::string bytes = good;
    const std::size_t at = 5 + random.below(8000);
    bytes[at] = static_cast<char>(random.next());
    const Run run = verified(folder.write("changed.dump", bytes));
    INFO("byte " << at << ": " << run.reason);
    CHECK(run.cause != Cause::crashed);
    CHECK(run.cause != Cause::internal);
  }
}
