// SPDX-License-Identifier: Apache-2.0
// Manifests that are wrong, and what stands where one is to be written.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/config.h"
#include "support/damage.h"
#include "support/program.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

constexpr const char* app =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
    "INSERT INTO users VALUES (1, 'first user'), (2, 'second');";

// A backup of it, and the text of its manifest.
struct Taken {
  Folder folder;
  Path backup = folder / "backup.db";
  Path manifest = folder / "backup.db.manifest.json";

  Taken() {
    run_sql(folder / "app.db", app);
    const Output taken =
        program({"backup", "--sqlite", (folder / "app.db").native(), "--output", backup.native()});
    INFO(taken.err);
    REQUIRE(taken.ended.ok());
  }
  void replace_manifest(const std::string& text) const { REQUIRE(write_atomic(manifest, text)); }
};

}  // namespace

TEST_CASE("a manifest never replaces what is there, least of all the database that it is of") {
  const Folder folder;
  const Path live = folder / "app.db";
  run_sql(live, app);
  const std::string before = content_of(live);
  const Output made = program({"manifest", "--sqlite", live.native(), "--output", live.native()});
  CHECK(made.ended.exit_code == 1);
  CHECK(has(made.err, "exists already"));
  CHECK(content_of(live) == before);
}

TEST_CASE("a manifest that lost its tables proves nothing of them") {
  const Taken taken;
  json manifest = json::parse(content_of(taken.manifest));
  manifest["tables"] = json::array();
  taken.replace_manifest(manifest.dump());
  const Run run = verified(taken.backup);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::unproven);
  CHECK(has(run.reason, "the manifest says nothing of 1 restored table"));
}

TEST_CASE("a bad manifest hides no difference that another part of it shows") {
  const Taken taken;
  json manifest = json::parse(content_of(taken.manifest));
  manifest["tables"][0]["digest"] = "";
  manifest["user_version"] = 7;
  taken.replace_manifest(manifest.dump());
  CHECK(verified(taken.backup).verdict == Verdict::failed);
}

TEST_CASE("a manifest of more values than memory holds is inconclusive, and no crash") {
  const Taken taken;
  std::string many = "[0";
  for (int i = 0; i < 5'000'000; ++i) many += ",0";
  taken.replace_manifest(many + "]");
  const Run run = verified(taken.backup);
  CHECK(run.cause == Cause::unproven);
  CHECK(has(run.reason, "too many values"));
}

TEST_CASE("nothing of a file that a manifest links to is told") {
  const Taken taken;
  REQUIRE(write_atomic(taken.folder / "secret", "{\"password\": \"hunter2"));
  std::filesystem::remove(taken.manifest);
  std::filesystem::create_symlink(taken.folder / "secret", taken.manifest);
  const Output output = program({"verify", "--format", "json", taken.backup.native()});
  CHECK(output.ended.exit_code == 2);
  CHECK_FALSE(has(output.out + output.err, "hunter2"));
}

TEST_CASE("a manifest that links into nowhere is no missing one") {
  const Taken taken;
  std::filesystem::remove(taken.manifest);
  std::filesystem::create_symlink(taken.folder / "unmounted", taken.manifest);
  const Run run = verified(taken.backup);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::fetch);
}

TEST_CASE("a file of a few bytes is no database to back up, whatever SQLite takes it for") {
  const Folder folder;
  REQUIRE(write_atomic(folder / "stub.db", "x"));
  const Output taken = program({"backup", "--sqlite", (folder / "stub.db").native(), "--output",
                                (folder / "backup.db").native()});
  CHECK(taken.ended.exit_code == 1);
  CHECK(has(taken.err, "is no SQLite database"));
  CHECK_FALSE(std::filesystem::exists(folder / "backup.db"));
}

TEST_CASE("names that are no UTF-8 stand in a manifest, and are found again") {
  const Folder folder;
  const Path live = folder / "app.db", backup = folder / "backup.db";
  run_sql(live, "CREATE TABLE t_AA(a); CREATE TABLE t_BB(a); INSERT INTO t_AA VALUES (1);");
  std::string bytes = content_of(live);
  for (std::size_t at = 0; (at = bytes.find("t_AA", at)) != std::string::npos;)
    bytes.replace(at, 4, "t_\xff\xfe");
  for (std::size_t at = 0; (at = bytes.find("t_BB", at)) != std::string::npos;)
    bytes.replace(at, 4, "t_\xfe\xff");
  REQUIRE(write_atomic(live, bytes));
  const Output taken = program({"backup", "--sqlite", live.native(), "--output", backup.native()});
  INFO(taken.err);
  REQUIRE(taken.ended.ok());
  const Run run = verified(backup);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(was_compared_with_manifest(run));
}
