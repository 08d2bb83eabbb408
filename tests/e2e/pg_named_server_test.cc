// SPDX-License-Identifier: Apache-2.0
// A server that the user names, instead of a throw-away one.
#include "model/run_json.h"
#include "support/damage.h"
#include "support/pg.h"
#include "support/program.h"

using namespace backproof;
using namespace backproof::test;

namespace {

constexpr const char* databases =
    "SELECT string_agg(datname, ' ' ORDER BY datname) FROM "
    "pg_database";
constexpr const char* password = "pa55 w'rd\\of a test";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A server with a database of somebody's, whose dumps are the backups.
class NamedPlace {
 public:
  explicit NamedPlace(const std::vector<std::string>& settings = {"log_statement=all"})
      : server(settings) {
    server.psql("postgres", "CREATE ROLE maker LOGIN CREATEDB PASSWORD 'pa55 w''rd\\of a test'");
    server.make_database("others", "OWNER maker");
    server.psql("others",
                "SET ROLE maker; CREATE SCHEMA s; CREATE TABLE s.a (id int PRIMARY KEY, t text);"
                "INSERT INTO s.a SELECT i, repeat('x', i % 50) FROM generate_series(1, 5000) i;"
                "CREATE TABLE s.b (a int REFERENCES s.a); INSERT INTO s.b VALUES (1), (2);"
                "CREATE INDEX ON s.b (a)");
  }

  Path dumped(const std::string& name, const std::vector<std::string>& options) const {
    const Path file = folder / name;
    server.dump_to(folder.write(name, ""), "others", options);
    return file;
  }
  std::string url(const std::string& user) const {
    return "postgresql://" + user + "@/postgres?host=" + server.socket_folder().native();
  }
  // `lines`: of [target.sandbox].
  Output verify(const Path& backup, const std::string& lines, const std::string& more = "") const {
    const std::string at = folder.path().native();
    std::filesystem::create_directories(folder / "state");
    const Path config = folder.write(
        "c.toml", "state_dir = \"" + at + "/state\"\nscratch_dir = \"" + scratch.path().native() +
                      "\"\n[[target]]\nname = \"crm\"\nsource = { kind = \"directory\", path = \"" +
                      at + "\", pattern = \"*\" }\n" + more + "\n[target.sandbox]\n" + lines);
    return program({"verify", "--format", "json", "--config.file", config.native(), "--target",
                    "crm", backup.native()});
  }
  Run run(const Path& backup, const std::string& lines,
          const std::string& more = "require_isolation = \"partial\"") const {
    const Output output = verify(backup, lines, more);
    INFO(output.out << output.err);
    const auto run = run_from_json(output.out);
    REQUIRE(run);
    CHECK(left_in(scratch.path()) == std::vector<std::string>{});
    return *run;
  }
  std::string on(const std::string& user) const { return "server = \"" + url(user) + "\"\n"; }
  std::string all() const { return server.psql("postgres", databases); }
  bool made_something() const { return has(server.log(), "CREATE DATABASE \"backproof_"); }

  PgTestServer server;
  Folder folder, scratch;
};

}  // namespace

TEST_CASE("dumps pass on a server that the user names, and nothing of them stays there") {
  if (pg_missing()) return;
  const NamedPlace place;
  const std::string before = place.all();
  const std::string others = pg_description(place.server, "others");
  const Path plain = place.dumped("plain.sql.gz", {"-Z6"});
  const Path custom = place.dumped("custom.dump", {"-Fc"});
  for (const std::string user : {"maker", "postgres"})
    for (const Path& backup : {plain, custom}) {
      const Run run = place.run(backup, place.on(user));
      INFO(user << " " << backup << ": " << run.reason);
      CHECK(run.verdict == Verdict::passed);
      CHECK(run.isolation == Isolation::partial);
      CHECK(total_rows(run) == 5002);
      CHECK(run.restored_bytes > 1'000'000);
      CHECK(run.format.server_version == run.format.dump_version);
      CHECK(place.all() == before);
    }
  CHECK(place.made_something());
  CHECK(pg_description(place.server, "others") == others);
}

TEST_CASE("a server that the user names is in no jail, and is not used where one is required") {
  if (pg_missing()) return;
  const NamedPlace place;
  const Run run = place.run(place.dumped("plain.sql", {}), place.on("maker"), "");
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::isolation);
  CHECK(has(run.hint, "require_isolation"));
  CHECK_FALSE(place.made_something());
}

TEST_CASE("a dump that goes beyond one database is refused before any of it is executed") {
  if (pg_missing()) return;
  const NamedPlace place;
  std::string text = content_of(place.dumped("plain.sql", {}));
  // Where a dump has locked psql's commands out, one of them is hostile whatever it says.
  for (const std::string command : {"\\restrict", "\\unrestrict"})
    if (const std::size_t at = text.find(command); at != std::string::npos)
      text.erase(at, text.find('\n', at) + 1 - at);
  const std::size_t end = text.find("-- PostgreSQL database dump complete");
  REQUIRE(end != std::string::npos);
  const auto with = [&](const std::string& name, const std::string& line) {
    return place.folder.write(name, std::string(text).insert(end - 3, line + "\n\n"));
  };
  const Path globals = place.folder.write("globals.sql", "CREATE ROLE somebody;\n");
  const Path cluster = place.folder.write(
      "connect.sql", "--\n-- PostgreSQL database cluster dump\n--\n\n\\connect postgres\n\n" +
                         text + "\n--\n-- PostgreSQL database cluster dump complete\n--\n\n");
  const std::string used = place.on("postgres");
  const std::pair<Path, std::string> refused[]{
      {place.dumped("create.sql", {"--create"}), used},
      {cluster, used},
      {with("database.sql", "CREATE DATABASE more;"), used},
      {with("role.sql", "DROP ROLE maker;"), used},
      {place.dumped("custom.dump", {"-Fc"}), used + "before = [\"" + globals.native() + "\"]"}};
  for (const auto& [backup, lines] : refused) {
    const Run run = place.run(backup, lines);
    INFO(backup << ": " << run.reason);
    CHECK(run.cause == Cause::isolation);
    CHECK(has(run.reason, "nothing was executed"));
    CHECK(has(run.hint, "leave sandbox.server out"));
  }
  CHECK_FALSE(place.made_something());
  CHECK_FALSE(has(place.server.log(), "somebody"));
  // An archive that could make its database is restored without doing so.
  CHECK(place.run(place.dumped("create.dump", {"-Fc", "--create"}), used).verdict ==
        Verdict::passed);
}

TEST_CASE("a server that cannot be used is told without its password") {
  if (pg_missing()) return;
  const Folder hba;
  const Path rules =
      hba.write("hba.conf", "local all postgres trust\nlocal all all scram-sha-256\n");
  const NamedPlace place({"hba_file=" + rules.native()});
  const Path backup = place.dumped("plain.sql", {});
  const auto with_password = [&](const std::string& content) {
    const Path file = place.folder.write("password", content);
    return "password_file = \"" + file.native() + "\"\n";
  };
  CHECK(
      place.run(backup, place.on("maker") + with_password(std::string(password) + "\n")).verdict ==
      Verdict::passed);

  const std::string nowhere = "server = \"postgresql://maker@/?host=/nowhere\"\n";
  for (const std::string& lines : {place.on("maker"), place.on("maker") + with_password("wr0ng"),
                                   place.on("absent"), nowhere + with_password("wr0ng"),
                                   place.on("maker") + "password_file = \"/nowhere/password\"\n"}) {
    const Output output = place.verify(backup, lines, "require_isolation = \"partial\"");
    INFO(lines << output.out << output.err);
    CHECK_FALSE(has(output.out + output.err, "wr0ng"));
    const auto run = run_from_json(output.out);
    REQUIRE(run);
    CHECK(run->verdict == Verdict::inconclusive);
    CHECK(run->cause == Cause::fetch);
    CHECK((has(run->reason, "server") || has(run->reason, "password_file")));
  }
}

TEST_CASE("a password in the URL of a server is refused and not shown") {
  const Folder folder;
  for (const std::string url : {"postgresql://u:wr0ng@h/", "postgresql://u@h/?password=wr0ng"}) {
    const Path config =
        folder.write("c.toml",
                     "[[target]]\nname = \"crm\"\nsource = { kind = \"directory\", path = \"/\", "
                     "pattern = \"*\" }\nsandbox = { server = \"" +
                         url + "\" }\n");
    const Output output = program({"check-config", config.native()});
    CHECK(has(output.out + output.err, "holds a password; hint: write it into a file"));
    CHECK_FALSE(has(output.out + output.err, "wr0ng"));
  }
}

TEST_CASE("the database of a run whose worker was killed is dropped, others' are named") {
  if (pg_missing()) return;
  const NamedPlace place;
  place.server.make_database("backproof_of_another_run");
  const std::string before = place.all();
  std::string text = content_of(place.dumped("plain.sql", {}));
  const std::size_t end = text.find("-- PostgreSQL database dump complete");
  text.insert(end - 3, "SELECT pg_sleep(600);\n\n");
  const Run run = place.run(place.folder.write("slow.sql", text), place.on("maker"),
                            "require_isolation = \"partial\"\ntimeout = \"5s\"");
  INFO(run.reason);
  CHECK(run.cause == Cause::timeout);
  CHECK(place.all() == before);
  CHECK(has_finding(run, "database backproof_of_another_run of another run is on the server"));
}

TEST_CASE("a server that has the role lacks something else when it says: no such object") {
  if (pg_missing()) return;
  const NamedPlace place;
  place.server.psql("others", "SELECT lo_from_bytea(4711, 'x')");
  std::string text = content_of(place.dumped("plain.sql", {}));
  const std::string made = "SELECT pg_catalog.lo_create('4711');\n";
  REQUIRE(text.find(made) != std::string::npos);
  text.erase(text.find(made), made.size());
  const Run run = place.run(place.folder.write("without.sql", text), place.on("postgres"));
  INFO(run.reason);
  CHECK(run.verdict == Verdict::failed);
}

TEST_CASE("a role that the server lacks says nothing against the backup") {
  if (pg_missing()) return;
  const NamedPlace place;
  std::string text = content_of(place.dumped("plain.sql", {}));
  for (std::size_t at = 0; (at = text.find("OWNER TO maker", at)) != std::string::npos;)
    text.replace(at, 14, "OWNER TO absent");
  const Run run = place.run(place.folder.write("absent.sql", text), place.on("maker"));
  INFO(run.reason);
  CHECK(run.cause == Cause::missing_tool);
  CHECK(has(run.hint, "--no-owner"));
  CHECK(place.server.psql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'absent'") ==
        "0\n");
}
