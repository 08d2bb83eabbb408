// SPDX-License-Identifier: Apache-2.0
// Dumps of PostgreSQL that restore, of databases or parts of them that are not what was meant.
#include <algorithm>

#include "model/run_json.h"
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

PG_DAMAGE("F28", "pg_dump -t of a table whose foreign key needs another", failed, restore_error,
          "restore") {
  return pg_dump_of(folder, "orders.sql", "", {"-t", "orders"});
}
PG_DAMAGE("F28", "pg_dump -T of a table that a foreign key needs", failed, restore_error,
          "restore") {
  return pg_dump_of(folder, "some.dump", "", {"-Fc", "-T", "customer"});
}
PG_DAMAGE("F29", "pg_dump --exclude-table-data of a table that a foreign key needs", failed,
          restore_error, "restore") {
  return pg_dump_of(folder, "some.sql", "", {"--exclude-table-data=customer"});
}
PG_DAMAGE("F30", "row level security", passed, none, "row level security") {
  return pg_dump_of(folder, "rls.sql", "ALTER TABLE customer ENABLE ROW LEVEL SECURITY");
}
PG_DAMAGE("F31", "large objects that were left out", passed, none, "large objects") {
  return pg_dump_of(
      folder, "schema.sql",
      "CREATE TABLE document (id int PRIMARY KEY, content oid); INSERT INTO document SELECT g, "
      "lo_from_bytea(0, 'x') FROM generate_series(1, 20) g",
      {"-n", "public"});
}
PG_DAMAGE("F34", "an unlogged table", passed, none, "unlogged") {
  return pg_dump_of(folder, "unlogged.dump", "CREATE UNLOGGED TABLE cache AS SELECT * FROM orders",
                    {"-Fc"});
}
PG_DAMAGE("F34", "a materialized view without content", passed, none, "refreshed") {
  return pg_dump_of(folder, "matview.sql",
                    "CREATE MATERIALIZED VIEW none AS SELECT * FROM orders WITH NO DATA");
}
PG_DAMAGE("F36", "an owned sequence behind its column", failed, damaged, "check integrity") {
  return pg_dump_of(folder, "sequence.sql", "SELECT setval('orders_id_seq', 100)");
}
PG_DAMAGE("F36", "an identity column's sequence behind it", failed, damaged, "check integrity") {
  return pg_dump_of(folder, "identity.dump",
                    "SELECT setval(pg_get_serial_sequence('customer', 'id'), 999)", {"-Fc"});
}
PG_DAMAGE("F36", "a sequence that only a default names, behind its column", failed, damaged,
          "check integrity") {
  return pg_dump_of(folder, "default.sql",
                    "CREATE SEQUENCE tickets; CREATE TABLE ticket (id int PRIMARY KEY DEFAULT "
                    "nextval('tickets')); "
                    "INSERT INTO ticket SELECT generate_series(1, 50)");
}
PG_DAMAGE("F36", "a descending sequence above its column", failed, damaged, "check integrity") {
  return pg_dump_of(
      folder, "down.sql",
      "CREATE SEQUENCE down INCREMENT -1; CREATE TABLE ticket (id int PRIMARY KEY DEFAULT "
      "nextval('down')); "
      "INSERT INTO ticket SELECT -generate_series(1, 50); SELECT setval('down', -20)");
}
PG_DAMAGE("F37", "orphans under a foreign key that is NOT VALID", failed, check_failed,
          "check foreign_keys") {
  return pg_dump_of(
      folder, "orphans.sql",
      "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey; DELETE FROM customer WHERE id < "
      "50; "
      "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customer NOT VALID");
}
PG_DAMAGE("F37", "orphans under a NOT VALID key of several columns onto its own table", failed,
          check_failed, "check foreign_keys") {
  return pg_dump_of(
      folder, "orphans.dump",
      "CREATE TABLE node (a int, b int, up_a int, up_b int, PRIMARY KEY (a, b)); "
      "INSERT INTO node SELECT g, g, g + 1, nullif(g, 7) + 1 FROM generate_series(1, 30) g; "
      "ALTER TABLE node ADD FOREIGN KEY (up_a, up_b) REFERENCES node NOT VALID",
      {"-Fc"});
}
PG_DAMAGE("F37", "nothing: keys that are NOT VALID and hold, half of one NULL", passed, none,
          "NOT VALID") {
  return pg_dump_of(
      folder, "holds.sql",
      "CREATE TABLE node (a int, b int, up_a int, up_b int, PRIMARY KEY (a, b)); "
      "INSERT INTO node SELECT g, g, g + 1, nullif(g + 1, 31) FROM generate_series(1, 30) g; "
      "ALTER TABLE node ADD FOREIGN KEY (up_a, up_b) REFERENCES node NOT VALID");
}
// Only amcheck, which compares the index with its table, can tell.
PG_DAMAGE("more", "an index over a function that is not as immutable as it says", failed, damaged,
          "check integrity") {
  return pg_dump_of(
      folder, "index.dump",
      "CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN $1 + "
      "(random() * 1000000)::int; END$$; CREATE INDEX ON orders (f(id))",
      {"-Fc"});
}
PG_DAMAGE("F44", "a partition that was left out, with rows that belong there", failed,
          restore_error, "restore") {
  // The parent's own data takes the way through the root, which has no place for some of it now.
  const Path file = pg_dump_of(folder, "whole.sql",
                               "CREATE TABLE m (d int, v int) PARTITION BY RANGE (d); "
                               "CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (100); "
                               "CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (100) TO (200); "
                               "INSERT INTO m SELECT g, g FROM generate_series(0, 199) g",
                               {"--load-via-partition-root"});
  return folder.write(
      "parts.sql",
      without(content_of(file), "ALTER TABLE ONLY public.m ATTACH PARTITION public.m_2", "\n"));
}
PG_DAMAGE("F27", "nothing: tables outside of the schema public", passed, none, "") {
  return pg_dump_of(
      folder, "schema.sql",
      "CREATE SCHEMA app; ALTER TABLE customer SET SCHEMA app; ALTER TABLE orders SET SCHEMA app");
}
PG_DAMAGE("F101", "nothing: names that look like SQL, markup and commands", passed, none, "") {
  return pg_dump_of(
      folder, "names.sql",
      "CREATE TABLE \"\"\"; DROP TABLE orders; --\" (\"{}\" int); CREATE TABLE \"<b>&\" (a int); "
      "CREATE TABLE \"new\nline\n\\.\" (\"\\! true\" text); INSERT INTO \"new\nline\n\\.\" VALUES "
      "('\\! true')");
}

TEST_CASE("F26: what a PostgreSQL dump says of itself is in the run") {
  if (pg_missing()) return;
  const std::string version = sh((pg_bin() / "postgres").native() + " --version");
  for (const std::string form : {"custom.dump", "create.sql", "verbose.dump"}) {
    const Run run = verified(pg_dump_file("shop", form));
    INFO(form << ": " << run.reason);
    CHECK(run.verdict == Verdict::passed);
    CHECK(run.backup.path == pg_dump_file("shop", form));
    CHECK_FALSE(run.format.server_version.empty());
    CHECK(version.find(run.format.server_version) != std::string::npos);
    CHECK(run.format.database == "shop");
  }
}

TEST_CASE("F78: SQL that was written by hand passes where the target says that it may") {
  if (pg_missing()) return;
  const Folder folder;
  folder.write("backups/hand.sql",
               "SET client_encoding = 'UTF8';\nCREATE TABLE public.t (a integer);\n"
               "COPY public.t (a) FROM stdin;\n1\n\\.\n");
  std::filesystem::create_directory(folder / "state");
  const std::string target =
      "state_dir = \"state\"\n[[target]]\nname = \"t\"\nsource = { kind = \"directory\", path = "
      "\"backups\", settle = \"0s\" }\nengine = \"pg_plain\"\n";
  const auto verdict_with = [&](const std::string& lines) {
    const Path config = folder.write("backproof.toml", target + lines);
    const Output output =
        program({"verify", "--format", "json", "--config.file", config.native(), "--target", "t"});
    INFO(output.out << output.err);
    const auto run = run_from_json(output.out);
    REQUIRE(run);
    return run->verdict;
  };
  CHECK(verdict_with("") == Verdict::inconclusive);
  CHECK(verdict_with("engine_options = { accept_unmarked = true }\n") == Verdict::passed);
}

TEST_CASE("F81: nothing of a server stays when a dump of PostgreSQL was verified") {
  if (pg_missing()) return;
  const Folder scratch;
  for (const std::string form : {"plain.sql", "custom.dump"})
    CHECK(program({"verify", "--scratch-dir", scratch.path().native(),
                   pg_dump_file("shop", form).native()})
              .ended.ok());
  // A process of a server works in the folder of its cluster.
  CHECK(sh("ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -c '" + scratch.path().native() + "' || true")
            .starts_with("0"));
}
