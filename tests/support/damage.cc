// SPDX-License-Identifier: Apache-2.0
#include "support/damage.h"

#include <algorithm>

namespace backproof::test {

std::vector<Damage>& all_damages() {
  static std::vector<Damage> damages;
  return damages;
}

void demand(const Damage& damage) {
  const Folder folder;
  const Run run = verified(damage.make(folder));
  INFO(run.reason);
  CHECK(run.verdict == damage.verdict);
  CHECK(name_of(run.cause) == name_of(damage.cause));
  // Nothing but its name was read where not even the sandbox was reached.
  if (damage.seen != "select") CHECK(run.isolation == Isolation::full);
  if (damage.verdict == Verdict::passed)
    CHECK((damage.seen.empty() || has_finding(run, damage.seen)));
  else
    CHECK(seen_by(run) == damage.seen);
  // Whatever was found is said in words, and the bytes it is said of are named.
  CHECK(run.reason.empty() == (damage.verdict == Verdict::passed));
  if (damage.cause != Cause::space &&
      std::any_of(run.stages.begin(), run.stages.end(),
                  [](const StageResult& stage) { return stage.stage == Stage::restore; }))
    CHECK(run.backup.sha256.size() == 64);
}

Path make_shop(const Folder& folder, std::string_view name) {
  const Path file = folder / name;
  sh("sqlite3 " + file.native() + R"( <<'SQL'
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id), total REAL);
CREATE INDEX orders_by_customer ON orders(customer_id);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  INSERT INTO customer SELECT i, 'customer ' || i, 'town ' || i % 40 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
  INSERT INTO orders SELECT i, 1 + i % 1000, i * 0.25 FROM n;
SQL)");
  return file;
}

Path make_dump(const Folder& folder, std::string_view name) {
  const Path db = make_shop(folder, "dumped.db");
  const Path file = folder / name;
  sh("sqlite3 " + db.native() + " .dump >" + file.native());
  return file;
}

std::string content_of(const Path& file) {
  return read_file(file, 1U << 30U).value();
}

}  // namespace backproof::test
