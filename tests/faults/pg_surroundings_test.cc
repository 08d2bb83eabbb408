// SPDX-License-Identifier: Apache-2.0
// What a dump of PostgreSQL needs beside itself: files to restore before it, extensions, a folder
// that is looked through, an older server, a jail that holds.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <future>
#include <thread>

#include "model/run_json.h"
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// The target "t", whose backups are in FOLDER/backups; `lines` belong to it.
Path configuration(const Folder& folder, const std::string& lines, const std::string& head = "") {
  std::filesystem::create_directories(folder / "state");
  std::filesystem::create_directories(folder / "scratch");
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  return folder.write(
      "backproof.toml",
      "state_dir = \"state\"\nscratch_dir = \"scratch\"\n" + head +
          "\n[[target]]\nname = \"t\"\n"
          "source = { kind = \"directory\", path = \"backups\", settle = \"0s\" }\n" +
          lines);
}

std::vector<std::string> verify_target(const Path& config) {
  return {"verify", "--format", "json", "--config.file", config.native(), "--target", "t"};
}

Run run_of(const Output& output) {
  INFO(output.out << output.err);
  auto run = run_from_json(output.out);
  REQUIRE(run);
  return std::move(*run);
}

// Verifies the newest of FOLDER/backups.
Run configured(const Folder& folder, const std::string& lines, const std::string& head = "") {
  const Run run = run_of(program(verify_target(configuration(folder, lines, head))));
  CHECK(left_in(folder / "scratch") == std::vector<std::string>{});
  return run;
}

Run with_before(const Folder& folder, const std::string& file) {
  return configured(folder, "sandbox = { before = [\"" + file + "\"] }\n");
}

void copy_dump(const Folder& folder, const std::string& form, const std::string& name) {
  std::filesystem::create_directories((folder / name).parent_path());
  std::filesystem::copy(pg_dump_file("shop", form), folder / name,
                        std::filesystem::copy_options::recursive);
}

void demand_shop(const Run& run) {
  INFO(name_of(run.cause) << ": " << run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(total_rows(run) >= 6000);
}

void demand(const Run& run, Verdict verdict, Cause cause, const std::string& part) {
  INFO(name_of(run.cause) << ": " << run.reason);
  CHECK(run.verdict == verdict);
  CHECK(run.cause == cause);
  CHECK(run.reason.find(part) != std::string::npos);
}

// This thread, and what it starts, sees a kernel without Landlock.
bool forbid_landlock() {
  std::array<sock_filter, 4> filter{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_landlock_create_ruleset},
                                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
                                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}}};
  const sock_fprog program{filter.size(), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

Run without_landlock(const Path& config) {
  std::vector<std::string> argv = verify_target(config);
  argv.insert(argv.begin(), BACKPROOF_PROGRAM);
  std::optional<Output> output;
  std::thread([&] {
    if (!forbid_landlock()) return;
    if (auto done = run({argv, {}, ""}, std::chrono::minutes(2))) output = std::move(*done);
  }).join();
  REQUIRE(output);
  return run_of(*output);
}

}  // namespace

TEST_CASE("F32: the globals of pg_dumpall before a dump give it its roles with their settings") {
  if (pg_missing()) return;
  const Folder folder;
  const PgTestServer server;
  server.psql("postgres",
              "CREATE ROLE \"shop owner\" LOGIN PASSWORD 'x'; CREATE ROLE clerk; "
              "ALTER ROLE clerk SET work_mem = '8MB'; GRANT clerk TO \"shop owner\"");
  server.make_database("shop");
  server.load("shop", Path(BACKPROOF_SOURCE_DIR) / "tests/pg/zoo/shop.sql");
  server.psql("shop",
              "ALTER TABLE orders OWNER TO \"shop owner\"; GRANT SELECT ON orders TO clerk");
  std::filesystem::create_directory(folder / "backups");
  server.dump_to(folder / "backups/shop.dump", "shop", {"-Fc"});
  server.client({"pg_dumpall", "--globals-only", "-f", (folder / "globals.sql").native()});
  const Run bare = configured(folder, "");
  demand_shop(bare);
  CHECK(has_finding(bare, "the dump needs 2 roles that it does not create"));
  const Run run = with_before(folder, "globals.sql");
  demand_shop(run);
  CHECK_FALSE(has_finding(run, "role"));
  CHECK(run.format.database == "shop");
}

TEST_CASE("F35: a dump of rows alone is restored over its schema, in whichever form that is") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "data_only.sql", "backups/rows.sql");
  demand(configured(folder, ""), Verdict::failed, Cause::restore_error, "");
  for (const std::string form : {"schema_only.sql", "schema_only.dump"})
    demand_shop(with_before(folder, pg_dump_file("shop", form).native()));
}

TEST_CASE("F35: a dump without owners passes, and says what a recovery would lack") {
  if (pg_missing()) return;
  const std::string lacks = "the dump says no owners";
  CHECK(has_finding(verified(pg_dump_file("shop", "no_owner_no_acl.sql")), lacks));
  CHECK_FALSE(has_finding(verified(pg_dump_file("shop", "plain.sql")), lacks));
}

TEST_CASE("rows behind their schema wait for the rows that they refer to") {
  if (pg_missing()) return;
  const Folder folder;
  std::filesystem::create_directory(folder / "backups");
  const PgTestServer server;
  server.make_database("large");
  // The parent's rows take far longer than those of the child, which is read at once after them.
  server.psql("large",
              "CREATE TABLE a_parent AS SELECT g AS id, repeat('x', 100) FROM "
              "generate_series(1, 200000) g; ALTER TABLE a_parent ADD PRIMARY KEY (id);"
              "CREATE TABLE b_child (parent int REFERENCES a_parent);"
              "INSERT INTO b_child VALUES (200000)");
  server.dump_to(folder / "schema.sql", "large", {"--schema-only"});
  server.dump_to(folder / "backups/rows.sql", "large", {"--data-only"});
  const Run run = with_before(folder, "schema.sql");
  demand(run, Verdict::passed, Cause::none, "");
  CHECK(total_rows(run) == 200001);
}

TEST_CASE("F66, F77: a step before the backup that fails ends the run, and is named") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "data_only.sql", "backups/rows.sql");
  const std::string schema = pg_shop("schema_only.sql");
  folder.write("half.sql", schema.substr(0, schema.size() / 2));
  folder.write("wrong.sql", replaced(schema, "CREATE TABLE public.orders", "CREATE TABEL x"));
  folder.write("program.sql", "\\! true\n" + schema);
  folder.write("crc.sql", schema);
  sh("gzip -n " + (folder / "crc.sql").native());
  std::string packed = content_of(folder / "crc.sql.gz");
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);
  folder.write("crc.sql.gz", packed);
  // Nothing was learned about the backup.
  demand(with_before(folder, "missing.sql"), Verdict::inconclusive, Cause::fetch, "missing.sql");
  demand(with_before(folder, "backups"), Verdict::inconclusive, Cause::fetch, "is a folder");
  for (const char* name : {"half.sql", "wrong.sql", "program.sql", "crc.sql.gz"}) {
    const Run run = with_before(folder, name);
    demand(run, Verdict::inconclusive, Cause::unproven, name);
    CHECK(run.hint.find("nothing was learned about the backup") != std::string::npos);
  }
}

TEST_CASE("F94: rows that a trigger leaves out when a dump of rows is restored are missed") {
  if (pg_missing()) return;
  const Folder folder;
  const PgTestServer server;
  server.make_database("odd");
  server.psql("odd",
              "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100); "
              "CREATE FUNCTION half() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN CASE WHEN "
              "NEW.a % 2 = 0 THEN NEW END; END$$; "
              "CREATE TRIGGER half BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION half()");
  server.dump_to(folder / "schema.sql", "odd", {"--schema-only"});
  std::filesystem::create_directory(folder / "backups");
  const auto rows_of = [&](const std::string& name, const std::vector<std::string>& options) {
    std::filesystem::remove_all(folder / "backups");
    std::filesystem::create_directory(folder / "backups");
    server.dump_to(folder / "backups" / name, "odd", options);
    return with_before(folder, "schema.sql");
  };
  const std::string lost = "holds 50 rows of 100 that the dump gave";
  for (const auto& run : {rows_of("rows.sql", {"-a"}), rows_of("rows.dump", {"-a", "-Fc"})}) {
    demand(run, Verdict::failed, Cause::damaged, "integrity");
    CHECK(std::any_of(run.checks.begin(), run.checks.end(), [&](const CheckResult& check) {
      return check.detail.find(lost) != std::string::npos;
    }));
  }
  demand(rows_of("rows.sql", {"-a", "--inserts"}), Verdict::failed, Cause::damaged,
         "stored no row");
  const Run run = rows_of("rows.sql", {"-a", "--disable-triggers"});
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
}

TEST_CASE("F10: a folder of pg_dump -Fd is one backup of a directory, and damages in it are seen") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "directory", "backups/shop-1");
  const Run good = configured(folder, "");
  demand_shop(good);
  CHECK(good.backup.path.filename() == "shop-1");
  Path rows;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "backups/shop-1"))
    if (rows.empty() ||
        (entry.path().extension() == ".gz" && entry.file_size() > std::filesystem::file_size(rows)))
      rows = entry.path();
  const std::string bytes = content_of(rows);
  std::filesystem::resize_file(rows, bytes.size() / 2);
  demand(configured(folder, ""), Verdict::failed, Cause::truncated, "");
  std::filesystem::remove(rows);
  demand(configured(folder, ""), Verdict::failed, Cause::incomplete, "");
}

TEST_CASE("F33: an extension that is not installed is said before any table is made") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string text =
      everywhere(content_of(pg_dump_file("extensions", "plain.sql")), "citext", "citexx");
  const std::string archive =
      everywhere(content_of(pg_dump_file("extensions", "custom_z0.dump")), "citext", "citexx");
  // Behind the cut there is no row, and in the text no table: whoever came so far would say that.
  const std::size_t tables = text.find("CREATE TABLE ");
  const std::size_t data = archive.find("\\.\n");
  REQUIRE(tables != std::string::npos);
  REQUIRE(data != std::string::npos);
  for (const Path& file : {folder.write("cut.sql", text.substr(0, tables + 20)),
                           folder.write("cut.dump", archive.substr(0, data))}) {
    INFO(file);
    const Run run = verified(file);
    demand(run, Verdict::inconclusive, Cause::missing_tool, "citexx");
    CHECK(run.hint.find("-citexx") != std::string::npos);
    CHECK_FALSE(run.restored);
    CHECK(run.tables.empty());
  }
}

PG_DAMAGE("F40", "an archive of a database with a locale that is not installed", passed, none,
          "locale") {
  return folder.write("locale.dump", replaced(pg_shop("custom_z0.dump"), "LOCALE = 'C.UTF-8'",
                                              "LOCALE = 'x.UTF-8'"));
}

TEST_CASE("F46: the head of a dump says which server can restore it") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string said = sh((pg_bin() / "postgres").native() + " --version");
  const int installed = std::stoi(said.substr(said.find(") ") + 2));
  const std::string good = pg_shop("no_owner_no_acl.sql");
  const std::string ours = good.substr(good.find("version ") + 8, 5);
  const std::pair<int, std::string> versions[] = {{11, "SET default_with_oids = false;\n"},
                                                  {14, "SET default_table_access_method = heap;\n"},
                                                  {16, "SET default_table_access_method = heap;\n"},
                                                  {17, "SET transaction_timeout = 0;\n"},
                                                  {18, "SET transaction_timeout = 0;\n"}};
  for (const auto& [major, line] : versions) {
    const std::string version = std::to_string(major) + ".4";
    std::string text = everywhere(good, "version " + ours, "version " + version);
    text = replaced(text, "SET lock_timeout = 0;\n", "SET lock_timeout = 0;\n" + line);
    const Run run = verified(folder.write("dump.sql", text));
    INFO(version << ": " << run.reason);
    CHECK(run.format.server_version.starts_with(version));
    if (major <= installed) {
      demand_shop(run);
      continue;
    }
    demand(run, Verdict::inconclusive, Cause::version, "PostgreSQL " + std::to_string(major));
    CHECK(run.hint.find("postgresql-" + std::to_string(major)) != std::string::npos);
  }
}

TEST_CASE("F63: a statement that fails between good ones is not passed over") {
  if (pg_missing()) return;
  const Folder folder;
  demand(verified(folder.write("a.sql", replaced(pg_shop(), "CREATE VIEW public.big_orders",
                                                 "CREATE VIEW nowhere.big_orders"))),
         Verdict::failed, Cause::restore_error, "VIEW");
  demand(verified(
             folder.write("a.dump", replaced(pg_shop("custom_z0.dump"), "USING btree (customer_id)",
                                             "USING btree (customer_ix)"))),
         Verdict::failed, Cause::restore_error, "INDEX");
}

TEST_CASE("F64: what is whole behind a pipe although pg_dump in front of it failed, fails") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string text = pg_shop();
  folder.write("half", text.substr(0, text.size() / 2));
  folder.write("none", "");
  sh("cd " + folder.path().native() + "; for f in half none; do cat $f | gzip >$f.sql.gz; done");
  demand(verified(folder / "half.sql.gz"), Verdict::failed, Cause::truncated, "");
  demand(verified(folder / "none.sql.gz"), Verdict::failed, Cause::empty, "");
}

TEST_CASE("F65: a table of PostgreSQL that is not there does not count as one with 0 rows") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "custom.dump", "backups/shop.dump");
  const Run run =
      configured(folder, "[[target.check]]\nkind = \"row_count\"\ntable = \"users\"\nmin = 0\n");
  demand(run, Verdict::failed, Cause::incomplete, "users");
  CHECK(run.restored);
}

TEST_CASE("F67: a run of PostgreSQL finds nothing of the run before it") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "plain.sql", "backups/1.sql");
  demand_shop(configured(folder, ""));
  std::filesystem::remove(folder / "backups/1.sql");
  copy_dump(folder, "data_only.sql", "backups/2.sql");
  demand(configured(folder, ""), Verdict::failed, Cause::restore_error, "");
}

TEST_CASE("F77: too little room for a server is not the backup's fault") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "plain.sql", "backups/shop.sql");
  for (const std::string size : {"2MB", "20MB"})
    demand(configured(folder, "max_scratch = \"" + size + "\"\n"), Verdict::inconclusive,
           Cause::space, "000,000");
}

TEST_CASE("F77: a budget that is used up while rows are loaded is said with what was there") {
  if (pg_missing()) return;
  const Folder folder;
  std::filesystem::create_directory(folder / "backups");
  const std::string text = pg_shop();
  const std::size_t at = text.find("memo 700\n");
  REQUIRE(at != std::string::npos);
  folder.write("head", text.substr(0, at));
  folder.write("tail", text.substr(at));
  // Letters that a database cannot pack; they are one row.
  sh("cd " + folder.path().native() +
     " && { cat head; head -c 300000000 /dev/urandom | base64 -w 0; cat tail; } >backups/big.sql");
  const Run run = configured(folder, "max_scratch = \"150MB\"\n");
  demand(run, Verdict::inconclusive, Cause::space, "150,000,000");
  CHECK(run.reason.find("needs more than") != std::string::npos);
  CHECK(run.resources.scratch < 400'000'000);
}

TEST_CASE("F78: a database of PostgreSQL that is empty on purpose passes when that is said") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "schema_only.dump", "backups/shop.dump");
  demand(configured(folder, ""), Verdict::failed, Cause::check_failed, "");
  const std::string floor = "[[target.check]]\nkind = \"row_count\"\nmin = 0\n";
  demand(configured(folder, floor), Verdict::passed, Cause::none, "");
}

TEST_CASE("F79: two runs of the same PostgreSQL dump at the same time do not meet") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "plain.sql", "backups/shop.sql");
  const Path config = configuration(folder, "");
  const auto verify = [&] {
    std::vector<std::string> argv = verify_target(config);
    argv.insert(argv.begin(), BACKPROOF_PROGRAM);
    return run({argv, {}, ""}, std::chrono::minutes(2));
  };
  auto other = std::async(std::launch::async, verify);
  const auto one = verify();
  const auto two = other.get();
  REQUIRE(one);
  REQUIRE(two);
  demand_shop(run_of(*one));
  demand_shop(run_of(*two));
}

TEST_CASE("without Landlock a PostgreSQL dump is not restored, and by permission only") {
  if (pg_missing()) return;
  const Folder folder;
  copy_dump(folder, "plain.sql", "backups/shop.sql");
  const Run refused = without_landlock(configuration(folder, ""));
  demand(refused, Verdict::inconclusive, Cause::isolation, "not tight");
  CHECK_FALSE(refused.restored);
  const Run allowed = without_landlock(configuration(folder, "", "require_isolation = \"none\"\n"));
  demand_shop(allowed);
  CHECK(allowed.isolation != Isolation::full);
}
