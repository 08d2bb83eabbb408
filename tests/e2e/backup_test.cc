// SPDX-License-Identifier: Apache-2.0
// Backups that are taken with their manifest, and what a manifest catches that nothing else does.
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/pg_damage.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

Output take(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"backup"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return program(all);
}

void demand_taken(const Output& output) {
  INFO(output.out << output.err);
  REQUIRE(output.ended.exit_code == 0);
}

json manifest_beside(const Path& backup) {
  return json::parse(content_of(backup.native() + ".manifest.json"));
}

// The answers of the check "manifest".
std::vector<CheckResult> by_manifest(const Run& run) {
  std::vector<CheckResult> results;
  std::ranges::copy_if(run.checks, std::back_inserter(results),
                       [](const CheckResult& result) { return result.check == "manifest"; });
  return results;
}

std::string told(const Run& run) {
  std::string text = std::string(name_of(run.verdict)) + ": " + run.reason + "\n";
  for (const CheckResult& result : by_manifest(run))
    text += result.subject + ": " + result.observed + ", expected " + result.expected + "\n";
  return text;
}

void demand_pass(const Path& backup) {
  const Run run = verified(backup);
  INFO(told(run));
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(by_manifest(run).size() == 1);
  CHECK(by_manifest(run).front().looked_at_data);
  for (const TableFact& fact : run.tables) CHECK(fact.digest.size() == 32);
}

// The manifest alone objects, to something of this name.
void demand_caught(const Path& backup, const std::string& subject) {
  const Run run = verified(backup);
  INFO(told(run));
  CHECK(run.verdict == Verdict::failed);
  CHECK(run.reason.starts_with("check manifest"));
  const std::vector<CheckResult> results = by_manifest(run);
  CHECK(std::ranges::any_of(results, [&](const CheckResult& result) {
    return result.verdict == Verdict::failed && result.subject == subject;
  }));
}

// The manifest says nothing of the bytes any more: only the content is compared.
void forget_artefact(const Path& backup) {
  json manifest = manifest_beside(backup);
  manifest["artefact"] = {{"name", ""}, {"sha256", ""}, {"bytes", 0}};
  REQUIRE(write_atomic(backup.native() + ".manifest.json", manifest.dump()));
}

constexpr const char* app =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created_at TIMESTAMP);"
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT);"
    "INSERT INTO users VALUES (1, 'first user', '2026-11-20 11:00:00'), (2, 'second', NULL);"
    "INSERT INTO notes VALUES (1, 1, 'a note'), (2, 2, 'other note'), (3, 2, NULL);";

// Changes that no other check of a target without configuration objects to.
const std::vector<std::pair<std::string, std::string>> changes{
    {"UPDATE users SET name = 'First user' WHERE id = 1", "users"},
    {"UPDATE notes SET body = '' WHERE id = 3", "notes"},
    {"DELETE FROM notes WHERE id = 3", "notes"},
    {"INSERT INTO notes VALUES (4, 1, 'more')", "notes"},
    {"UPDATE notes SET user_id = 1 WHERE id = 2", "notes"},
    {"DROP TABLE notes", "notes"},
    {"CREATE TABLE more (a INTEGER)", "schema"},
    {"CREATE INDEX by_user ON notes (user_id)", "schema"},
    {"ALTER TABLE notes ADD COLUMN extra TEXT", "notes"},
    {"PRAGMA user_version = 13", "user_version"},
};

}  // namespace

TEST_CASE("a backup of SQLite is taken with its manifest, and passes by it") {
  const Folder folder;
  run_sql(folder / "app.db", std::string("PRAGMA application_id = 77;") + app);
  const Path backup = folder / "app-backup.db";
  demand_taken(take({"--sqlite", (folder / "app.db").native(), "--output", backup.native()}));
  const json manifest = manifest_beside(backup);
  CHECK(manifest.at("format") == "backproof manifest");
  CHECK(manifest.at("version") == 1);
  CHECK(manifest.at("engine") == "sqlite");
  CHECK(manifest.at("application_id") == 77);
  CHECK(manifest.at("tables").size() == 2);
  CHECK(manifest.at("artefact").at("name") == "app-backup.db");
  CHECK(manifest.at("artefact").at("sha256") ==
        sh("sha256sum " + backup.native() + " | cut -c1-64 | tr -d '\\n'"));
  CHECK(manifest.at("tables")[1].at("newest") == "2026-11-20T11:00:00Z");
  demand_pass(backup);
  // Its readers are those of the owner alone, as the live database may have been.
  CHECK((std::filesystem::status(backup).permissions() & std::filesystem::perms::others_read) ==
        std::filesystem::perms::none);
}

TEST_CASE("writers of a database in WAL mode are not held up, and what they write comes later") {
  const Folder folder;
  const Path live = folder / "live.db";
  run_sql(live, std::string("PRAGMA journal_mode = WAL;") + app);
  const Path backup = folder / "live-backup.db";
  demand_taken(take({"--sqlite", live.native(), "--output", backup.native()}));
  run_sql(live, "INSERT INTO notes VALUES (9, 1, 'later')");
  demand_pass(backup);
  CHECK_FALSE(has_finding(verified(backup), "WAL"));
  CHECK(total_rows(verified(backup)) == 5);
}

TEST_CASE("F13: a changed byte in a text value is caught by the manifest, and so is any change") {
  const Folder folder;
  run_sql(folder / "app.db", app);
  const Path backup = folder / "b.db";
  demand_taken(take({"--sqlite", (folder / "app.db").native(), "--output", backup.native()}));
  const std::string good = content_of(backup);
  std::string damaged = good;
  const std::size_t value = damaged.find("other note");
  REQUIRE(value != std::string::npos);
  damaged[value] = 'O';
  REQUIRE(write_atomic(backup, damaged));
  demand_caught(backup, "artefact");
  demand_caught(backup, "main.notes");
  forget_artefact(backup);
  demand_caught(backup, "main.notes");
  for (const auto& [sql, subject] : changes) {
    INFO(sql);
    REQUIRE(write_atomic(backup, good));
    run_sql(backup, sql);
    const bool is_table = subject == "users" || subject == "notes";
    demand_caught(backup, is_table ? "main." + subject : subject);
  }
  REQUIRE(write_atomic(backup, good));
  demand_pass(backup);
  // Other bytes with the same content.
  run_sql(backup, "VACUUM");
  demand_pass(backup);
  // And as the SQL that SQLite's shell writes.
  sh("cd " + folder.path().native() +
     " && sqlite3 b.db .dump >b.sql && cp b.db.manifest.json b.sql.manifest.json");
  demand_pass(folder / "b.sql");
}

TEST_CASE("a manifest that cannot be read, or of another database, is no pass") {
  const Folder folder;
  run_sql(folder / "app.db", app);
  const Path backup = folder / "b.db";
  demand_taken(take({"--sqlite", (folder / "app.db").native(), "--output", backup.native()}));
  const std::string good = content_of(backup.native() + ".manifest.json");
  for (const std::string& bad :
       {std::string(), std::string("{}"), good.substr(0, good.size() / 2),
        replaced(good, "\"version\": 1", "\"version\": 99"),
        replaced(good, "\"rows\": 3", "\"rows\": -3"), std::string(1000, '[')}) {
    REQUIRE(write_atomic(backup.native() + ".manifest.json", bad));
    const Run run = verified(backup);
    INFO(told(run));
    CHECK(run.verdict == Verdict::inconclusive);
    CHECK(run.cause == Cause::unproven);
  }
  REQUIRE(write_atomic(backup.native() + ".manifest.json",
                       replaced(good, "\"engine\": \"sqlite\"", "\"engine\": \"postgresql\"")));
  demand_caught(backup, "engine");
}

TEST_CASE("a manifest may be required, and be named otherwise") {
  const Folder folder;
  std::filesystem::create_directory(folder / "backups");
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  run_sql(folder / "backups/a.db", app);
  const auto verify = [&](const std::string& lines) {
    const Path config = folder.write(
        "c.toml",
        "state_dir = \"state\"\nscratch_dir = \".\"\n[[target]]\nname = \"t\"\nsource = "
        "{ kind = \"directory\", path = \"backups\", pattern = \"*.db\", settle = "
        "\"0s\" }\n" +
            lines);
    return program({"verify", "--config.file", config.native(), "--target", "t"}).ended.exit_code;
  };
  CHECK(verify("") == 0);
  CHECK(verify("check = [{ kind = \"manifest\", required = true }]") == 2);
  sh(std::string(BACKPROOF_PROGRAM) + " manifest --sqlite " + (folder / "backups/a.db").native() +
     " --output " + (folder / "backups/truth-of-a.db").native() + "\"\".json");
  CHECK(verify("manifest = \"truth-of-{}.json\"\ncheck = [{ kind = \"manifest\", required = true "
               "}]") == 0);
  CHECK(verify("manifest = \"nothing\"") == 64);
}

TEST_CASE("a backup never replaces another, and a failed one leaves nothing") {
  const Folder folder;
  run_sql(folder / "app.db", app);
  const Path output = folder / "out/b.db";
  std::filesystem::create_directory(folder / "out");
  const auto demand_refused = [&](const std::vector<std::string>& arguments, int code,
                                  const std::string& said) {
    const Output done = take(arguments);
    INFO(done.out << done.err);
    CHECK(done.ended.exit_code == code);
    CHECK(done.err.find(said) != std::string::npos);
  };
  const std::string live = (folder / "app.db").native();
  demand_refused({"--sqlite", (folder / "none.db").native(), "--output", output.native()}, 1,
                 "none.db");
  demand_refused({"--sqlite", folder.write("empty.db", "").native(), "--output", output.native()},
                 1, "0 bytes");
  demand_refused(
      {"--sqlite", folder.write("text.db", "hello").native(), "--output", output.native()}, 1, "");
  demand_refused({"--sqlite", live, "--output", (folder / "no/b.db").native()}, 1, "cannot make");
  demand_refused({"--sqlite", live}, 64, "no name for the backup");
  demand_refused({"--output", output.native()}, 64, "no database is named");
  demand_refused({"--postgres", "postgresql://u:secret@h/d", "--output", output.native()}, 64,
                 "holds a password");
  CHECK_FALSE(std::filesystem::exists(folder / "none.db"));
  CHECK(left_in(folder / "out") == std::vector<std::string>{});
  demand_taken(take({"--sqlite", live, "--output", output.native()}));
  demand_refused({"--sqlite", live, "--output", output.native()}, 1, "exists already");
  CHECK(left_in(folder / "out").size() == 2);
}

TEST_CASE("a target says how it is backed up, and the backup is found, with its manifest") {
  const Folder folder;
  run_sql(folder / "app.db", app);
  std::filesystem::create_directory(folder / "backups");
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  const Path config = folder.write(
      "c.toml",
      "state_dir = \"state\"\nscratch_dir = \".\"\n[[target]]\nname = \"app\"\nsource = { kind = "
      "\"directory\", path = \"backups\", pattern = \"*.db\", settle = \"0s\" }\nbackup = { sqlite "
      "= \"app.db\", output = \"backups/app-{time}.db\" }\ncheck = [{ kind = \"manifest\", "
      "required = true }]\n");
  demand_taken(take({"app", "--config.file", config.native()}));
  const Output run = program({"verify", "--config.file", config.native(), "--target", "app"});
  INFO(run.out << run.err);
  CHECK(run.ended.exit_code == 0);
  CHECK(run.out.find("manifest") != std::string::npos);
  CHECK(take({"other", "--config.file", config.native()}).err.find("no target") !=
        std::string::npos);
}

TEST_CASE(
    "a schema is compared with the reference that was committed, and the difference is shown") {
  const Folder folder;
  std::filesystem::create_directory(folder / "backups");
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  const Path backup = folder / "backups/a.db";
  run_sql(backup, app);
  const auto verify = [&](const std::string& options) {
    const Path config = folder.write(
        "c.toml",
        "state_dir = \"state\"\nscratch_dir = \".\"\n[[target]]\nname = \"t\"\nsource = "
        "{ kind = \"directory\", path = \"backups\", settle = \"0s\" }\ncheck = [{ kind = "
        "\"schema\", reference = \"app.schema\"" +
            options + " }]");
    return program({"verify", "--config.file", config.native(), "--target", "t"});
  };
  CHECK(verify("").ended.exit_code == 64);
  folder.write("app.schema", "# nothing\n");
  CHECK(verify("").err.find("describes nothing") != std::string::npos);
  folder.write("app.schema",
               "# of the app\n" + program({"schema", "--sqlite", backup.native()}).out);
  CHECK(verify("").ended.exit_code == 0);
  run_sql(backup, "CREATE INDEX by_user ON notes (user_id)");
  const Output failed = verify("");
  CHECK(failed.ended.exit_code == 1);
  CHECK(failed.out.find("+ index by_user CREATE INDEX by_user ON notes (user_id)") !=
        std::string::npos);
  CHECK(verify(", ignore = [\"index by_\"]").ended.exit_code == 0);
  run_sql(backup, "DROP INDEX by_user; DROP TABLE users");
  CHECK(verify("").out.find("- table users") != std::string::npos);
}

TEST_CASE("a backup of PostgreSQL and its manifest are of one snapshot, in both forms") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("app");
  server.psql("app", std::string(app) +
                         "CREATE SEQUENCE s START 7; SELECT nextval('s');"
                         "SELECT lo_from_bytea(4711, 'large');"
                         "ALTER TABLE notes ADD FOREIGN KEY (user_id) REFERENCES users");
  const std::string url = "postgresql://postgres@/app?host=" + server.socket_folder().native();
  const Folder folder;
  for (const std::string name : {"app.dump", "app.sql"}) {
    const Path backup = folder / name;
    demand_taken(take({"--postgres", url, "--output", backup.native()}));
    const json manifest = manifest_beside(backup);
    CHECK(manifest.at("engine") == "postgresql");
    CHECK(manifest.at("database") == "app");
    CHECK(manifest.at("system_identifier").get<std::string>().size() > 15);
    CHECK(manifest.at("sequences")[0].at("next") == "8");
    CHECK(manifest.at("large_objects").at("count") == 1);
    demand_pass(backup);
  }
  const Path backup = folder / "changed.sql";
  for (const auto& [from, to, subject] :
       {std::tuple{"a note", "A note", "public.notes"},
        std::tuple{"first user", "first uset", "public.users"},
        std::tuple{"pg_catalog.setval('public.s', 7", "pg_catalog.setval('public.s', 9",
                   "sequence public.s"},
        std::tuple{"\\x6c61726765", "\\x6c61726766", "large objects"}}) {
    INFO(from);
    REQUIRE(write_atomic(backup, replaced(content_of(folder / "app.sql"), from, to)));
    REQUIRE(write_atomic(backup.native() + ".manifest.json",
                         content_of(folder / "app.sql.manifest.json")));
    forget_artefact(backup);
    demand_caught(backup, subject);
  }
  const std::string text = content_of(folder / "app.sql");
  REQUIRE(write_atomic(backup, without(text, "--\n-- Name: notes notes_user_id_fkey", ";\n\n")));
  demand_caught(backup, "schema");
}

TEST_CASE("a manifest of a snapshot that another session exported holds what was there then") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("app");
  server.psql("app", app);
  const std::string url = "postgresql://postgres@/app?host=" + server.socket_folder().native();
  const Folder folder;
  // psql starts both programs while it holds the snapshot, and a row comes between.
  const std::string other =
      "psql -qX -h " + server.socket_folder().native() + " -U postgres app -c ";
  server.psql("app",
              "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot() AS s \\gset\n"
              "\\! " +
                  other + "\"INSERT INTO notes VALUES (9, 1, 'later')\"\n" + "\\setenv S :s\n\\! " +
                  std::string(BACKPROOF_PROGRAM) + " manifest --postgres '" + url +
                  "' --snapshot $S --output " + (folder / "a.sql.manifest.json").native() +
                  " && pg_dump -h " + server.socket_folder().native() +
                  " -U postgres --snapshot=$S -f " + (folder / "a.sql").native() + " app\nCOMMIT;");
  CHECK(server.psql("app", "SELECT count(*) FROM notes") == "4\n");
  demand_pass(folder / "a.sql");
  CHECK(total_rows(verified(folder / "a.sql")) == 5);
}

TEST_CASE("rows that a policy hides from the one who takes the backup are an error") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("app");
  server.psql("app", std::string(app) +
                         "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "
                         "reader; ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"
                         "CREATE POLICY own ON notes USING (user_id = 1)");
  const Folder folder;
  const Output output =
      take({"--postgres", "postgresql://reader@/app?host=" + server.socket_folder().native(),
            "--output", (folder / "a.dump").native()});
  INFO(output.err);
  CHECK(output.ended.exit_code == 1);
  CHECK(output.err.find("notes") != std::string::npos);
  CHECK(left_in(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("a process that is killed while it backs up leaves nothing that looks like a backup") {
  const Folder folder;
  run_sql(
      folder / "app.db",
      "CREATE TABLE t (a TEXT); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
      "i + 1 FROM n WHERE i < 200000) SELECT hex(randomblob(100)) FROM n");
  std::filesystem::create_directory(folder / "out");
  for (int round = 0; round < 20; ++round) {
    auto child =
        Child::start({{BACKPROOF_PROGRAM, "backup", "--quiet", "--sqlite",
                       (folder / "app.db").native(), "--output", (folder / "out/b.db").native()},
                      {},
                      ""});
    REQUIRE(child);
    // Somewhere on its way: after so many looks at the folder.
    for (int looks = 0; looks < round * 400; ++looks) (void)left_in(folder / "out");
    child->kill_group();
    const bool ended_itself = child->wait().signal == 0;
    for (const std::string& name : left_in(folder / "out"))
      CHECK((ended_itself || name.ends_with(".partial") || name == "b.db.manifest.json" ||
             std::filesystem::exists(folder / "out/b.db")));
    if (std::filesystem::exists(folder / "out/b.db")) demand_pass(folder / "out/b.db");
    sh("rm -rf " + (folder / "out").native() + " && mkdir " + (folder / "out").native());
  }
}
