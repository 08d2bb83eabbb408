// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "support/support.h"

// A real PostgreSQL for tests: the installed one. Nothing needs a running cluster.
namespace backproof::test {

// True, after saying so in the log, where no server is installed: the test returns then.
bool pg_missing();
// The same for northwind's dumps, whose data does not come with the sources.
bool northwind_missing();

// Folder of the newest installed server's programs; empty without any.
Path pg_bin();
// Its major version.
int pg_major();

// The folder of the dumps: DATABASE/FORM as tests/pg/make_dumps says. They are made by the first
// who asks, in a folder that all builds of these sources share; fails the test when they cannot be.
const Path& pg_dumps();
// One of them: pg_dump_file("types", "plain.sql"); fails the test when it is not there.
Path pg_dump_file(std::string_view database, std::string_view form);
// The databases that there are dumps of, sorted: every topic of the zoo, bench, northwind.
std::vector<std::string> pg_databases();

struct PgRows {
  std::string schema, table;
  std::uint64_t rows = 0;
  auto operator<=>(const PgRows&) const = default;
};
// Exact rows of the ordinary tables and leaf partitions of a database, as its server counted them.
std::vector<PgRows> pg_rows(std::string_view database);

// A throw-away cluster on a unix socket in a folder of its own, without TCP; its superuser is
// "postgres", its encoding UTF-8, its locale C.UTF-8. Started by the constructor, which fails the
// test when that does not work; stopped and removed with the object. It dies with the test.
class PgTestServer {
 public:
  // Settings as in postgresql.conf: {"wal_level=logical"}. Stock but for where it listens, and
  // without fsync.
  explicit PgTestServer(const std::vector<std::string>& settings = {});
  ~PgTestServer();

  // Runs SQL with psql, which stops at the first error and fails the test: columns separated by |.
  // Any encoding comes out as UTF-8.
  std::string psql(const std::string& database, const std::string& sql) const;
  // Loads a file with psql. Errors are returned when `lenient`, and fail the test otherwise.
  std::string load(const std::string& database, const Path& file, bool lenient = false) const;
  // Restores an archive with pg_restore, in the same way.
  std::string restore(const std::string& database, const Path& archive, bool lenient = false,
                      const std::vector<std::string>& options = {}) const;
  // What pg_dump writes, with further options.
  std::string dump(const std::string& database, const std::vector<std::string>& options = {}) const;
  // The same into a file or folder.
  void dump_to(const Path& target, const std::string& database,
               const std::vector<std::string>& options = {}) const;
  // Roles and tablespaces that the zoo's dumps name; tablespaces inside the cluster's folder.
  void make_globals() const;
  // A new, empty database; `options` as of CREATE DATABASE: "ENCODING 'LATIN1' LOCALE 'C'".
  void make_database(const std::string& name, const std::string& options = "") const;

  Path socket_folder() const;
  // For libpq and its programs: "host='/...' user='postgres' dbname='x'".
  std::string conninfo(const std::string& database) const;
  // Any client program, with the environment to find the server.
  Output client(std::vector<std::string> argv, std::string input = "") const;
  // The bytes of /.../log so far: errors that clients did not see.
  std::string log() const;

 private:
  Folder folder_;
  std::unique_ptr<Child> server_;
};

// SQL text that says what a database holds, for comparing two: the schema by pg_dump without its
// random lines and by these further options, and per table the count of its rows and a digest of
// them whatever their order, large objects included.
std::string pg_description(const PgTestServer& server, const std::string& database,
                           std::vector<std::string> options = {});

}  // namespace backproof::test
