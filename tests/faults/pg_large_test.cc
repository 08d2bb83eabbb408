// SPDX-License-Identifier: Apache-2.0
// Single things in dumps of PostgreSQL that are larger than memory may be: success or a clear
// error, with little memory. They are made by pipes and are small files, being one letter.
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// BEFORE, that many letters, BEHIND, through gzip.
Path filled(const Folder& folder, const std::string& name, std::string_view before,
            std::uint64_t letters, std::string_view behind) {
  const Path head = folder.write("head", before);
  const Path tail = folder.write("tail", behind);
  const Path file = folder / name;
  sh("{ cat " + head.native() + "; head -c " + std::to_string(letters) +
     " /dev/zero | tr '\\0' a; cat " + tail.native() + "; } | gzip -1 >" + file.native());
  return file;
}

// A dump of a table with one row, whose letters are between the two.
std::pair<std::string, std::string> around(const std::string& text) {
  const std::size_t at = text.find("PLACEHOLDER");
  REQUIRE(at != std::string::npos);
  return {text.substr(0, at), text.substr(at + 11)};
}

// The length of a block of an archive stands before it, in 4 bytes.
void set_length(std::string& archive, std::size_t block, std::uint32_t length) {
  for (std::size_t i = 0; i < 4; ++i) archive[block - 4 + i] = static_cast<char>(length >> (8 * i));
}

Path small_dump(const Folder& folder, const std::vector<std::string>& options) {
  return pg_dump_of(folder, "small",
                    "CREATE TABLE t (a text); INSERT INTO t VALUES ('PLACEHOLDER')", options, true);
}

Run within_memory(const Path& file) {
  Run run = verified(file);
  INFO(name_of(run.verdict) << " " << name_of(run.cause) << ": " << run.reason);
  check_memory(run);
  CHECK(run.cause != Cause::crashed);
  CHECK(run.cause != Cause::internal);
  return run;
}

void demand_row(const Run& run) {
  INFO(name_of(run.cause) << ": " << run.reason);
  // A small machine may not have what the server needs for it.
  if (run.cause == Cause::space) return;
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.tables.size() == 1);
  CHECK(run.tables[0].rows == 1);
}

}  // namespace

TEST_CASE("F99: a row of 500 MB in a plain dump passes with little memory") {
  if (pg_missing()) return;
  const Folder folder;
  const auto [before, behind] = around(content_of(small_dump(folder, {})));
  demand_row(within_memory(filled(folder, "row.sql.gz", before, 500'000'000, behind)));
}

TEST_CASE("F99: a row of 300 MB that is one block of an archive passes with little memory") {
  if (pg_missing()) return;
  const Folder folder;
  auto [before, behind] = around(content_of(small_dump(folder, {"-Fc", "-Z0"})));
  constexpr std::uint32_t letters = 300'000'000;
  set_length(before, before.size(), letters + 1);  // with the end of the line
  demand_row(within_memory(filled(folder, "row.dump.gz", before, letters, behind)));
}

TEST_CASE("F99: a line of 1 GB passes or is refused with little memory") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string text = content_of(small_dump(folder, {}));
  const std::size_t end = text.find("--\n-- PostgreSQL database dump complete");
  REQUIRE(end != std::string::npos);
  demand_row(within_memory(filled(folder, "line.sql.gz", text.substr(0, end) + "-- ", 1'073'741'824,
                                  "\n" + text.substr(end))));
  // No server takes such a row.
  const auto [before, behind] = around(text);
  const Run run = within_memory(filled(folder, "row.sql.gz", before, 1'073'741'824, behind));
  CHECK(run.verdict != Verdict::passed);
  CHECK(run.reason.find("rows of public.t at line") != std::string::npos);
}

TEST_CASE("F99: an INSERT of 300 MB says what to do, one of 60 MB passes, with little memory") {
  if (pg_missing()) return;
  const Folder folder;
  constexpr std::uint32_t letters = 60'000'000;
  const PgTestServer server;
  server.psql("postgres", "CREATE TABLE t (a text); INSERT INTO t VALUES ('PLACEHOLDER')");
  const auto [before, behind] = around(server.dump("postgres", {"--inserts"}));
  demand_row(within_memory(filled(folder, "insert.sql.gz", before, letters, behind)));
  auto [archive, rest] = around(server.dump("postgres", {"--inserts", "-Fc", "-Z0"}));
  set_length(archive, archive.size() - 1, letters + 2);  // with its quotes
  demand_row(within_memory(filled(folder, "insert.dump.gz", archive, letters, rest)));
  const Run run = within_memory(filled(folder, "insert.sql.gz", before, 300'000'000, behind));
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::space);
  CHECK(run.reason.find("a statement of more than 64 MiB") != std::string::npos);
  CHECK(run.hint.find("COPY") != std::string::npos);
}
