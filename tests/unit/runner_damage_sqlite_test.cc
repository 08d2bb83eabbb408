// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/sqlite_database.h"
#include "runner/damage/sqlite_dump.h"
#include "runner/damage/sqlite_sql.h"
#include "support/damage.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;
using namespace backproof::damage;

namespace {

// The shop, damaged; `file` is made anew.
Result<void> damaged(const Folder& folder, DamageKind kind, std::uint64_t seed, const Path& file) {
  static const std::string shop = [] {
    const Folder made;
    return content_of(make_shop(made));
  }();
  folder.write(file.filename().native(), shop);
  Dice dice(seed, kind);
  return damage_sqlite_database(kind, file, dice);
}

std::int64_t count(const Path& file, const std::string& table) {
  return std::stoll(ask_sql(file, "SELECT count(*) FROM " + table).at(0));
}

std::size_t bits_between(const std::string& a, const std::string& b) {
  REQUIRE(a.size() == b.size());
  std::size_t bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (unsigned x = static_cast<unsigned char>(a[i] ^ b[i]); x != 0; x &= x - 1) ++bits;
  return bits;
}

// The dump with a damage, loaded into a database by the sqlite3 shell.
Path loaded(const Folder& folder, const std::string& dump, DamageKind kind, std::uint64_t seed) {
  Dice dice(seed, kind);
  const auto edits = damage_sqlite_dump(kind, dump, dice);
  INFO((edits ? "" : edits.error().text));
  REQUIRE(edits);
  const Path text = folder.write("damaged.sql", applied(dump, *edits));
  std::filesystem::remove(folder / "damaged.db");
  sh("sqlite3 " + (folder / "damaged.db").native() + " <" + text.native());
  return folder / "damaged.db";
}

}  // namespace

TEST_CASE("damages of a database file do what they say, and no more") {
  const Folder folder;
  const Path file = folder / "d.db";
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    REQUIRE(damaged(folder, DamageKind::drop_tenth, seed, file));
    CHECK(count(file, "customer") + count(file, "orders") + 100 +
              (count(file, "orders") < 5000 ? 400 : 0) ==
          6000);
    REQUIRE(damaged(folder, DamageKind::drop_last_row, seed, file));
    CHECK(count(file, "customer") + count(file, "orders") == 5999);
    CHECK(ask_reference(file).integrity_ok);
    REQUIRE(damaged(folder, DamageKind::orphan_row, seed, file));
    CHECK(ask_reference(file).integrity_ok);
    CHECK_FALSE(ask_reference(file).foreign_keys_ok);
    REQUIRE(damaged(folder, DamageKind::drop_table, seed, file));
    CHECK(ask_sql(file, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'").at(0) == "1");
    REQUIRE(damaged(folder, DamageKind::drop_index, seed, file));
    CHECK(ask_sql(file, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'").at(0) == "0");
    REQUIRE(damaged(folder, DamageKind::drop_constraint, seed, file));
    CHECK(ask_sql(file, "SELECT sum(sql LIKE '%NOT NULL%') FROM sqlite_schema").at(0) == "1");
    CHECK(ask_reference(file).integrity_ok);
  }
}

TEST_CASE("a flipped bit in a database is one bit: of a text, or of an index entry") {
  const Folder folder;
  const Path file = folder / "d.db";
  REQUIRE(damaged(folder, DamageKind::drop_index, 1, file));  // only to have the file made
  const std::string before = content_of(make_shop(folder));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    REQUIRE(damaged(folder, DamageKind::flip_data, seed, file));
    CHECK(bits_between(before, content_of(file)) == 1);
    CHECK(ask_reference(file).integrity_ok);
    CHECK(ask_sql(file, "SELECT count(*) FROM customer WHERE name NOT LIKE 'customer %'").at(0) ==
          "1");
    REQUIRE(damaged(folder, DamageKind::flip_index, seed, file));
    CHECK(bits_between(before, content_of(file)) == 1);
    CHECK_FALSE(ask_reference(file).integrity_ok);
  }
}

TEST_CASE("the same seed damages a database in the same way, another in another") {
  const Folder folder;
  for (const DamageKind kind : {DamageKind::flip_data, DamageKind::flip_index,
                                DamageKind::drop_tenth, DamageKind::cut_content}) {
    REQUIRE(damaged(folder, kind, 1, folder / "a.db"));
    REQUIRE(damaged(folder, kind, 1, folder / "b.db"));
    CHECK(content_of(folder / "a.db") == content_of(folder / "b.db"));
    REQUIRE(damaged(folder, kind, 2, folder / "b.db"));
    CHECK(content_of(folder / "a.db") != content_of(folder / "b.db"));
  }
}

TEST_CASE("what a database lacks cannot be damaged, and it says so") {
  const Folder folder;
  const Path file = folder / "d.db";
  sh("sqlite3 " + file.native() + " 'CREATE TABLE t(a); INSERT INTO t VALUES (1)'");
  for (const DamageKind kind :
       {DamageKind::flip_data, DamageKind::flip_index, DamageKind::drop_tenth,
        DamageKind::orphan_row, DamageKind::drop_index, DamageKind::drop_constraint,
        DamageKind::meta_command}) {
    const std::string before = content_of(file);
    Dice dice(1, kind);
    const auto done = damage_sqlite_database(kind, file, dice);
    INFO(info_of(kind).name);
    REQUIRE_FALSE(done);
    CHECK(done.error().cause == Cause::none);
    CHECK_FALSE(done.error().text.empty());
    CHECK(content_of(file) == before);
  }
}

TEST_CASE("every animal of the zoo can be damaged, or says why not") {
  const Folder folder;
  const Path file = folder / "d.db";
  std::size_t done = 0;
  for (const ZooAnimal& animal : sqlite_zoo())
    for (const DamageInfo& damage : all_damage_kinds) {
      if (damage.kind == DamageKind::cut_container || damage.kind == DamageKind::stale_copy ||
          damage.kind == DamageKind::appended_junk)
        continue;
      folder.write("d.db", animal.bytes);
      Dice dice(3, damage.kind);
      const auto made = damage_sqlite_database(damage.kind, file, dice);
      INFO(animal.name << ", " << damage.name << ": " << (made ? "" : made.error().text));
      CHECK((made || made.error().cause == Cause::none));
      CHECK_FALSE(std::filesystem::exists(folder / "d.db-wal"));
      CHECK((!made || content_of(file) != animal.bytes));
      done += made ? 1U : 0U;
    }
  CHECK(done > 100);
}

TEST_CASE("damages of a dump do what they say, and no more") {
  const Folder folder;
  const std::string dump = content_of(make_dump(folder));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    INFO("seed " << seed);
    Path file = loaded(folder, dump, DamageKind::drop_last_row, seed);
    CHECK(count(file, "customer") + count(file, "orders") == 5999);
    file = loaded(folder, dump, DamageKind::drop_tenth, seed);
    CHECK((count(file, "customer") == 900) != (count(file, "orders") == 4500));
    file = loaded(folder, dump, DamageKind::flip_data, seed);
    CHECK(count(file, "customer") + count(file, "orders") == 6000);
    CHECK(ask_sql(file, "SELECT count(*) FROM customer WHERE name NOT LIKE 'customer %'").at(0) ==
          "1");
    file = loaded(folder, dump, DamageKind::orphan_row, seed);
    CHECK_FALSE(ask_reference(file).foreign_keys_ok);
    file = loaded(folder, dump, DamageKind::drop_table, seed);
    CHECK(ask_sql(file, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'").at(0) == "1");
    file = loaded(folder, dump, DamageKind::drop_index, seed);
    CHECK(ask_sql(file, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'").at(0) == "0");
    file = loaded(folder, dump, DamageKind::drop_constraint, seed);
    CHECK(ask_sql(file, "SELECT sum(sql LIKE '%NOT NULL%') FROM sqlite_schema").at(0) == "1");
  }
  CHECK(ask_sql(loaded(folder, dump, DamageKind::empty_database, 1),
                "SELECT count(*) FROM sqlite_schema")
            .at(0) == "0");
  CHECK(count(loaded(folder, dump, DamageKind::other_database, 1), "backproof_other") == 3);
}

TEST_CASE("a dump is cut behind a statement") {
  const Folder folder;
  const std::string dump = content_of(make_dump(folder));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Dice dice(seed, DamageKind::cut_content);
    const std::string cut = applied(dump, *damage_sqlite_dump(DamageKind::cut_content, dump, dice));
    CHECK(cut.size() < dump.size());
    CHECK(cut.ends_with(";\n"));
    CHECK(dump.starts_with(cut.substr(0, cut.size() - 1)));
  }
}

TEST_CASE("constraints are found outside of quotes and comments only") {
  const auto without = [](const std::string& sql) {
    const auto edit = constraint_in(sql);
    return edit ? applied(sql, {*edit}) : "none";
  };
  CHECK(without("CREATE TABLE t(a TEXT NOT NULL, b)") == "CREATE TABLE t(a TEXT , b)");
  CHECK(without("CREATE TABLE t(a not\n null)") == "CREATE TABLE t(a )");
  CHECK(without("CREATE TABLE t(a CHECK (a IN (')', 2)), b)") == "CREATE TABLE t(a , b)");
  CHECK(without("CREATE TABLE t(\"not null\" TEXT DEFAULT 'NOT NULL' /* NOT NULL */)") == "none");
  CHECK(without("CREATE TABLE t(a, cannot nullify)") == "none");
}
