// SPDX-License-Identifier: Apache-2.0
// The proof against the judge: thousands of seeded damages, and nothing that SQLite's own PRAGMAs
// report may be missed. BACKPROOF_DIFFERENTIAL_SEEDS=N tries N damages of each of the three
// families instead of the default; BACKPROOF_DIFFERENTIAL_FIRST=N begins at another seed.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>

#include "db/sqlite_database.h"
#include "support/sqlite_damage.h"

namespace backproof::test {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void write_bytes(const Path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

SelfCheck examine(const Path& file, unsigned threads) {
  SqliteSettings settings;
  settings.threads = threads;
  const RunContext context{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
  auto database = open_sqlite_database(file, settings);
  REQUIRE(database);
  return (*database)->self_check(context);
}

bool is_ok(const Result<Examined>& examined) {
  return examined && examined->findings.empty() && examined->more == 0;
}

std::string words_of(const Result<Examined>& examined) {
  if (!examined) return "error: " + examined.error().text;
  return examined->findings.empty() ? "ok" : examined->findings.front();
}

// What became of the damages of one family.
struct Tally {
  std::uint64_t tried = 0, detectable = 0, proven = 0, judged = 0, troubled = 0, stricter = 0;
};

std::ostream& operator<<(std::ostream& out, const Tally& tally) {
  return out << tally.tried << " damages: " << tally.detectable << " that the PRAGMAs report, all"
             << " caught; " << tally.proven << " answered by proof alone, " << tally.judged
             << " by the PRAGMAs, " << tally.troubled << " without an answer; " << tally.stricter
             << " more findings than this SQLite has";
}

bool is_reordered(const ZooAnimal& animal) {
  return animal.name.starts_with("reordered");
}

void compare_with_reference(const Path& file, bool reordered, unsigned threads, Tally& tally) {
  const Reference reference = ask_reference(file, reordered);
  const SelfCheck ours = examine(file, threads);
  INFO("integrity: SQLite says " << reference.integrity << ", ours " << words_of(ours.integrity));
  INFO("foreign keys: ours " << words_of(ours.foreign_keys));
  ++tally.tried;
  if (!reference.integrity_ok || !reference.foreign_keys_ok) ++tally.detectable;
  if (!ours.integrity) {
    ++tally.troubled;
  } else if (ours.integrity->how == "proof") {
    ++tally.proven;
  } else {
    ++tally.judged;
  }
  if (reference.integrity_ok && ours.integrity && !is_ok(ours.integrity)) ++tally.stricter;
  if (!reference.integrity_ok) REQUIRE_FALSE(is_ok(ours.integrity));
  if (!reference.foreign_keys_ok) REQUIRE_FALSE(is_ok(ours.foreign_keys));
  if (!reference.integrity_ok) return;
  // What is whole is found whole, and counted right.
  if (reference.foreign_keys_ok) REQUIRE(is_ok(ours.foreign_keys));
  REQUIRE(ours.tables);
  for (const TableFact& fact : *ours.tables)
    if (fact.table == "t")
      REQUIRE(std::to_string(fact.rows) ==
              ask_sql(file, "SELECT count(*) FROM t NOT INDEXED").front());
}

using Damage = std::function<std::string(const Path& file, const std::string& whole, Random&)>;

void try_damages(const char* family, std::uint64_t default_seeds, const Damage& damage) {
  const Folder folder;
  const Path file = folder / "damaged.db";
  const std::vector<ZooAnimal> zoo = sqlite_zoo();
  const std::uint64_t first = number_from("BACKPROOF_DIFFERENTIAL_FIRST", 0);
  const std::uint64_t seeds = number_from("BACKPROOF_DIFFERENTIAL_SEEDS", default_seeds);
  Tally tally;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Random random(seed);
    const ZooAnimal& animal = zoo[random.below(zoo.size())];
    const std::string what = damage(file, animal.bytes, random);
    INFO(family << ", seed " << seed << ": " << what << ", in " << animal.name);
    compare_with_reference(file, is_reordered(animal), 1 + seed % 2, tally);
  }
  std::cout << family << ": " << tally << "\n";
  CHECK(tally.detectable > tally.tried / 4);
}

// Two tables with a few rows and a foreign key that is declared at random: right, wrong or
// impossible.
std::string random_foreign_key(Random& random) {
  const auto pick = [&](std::initializer_list<const char*> from) -> std::string {
    return from.begin()[random.below(from.size())];
  };
  const auto type = [&] { return pick({"", "TEXT", "INT", "INTEGER", "REAL", "NUMERIC"}); };
  const auto collation = [&] { return pick({"", "", "COLLATE NOCASE", "COLLATE RTRIM"}); };
  const auto value = [&] { return pick({"1", "2", "'A'", "'a'", "'a '", "NULL", "1.0", "'1'"}); };
  const auto column = [&](const char* name) { return name + (" " + type()) + " " + collation(); };
  const std::string same = type() + " " + collation();
  const bool alike = random.below(4) != 0;
  std::string sql = "CREATE TABLE p(" +
                    (alike ? "a " + same + ", b " + same : column("a") + ", " + column("b")) +
                    pick({"", ", PRIMARY KEY(a)", ", PRIMARY KEY(b, a)", ", UNIQUE(a, b)"});
  sql +=
      sql.find("PRIMARY") != std::string::npos && random.below(2) == 0 ? ") WITHOUT ROWID;" : ");";
  sql += pick({"", "CREATE UNIQUE INDEX pi ON p(a);", "CREATE UNIQUE INDEX pi ON p(b, a);",
               "CREATE UNIQUE INDEX pi ON p(a COLLATE NOCASE);",
               "CREATE UNIQUE INDEX pi ON p(a) WHERE b > 1;", "CREATE INDEX pi ON p(a);"});
  const bool is_pair = random.below(2) == 0;
  sql += "CREATE TABLE c(" +
         (alike ? "x " + same + ", y " + same : column("x") + ", " + column("y")) +
         ", FOREIGN KEY" + (is_pair ? pick({"(x, y)", "(y, x)", "(x, x)"}) : pick({"(x)", "(y)"})) +
         " REFERENCES " + pick({"p", "p", "p", "p", "p", "gone"}) +
         (is_pair ? pick({"", "(a, b)", "(b, a)", "(a, a)"}) : pick({"", "(a)", "(b)", "(z)"})) +
         ");" +
         pick({"", "CREATE INDEX ci ON c(x);", "CREATE INDEX ci ON c(x, y);",
               "CREATE INDEX ci ON c(y, x);", "CREATE INDEX ci ON c(x COLLATE NOCASE);",
               "CREATE INDEX ci ON c(x) WHERE y > 1;"});
  for (std::uint64_t i = random.below(5); i > 0; --i)
    sql += "INSERT OR IGNORE INTO p VALUES(" + value() + ", " + value() + ");";
  if (random.below(3) != 0) return sql + "INSERT INTO c SELECT a, b FROM p;";
  for (std::uint64_t i = random.below(4); i > 0; --i)
    sql += "INSERT INTO c VALUES(" + value() + ", " + value() + ");";
  return sql;
}

}  // namespace

TEST_CASE("foreign keys declared in every way are judged as foreign_key_check judges them") {
  const Folder folder;
  const std::uint64_t first = number_from("BACKPROOF_DIFFERENTIAL_FIRST", 0);
  const std::uint64_t seeds = number_from("BACKPROOF_DIFFERENTIAL_SEEDS", 1500);
  std::uint64_t bad = 0, proven = 0;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Random random(seed);
    const Path file = folder / "keys.db";
    std::filesystem::remove(file);
    const std::string sql = random_foreign_key(random);
    INFO("seed " << seed << ": " << sql);
    const std::string fast = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;";
    const std::size_t rows = std::min(sql.find("INSERT"), sql.size());
    run_sql(file, fast + sql.substr(0, rows));
    try_sql(file, fast + sql.substr(rows));  // a rowid takes no text
    const Reference reference = ask_reference(file);
    const SelfCheck ours = examine(file, 1);
    INFO("ours: " << words_of(ours.foreign_keys));
    REQUIRE(is_ok(ours.integrity) == reference.integrity_ok);
    REQUIRE(is_ok(ours.foreign_keys) == reference.foreign_keys_ok);
    if (!reference.foreign_keys_ok) ++bad;
    if (ours.foreign_keys && ours.foreign_keys->how == "proof") ++proven;
  }
  std::cout << "foreign keys: " << seeds << " declarations, " << bad << " bad, " << proven
            << " by proof\n";
  CHECK(bad > seeds / 10);
  CHECK(proven > seeds / 50);
}

TEST_CASE("every whole database of the zoo passes, by proof alone where that applies") {
  const Folder folder;
  for (const ZooAnimal& animal : sqlite_zoo()) {
    INFO(animal.name);
    const Path file = folder.write("whole.db", animal.bytes);
    const Reference reference = ask_reference(file, is_reordered(animal));
    INFO(reference.integrity);
    REQUIRE(reference.integrity_ok);
    REQUIRE(reference.foreign_keys_ok);
    const SelfCheck ours = examine(file, 2);
    INFO(words_of(ours.integrity) << "; " << words_of(ours.foreign_keys));
    CHECK(is_ok(ours.integrity));
    CHECK(is_ok(ours.foreign_keys));
    REQUIRE(ours.integrity);
    CHECK(ours.integrity->how == (animal.is_provable ? "proof" : "proof, integrity_check"));
  }
}

TEST_CASE("damaged bytes, pages and headers are never called whole") {
  try_damages("bytes", 2000, [](const Path& file, std::string bytes, Random& random) {
    const std::string what = damage_bytes(bytes, random);
    write_bytes(file, bytes);
    return what;
  });
}

TEST_CASE("damaged cells of tables and indexes are never called whole") {
  try_damages("cells", 2000, [](const Path& file, std::string bytes, Random& random) {
    const std::string what = damage_cells(bytes, random);
    write_bytes(file, bytes);
    return what;
  });
}

TEST_CASE("indexes out of step, false definitions and orphans are never called whole") {
  try_damages("logic", 1500, [](const Path& file, const std::string& bytes, Random& random) {
    write_bytes(file, bytes);
    return damage_logic(file, random);
  });
}

}  // namespace backproof::test
