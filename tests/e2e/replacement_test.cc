// SPDX-License-Identifier: Apache-2.0
// The configuration with which the README replaces a team's scripts, run as it stands there.
#include <sys/stat.h>

#include "base/text.h"
#include "support/pg.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const char* const schema =
    "CREATE TABLE users(id integer PRIMARY KEY, name text); CREATE TABLE conversations(id integer "
    "PRIMARY KEY, user_id integer); CREATE TABLE messages(id integer PRIMARY KEY, conversation_id "
    "integer, body text); CREATE TABLE documents(id integer PRIMARY KEY, user_id integer); INSERT "
    "INTO users VALUES (1, 'a'); INSERT INTO conversations VALUES (1, 1); INSERT INTO messages "
    "VALUES (1, 1, 'hi'); INSERT INTO documents VALUES (1, 1);";

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  REQUIRE(text.find(word) != std::string::npos);
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size())
    text.replace(at, word.size(), by);
  return text;
}

// The TOML of the README, with the application's folder, state, scratch and server moved here.
std::string configuration(const Folder& folder, const Path& scratch, const PgTestServer& server) {
  const std::string text = read_file(Path(BACKPROOF_SOURCE_DIR) / "README.md").value();
  const std::string open = "<!-- replacement -->\n```toml\n";
  const std::size_t begin = text.find(open) + open.size();
  std::string toml = text.substr(begin, text.find("```\n", begin) - begin);
  toml = replaced(toml, "/app/", (folder / "app/").native());
  toml = replaced(toml, "/var/lib/backproof", (folder / "state").native());
  toml = replaced(toml, "/var/tmp", scratch.native());
  return replaced(toml, "@localhost/app", "@/app?host=" + server.socket_folder().native());
}

// The application, live on both, and the team's backup script.
void make_application(const Folder& folder, const PgTestServer& server) {
  for (const char* sub : {"app/data", "app/backups", "app/scripts/database"})
    std::filesystem::create_directories(folder / sub);
  server.make_database("app");
  server.psql("app", std::string(schema) +
                         "CREATE TABLE backproof_canary(id text PRIMARY KEY, written_at "
                         "timestamptz); CREATE ROLE canary LOGIN; GRANT INSERT ON "
                         "backproof_canary TO canary");
  sh("sqlite3 " + (folder / "app/data/app.db").native() + " \"" + schema +
     "CREATE TABLE backproof_canary(id text PRIMARY KEY, written_at text)\"");
  const Path script =
      folder.write("app/scripts/database/backup-database.sh",
                   "#!/bin/sh\nset -e\npg_dump -x -h " + server.socket_folder().native() +
                       " -U postgres app | gzip > " + (folder / "app/backups").native() +
                       "/postgres_backup_$(date +%Y%m%d_%H%M%S).sql.gz\n");
  REQUIRE(chmod(script.c_str(), 0755) == 0);
}

}  // namespace

TEST_CASE("the configuration that replaces a team's scripts does what the README says") {
  if (pg_missing()) return;
  const Folder folder;
  const Scratch scratch;
  const PgTestServer server;
  make_application(folder, server);
  const Path config = folder.write("backproof.toml", configuration(folder, scratch.path(), server));
  const auto call = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config.file", config.native()});
    const Output output = program(arguments);
    INFO(output.out << output.err);
    CHECK(output.ended.exit_code == 0);
    return output.out;
  };
  CHECK(program({"check-config", config.native()}).ended.exit_code == 0);
  for (const char* target : {"app-postgresql", "app-sqlite"}) {
    const std::string drill = call({"drill", target, "--yes"});
    CHECK(drill.find("passed") != std::string::npos);
  }
  CHECK(server.psql("app", "SELECT count(*) FROM backproof_canary") == "2\n");
  const Server service(config);
  const std::string status = service.get("/api/v1/backup/verification");
  CHECK(status.find("\"status\":\"success\"") != std::string::npos);
  for (const char* target : {"app-postgresql", "app-sqlite"})
    CHECK(service.metric(std::string("backproof_last_run_result{target=\"") + target +
                         "\",result=\"passed\"}") == 1);
}
