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

TEST_CASE("a file of a few bytes is no database to back up, whatever SQLite takes it for") {
  const Folder folder;
  REQUIRE(write_atomic(folder / "stub.db", "x"));
  const Output taken = program({"backup", "--sqlite", (folder / "stub.db").native(), "--output",
                                (folder / "backup.db").native()});
  CHECK(taken.ended.exit_code == 1);
  CHECK(has(taken.err, "is no SQLite database"));
  CHECK_FALSE(std::filesystem::exists(folder / "backup.db"));
}
