// SPDX-License-Identifier: Apache-2.0
#include "support/pg.h"

#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>

namespace backproof::test {
namespace {

constexpr Duration patience = std::chrono::minutes(9);  // dumps are made, by one of many processes

Path script(const std::string& name) {
  return Path(BACKPROOF_SOURCE_DIR) / "tests/pg" / name;
}

Output must_run(const Command& command) {
  auto output = run(command, patience, 256U << 20U);
  REQUIRE(output);
  return std::move(*output);
}

// Whom the server runs as, since it refuses root; nobody in particular otherwise.
const passwd* server_user() {
  if (getuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

void give_to_server(const Path& path) {
  if (const passwd* user = server_user(); user != nullptr)
    REQUIRE(chown(path.c_str(), user->pw_uid, user->pw_gid) == 0);
}

// What becomes the server's user, and dies with this process.
std::string setpriv(const std::string& signal) {
  std::string prefix = "exec setpriv --pdeathsig " + signal;
  if (const passwd* user = server_user(); user != nullptr)
    prefix += " --reuid " + std::to_string(user->pw_uid) + " --regid " +
              std::to_string(user->pw_gid) + " --clear-groups";
  return prefix + " ";
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      fields.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      const char c = line[++i];
      fields.back() += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

// Its answer is queries, one for each table that holds rows of its own. Where the hash of an enum
// sends a row depends on object numbers, so tables that are spread by hash are read as one.
constexpr std::string_view digest_queries = R"(
SELECT format($q$SELECT %L, %L, count(*), coalesce(sum(('x' || left(md5("backproof row"::text), 15))::bit(60)::bigint), 0) FROM %s %I.%I AS "backproof row"$q$,
    nspname, relname, CASE WHEN relkind = 'r' THEN 'ONLY' ELSE '' END, nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname !~ '^(pg_|information_schema)'
  AND (relkind = 'r' AND NOT EXISTS (SELECT FROM pg_inherits JOIN pg_partitioned_table ON partrelid = inhparent WHERE inhrelid = c.oid AND partstrat = 'h')
    OR relkind = 'p' AND EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = c.oid AND partstrat = 'h')
    OR relkind = 'm' AND relispopulated)
ORDER BY nspname COLLATE "C", relname COLLATE "C" \gexec
SELECT 'unpopulated', relname FROM pg_class WHERE relkind = 'm' AND NOT relispopulated ORDER BY relname COLLATE "C";
SELECT 'large object', oid, length(lo_get(oid)), md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid;
SELECT format($q$SELECT 'sequence', %L, %L, last_value, is_called FROM %I.%I$q$, nspname, relname, nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'S' ORDER BY nspname COLLATE "C", relname COLLATE "C" \gexec
)";

}  // namespace

Path pg_bin() {
  if (const char* named = std::getenv("BACKPROOF_TEST_PG_BIN")) return named;
  Path best;
  int newest = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string name = entry.path().filename();
    int major = 0;
    std::from_chars(name.data(), name.data() + name.size(), major);
    if (major <= newest || !std::filesystem::exists(entry.path() / "bin/initdb")) continue;
    newest = major;
    best = entry.path() / "bin";
  }
  return best;
}

int pg_major() {
  const std::string said = must_run({{(pg_bin() / "postgres").native(), "--version"}, {}, ""}).out;
  return std::stoi(said.substr(said.find_first_of("0123456789")));
}

bool pg_missing() {
#ifdef BACKPROOF_SANITIZED
  WARN("SKIPPED: tests with a server are the release build's");
  return true;
#endif
  if (!pg_bin().empty()) return false;
  WARN("SKIPPED: no PostgreSQL server is installed (package postgresql)");
  return true;
}

bool northwind_missing() {
  if (pg_missing()) return true;
  if (std::filesystem::exists(pg_dumps() / "northwind")) return false;
  WARN("SKIPPED: no sample data for northwind");
  return true;
}

const Path& pg_dumps() {
  static const Path folder = [] {
    const char* named = std::getenv("BACKPROOF_TEST_PG_DUMPS");
    const Path root =
        named != nullptr ? Path(named) : Path(BACKPROOF_SOURCE_DIR) / "build/pg-dumps";
    const Output made = must_run({{script("make_dumps").native(), root.native()}, {}, ""});
    INFO(made.err);
    REQUIRE(made.ended.ok());
    return Path(made.out.substr(0, made.out.find('\n')));
  }();
  return folder;
}

Path pg_dump_file(std::string_view database, std::string_view form) {
  const Path file = pg_dumps() / database / form;
  INFO(file);
  REQUIRE(std::filesystem::exists(file));
  return file;
}

std::vector<std::string> pg_databases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(pg_dumps()))
    if (std::filesystem::exists(entry.path() / "plain.sql"))
      names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<PgRows> pg_rows(std::string_view database) {
  std::ifstream file(pg_dump_file(database, "rows.tsv"));
  std::vector<PgRows> all;
  for (std::string line; std::getline(file, line);) {
    const auto fields = fields_of(line);
    REQUIRE(fields.size() == 3);
    all.push_back({fields[0], fields[1], std::stoull(fields[2])});
  }
  std::sort(all.begin(), all.end());
  return all;
}

PgTestServer::PgTestServer(const std::vector<std::string>& settings) {
  const Path data = folder_ / "data";
  std::filesystem::create_directory(socket_folder());
  give_to_server(socket_folder());
  const Path ready =
      pg_dumps() / ("template-" + std::to_string(server_user() ? server_user()->pw_uid : getuid()));
  if (std::filesystem::exists(ready)) {
    sh("cp -a --reflink=auto " + ready.native() + " " + data.native());
  } else {
    std::filesystem::create_directory(data);
    give_to_server(data);
    sh("cd /; " + setpriv("KILL") + (pg_bin() / "initdb").native() + " -D " + data.native() +
       " -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync");
  }
  std::string start = "cd " + socket_folder().native() + " && " + setpriv("QUIT") +
                      (pg_bin() / "postgres").native() + " -D " + data.native() + " -k " +
                      socket_folder().native() +
                      " -c listen_addresses= -c fsync=off -c log_error_verbosity=terse "
                      "-c allow_in_place_tablespaces=on";
  for (const std::string& setting : settings) start += " -c '" + setting + "'";
  auto child = Child::start(
      {{"/bin/sh", "-c", start + " >" + (folder_ / "log").native() + " 2>&1 </dev/null"}, {}, ""});
  REQUIRE(child);
  server_ = std::make_unique<Child>(std::move(*child));
  const Stopwatch watch;
  pollfd ended{server_->pidfd(), POLLIN, 0};
  while (!client({"pg_isready", "-q", "-t", "5"}).ended.ok()) {
    INFO(log());
    REQUIRE(watch.took() < std::chrono::minutes(1));
    // Not a sleep: gives the time to whoever is being waited for.
    REQUIRE(poll(&ended, 1, 20) == 0);
  }
}

PgTestServer::~PgTestServer() {
  if (!server_) return;
  ::kill(server_->pid(), SIGQUIT);
  pollfd ended{server_->pidfd(), POLLIN, 0};
  if (poll(&ended, 1, 30000) == 0) server_->kill_group();
  server_->wait();
}

Path PgTestServer::socket_folder() const {
  return folder_ / "s";
}

std::string PgTestServer::conninfo(const std::string& database) const {
  return "host='" + socket_folder().native() + "' user='postgres' dbname='" + database + "'";
}

Output PgTestServer::client(std::vector<std::string> argv, std::string input) const {
  argv[0] = (pg_bin() / argv[0]).native();
  return must_run({std::move(argv),
                   std::map<std::string, std::string>{{"PGHOST", socket_folder().native()},
                                                      {"PGUSER", "postgres"},
                                                      {"PGDATABASE", "postgres"},
                                                      {"LC_ALL", "C.UTF-8"},
                                                      {"TZ", "UTC"},
                                                      {"PATH", "/usr/bin:/bin"}},
                   std::move(input)});
}

std::string PgTestServer::psql(const std::string& database, const std::string& sql) const {
  const Output output =
      client({"psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database}, "\\encoding UTF8\n" + sql);
  INFO(sql.substr(0, 500) << "\n" << output.err);
  REQUIRE(output.ended.ok());
  return output.out;
}

std::string PgTestServer::load(const std::string& database, const Path& file, bool lenient) const {
  const Output output = client({"psql", "-Xq", "-o", "/dev/null", "-v",
                                lenient ? "ON_ERROR_STOP=0" : "ON_ERROR_STOP=1", "-d", database,
                                "-f", file.native()});
  INFO(file << "\n" << output.err);
  if (!lenient) REQUIRE(output.ended.ok());
  return output.err;
}

std::string PgTestServer::restore(const std::string& database, const Path& archive, bool lenient,
                                  const std::vector<std::string>& options) const {
  std::vector<std::string> argv{"pg_restore", "-d", database};
  argv.insert(argv.end(), options.begin(), options.end());
  argv.push_back(archive.native());
  const Output output = client(argv);
  INFO(archive << "\n" << output.err);
  if (!lenient) REQUIRE(output.ended.ok());
  return output.err;
}

std::string PgTestServer::dump(const std::string& database,
                               const std::vector<std::string>& options) const {
  const Path target = folder_ / "dump";
  dump_to(target, database, options);
  std::string text = read_file(target, 1U << 30U).value();
  std::filesystem::remove(target);
  return text;
}

void PgTestServer::dump_to(const Path& target, const std::string& database,
                           const std::vector<std::string>& options) const {
  std::vector<std::string> argv{"pg_dump", "-f", target.native(), "-d", database};
  argv.insert(argv.end(), options.begin(), options.end());
  const Output output = client(argv);
  INFO(output.err);
  REQUIRE(output.ended.ok());
}

void PgTestServer::make_globals() const {
  const Path space = socket_folder() / "space";
  std::filesystem::create_directory(space);
  give_to_server(space);
  const Output output = client({"psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-v",
                                "folder=" + space.native(), "-f", script("zoo/globals.sql")});
  INFO(output.err);
  REQUIRE(output.ended.ok());
}

void PgTestServer::make_database(const std::string& name, const std::string& options) const {
  psql("postgres", "CREATE DATABASE \"" + name + "\" TEMPLATE template0 " + options);
}

std::string PgTestServer::log() const {
  // The shell that starts the server makes it, a moment later.
  const auto text = read_file(folder_ / "log", 64U << 20U);
  return text ? *text : "";
}

std::string pg_description(const PgTestServer& server, const std::string& database,
                           std::vector<std::string> options) {
  // What differs between two dumps of the same: the keys against meta-commands.
  options.emplace_back("--schema-only");
  const std::string schema = server.dump(database, options);
  std::string kept;
  for (std::size_t at = 0; at < schema.size();) {
    const std::size_t end = std::min(schema.find('\n', at), schema.size() - 1) + 1;
    const std::string_view line = std::string_view(schema).substr(at, end - at);
    if (!line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ")) kept += line;
    at = end;
  }
  return kept + server.psql(database, std::string(digest_queries));
}

}  // namespace backproof::test
