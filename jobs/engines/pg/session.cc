// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "engines/pg/one_database.h"
#include "engines/pg/sql_statements.h"
#include "engines/pg/words.h"

namespace backproof {
namespace {

constexpr std::size_t most_roles_of_one_statement = 1000;

// Encodings that clients may use and databases may not
// (https://www.postgresql.org/docs/current/multibyte.html).
bool is_client_only(std::string_view encoding) {
  static constexpr std::array names{"BIG5", "GB18030",        "GBK", "JOHAB",
                                    "SJIS", "SHIFT_JIS_2004", "UHC"};
  return std::find(names.begin(), names.end(), encoding) != names.end();
}

std::string database_statement(const std::string& name, const std::string& encoding,
                               const std::string& locale_options) {
  std::string sql = "CREATE DATABASE " + text::quote_identifier(name) + " TEMPLATE template0";
  if (!encoding.empty()) sql += " ENCODING " + pg::literal(encoding);
  return sql + locale_options;
}

// Below the data folder of the cluster.
Result<void> make_tablespace(pg::Connection& connection, const std::string& name) {
  TRY(connection.run("SET allow_in_place_tablespaces = on"));
  return connection.run("CREATE TABLESPACE " + name + " LOCATION ''");
}

// Dumps made with --clean begin by dropping what a new database does not have.
// Where views depend on each other in a circle it is replaced by an empty one instead.
bool is_drop(const std::string& sql, bool clearing) {
  PgWords words(sql);
  if (words.take("DROP")) return true;
  if (words.take("CREATE", "OR", "REPLACE", "VIEW")) return clearing;
  return words.take("ALTER") && words.rest().find(" DROP ") != std::string_view::npos;
}
bool says_missing(const std::string& sqlstate) {
  return sqlstate == "3D000" || sqlstate == "3F000" || sqlstate == "42703" || sqlstate == "42704" ||
         sqlstate == "42883" || sqlstate == "42P01";
}

// The role that ... OWNER TO, GRANT ... TO and REVOKE ... FROM name; empty for other statements.
std::string role_of(const std::string& sql) {
  PgWords words(sql);
  const bool revokes = words.take("REVOKE");
  if (!revokes && !words.take("GRANT") && sql.find(" OWNER TO ") == std::string::npos) return "";
  const std::string_view before = revokes ? " FROM " : " TO ";
  const std::size_t at = sql.rfind(before);
  if (at == std::string::npos) return "";
  PgWords behind(std::string_view(sql).substr(at + before.size()));
  return unquoted(behind.name().value_or(""));
}

std::string package_of(const std::string& extension, int major) {
  static constexpr std::array known{std::pair{"postgis", "postgis-3"},
                                    std::pair{"vector", "pgvector"}, std::pair{"pg_cron", "cron"},
                                    std::pair{"pg_partman", "partman"},
                                    std::pair{"pg_repack", "repack"}};
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const auto& pair) { return extension == pair.first; });
  return "postgresql-" + std::to_string(major) + "-" +
         (found == known.end() ? extension : std::string(found->second));
}

}  // namespace

Result<void> create_database(pg::Connection& connection, const std::string& name,
                             const DumpHeader& like, std::vector<std::string>& notes) {
  const std::string encoding = is_client_only(like.encoding) ? "UTF8" : like.encoding;
  if (!like.locale_options.empty()) {
    if (connection.run(database_statement(name, encoding, like.locale_options))) return {};
    notes.push_back("the server has no locale " + text::printable(like.locale) + " for encoding " +
                    encoding + ": the database is restored with the order of C instead");
  }
  // What is a letter is the same in all locales of UTF-8; only their order differs.
  if ((encoding == "UTF8" || encoding.empty()) &&
      connection.run(database_statement(name, "UTF8", " LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")))
    return {};
  return connection.run(database_statement(name, encoding, " LC_COLLATE 'C' LC_CTYPE 'C'"));
}

Result<PgSession> PgSession::open(const PgServer& server, const std::string& database) {
  TRY_ASSIGN(pg::Connection main, pg::Connection::open(server.conninfo, database));
  TRY_ASSIGN(pg::Connection aside,
             pg::Connection::open(server.conninfo, database, {"search_path=pg_catalog"}));
  return PgSession(server, database, std::move(main), std::move(aside));
}

Result<void> PgSession::set(const std::string& sql) {
  const SqlSetting setting = read_setting(sql);
  if (setting.name == "default_with_oids" && setting.value != "false" && setting.value != "off")
    return Error{Cause::version,
                 "the dump has a table WITH OIDS, which PostgreSQL 12 and later cannot have",
                 "ALTER TABLE ... SET WITHOUT OIDS on the server, then take the backup again"};
  PgWords words(sql);
  words.take("SET");
  if (words.take("default_tablespace")) {
    (void)(words.take("=") || words.take("TO"));
    const auto name = words.name();
    if (name) TRY(provide_tablespace(unquoted(*name)));
  }
  TRY(run_with_roles(sql));
  settings_.push_back(sql);
  // The names in our own questions are in the dump's encoding.
  const std::string encoding = main_.client_encoding();
  return encoding == aside_.client_encoding() ? Result<void>()
                                              : aside_.set_client_encoding(encoding);
}

// pg_dumpall --globals-only has them, the dump of a database only their names.
Result<void> PgSession::provide_tablespace(const std::string& name) {
  if (!server_.throw_away || name == "DEFAULT") return {};
  TRY_ASSIGN(const std::string there,
             aside_.scalar("SELECT count(*) FROM pg_tablespace WHERE spcname = $1", {name}));
  if (there != "0") return {};
  notes_.push_back("tablespace " + text::printable(name) +
                   ", which the dump names and does not make, was made inside the sandbox");
  return make_tablespace(aside_, text::quote_identifier(name));
}

Result<void> PgSession::execute(const std::string& sql, bool clearing) {
  if (is_setting(sql)) return set(sql);
  // It was refused before; the file may have changed since.
  if (!server_.throw_away && is_about_the_server(sql))
    return Error{Cause::isolation, "the dump makes or changes what all databases of a server share",
                 "leave sandbox.server out"};
  PgWords words(sql);
  if (words.take("ALTER", "SYSTEM"))
    return Error{Cause::hostile, "the dump tries to change the server's configuration", ""};
  if (words.take("COPY"))
    return Error{Cause::hostile, "the dump copies to or from a file or a program of the server",
                 ""};
  if (words.take("CREATE", "EXTENSION")) return create_extension(sql);
  if (words.take("CREATE", "DATABASE")) return create_database(sql);
  if (words.take("CREATE", "TABLESPACE")) {
    const auto name = words.name();
    if (!name) return main_.run(sql);
    notes_.push_back("tablespace " + text::printable(unquoted(*name)) +
                     " was made inside the sandbox");
    return make_tablespace(aside_, std::string(*name));
  }
  const Result<void> done = run_with_roles(sql);
  return !done && is_drop(sql, clearing) && says_missing(main_.failed().sqlstate) ? Result<void>()
                                                                                  : done;
}

// A role that the statement needs and nobody has created is made, and the statement repeated.
Result<void> PgSession::run_with_roles(const std::string& sql) {
  const bool idle = main_.is_idle();
  Result<void> done = main_.run(sql);
  for (std::size_t i = 0; !done && idle && i < most_roles_of_one_statement; ++i) {
    const std::string role = pg::missing_role(main_.failed());
    if (role.empty() || !server_.throw_away) break;
    // This one is a superuser wherever it exists.
    const std::string rights = role == "postgres" ? " NOLOGIN SUPERUSER" : " NOLOGIN";
    TRY(aside_.run("CREATE ROLE " + text::quote_identifier(role) + rights));
    // What a role may do with the database stands in no dump of that database.
    TRY(
        aside_.run("DO $$ BEGIN EXECUTE pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I', "
                   "pg_catalog.current_database(), " +
                   pg::literal(role) + "); END $$"));
    roles_.push_back(role);
    made_.push_back(role);
    done = main_.run(sql);
  }
  if (!done && !server_.throw_away && lacks_role_or_right(sql))
    return Error{Cause::missing_tool,
                 "the server that sandbox.server names lacks a role, or its user a right, that a "
                 "statement needs: " +
                     done.error().text,
                 "make the dump with --no-owner and --no-privileges, make the role there, or leave "
                 "sandbox.server out"};
  if (!done && idle && main_.failed().sqlstate == "42501") done = run_with_superuser(sql);
  if (done || main_.failed().sqlstate != "42P06") return done;
  // pg_dump -n public writes it, and every new database has it.
  PgWords words(sql);
  if (!words.take("CREATE", "SCHEMA")) return done;
  const auto name = words.name();
  if (!name || unquoted(*name) != "public") return done;
  notes_.emplace_back("the dump makes schema public, which every new database has");
  return {};
}

// No fault of the dump. The message can be in any language there, and "no such object" is said of a
// role as of the type or large object that a statement is about.
bool PgSession::lacks_role_or_right(const std::string& sql) {
  const std::string& code = main_.failed().sqlstate;
  const std::string role = role_of(sql);
  if (code != "42704" || role.empty()) return code == "42501";
  const auto there =
      aside_.scalar("SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $1", {role});
  return !there || *there == "0";
}

// What only a superuser can own (foreign data wrappers, subscriptions, event triggers) was owned by
// one: a role that was made here becomes one too.
Result<void> PgSession::run_with_superuser(const std::string& sql) {
  const Error refused = pg::error_of(main_.failed(), Cause::restore_error);
  const std::size_t owner = sql.rfind(" OWNER TO ");
  if (owner == std::string::npos) return refused;
  PgWords words(std::string_view(sql).substr(owner));
  words.take("OWNER", "TO");
  const std::string role = unquoted(words.name().value_or(""));
  if (std::find(made_.begin(), made_.end(), role) == made_.end()) return refused;
  TRY(aside_.run("ALTER ROLE " + text::quote_identifier(role) + " SUPERUSER"));
  return main_.run(sql);
}

Result<void> PgSession::create_extension(const std::string& sql) {
  PgWords words(sql);
  words.take("CREATE", "EXTENSION");
  words.take("IF", "NOT", "EXISTS");
  if (const auto name = words.name()) {
    const std::string extension = unquoted(*name);
    TRY_ASSIGN(const std::string available,
               aside_.scalar("SELECT count(*) FROM pg_catalog.pg_available_extensions "
                             "WHERE name = $1",
                             {extension}));
    if (available == "0")
      return Error{Cause::missing_tool,
                   "the dump needs extension " + text::printable(extension) +
                       ", which is not installed for PostgreSQL " + std::to_string(server_.major),
                   "install it (Debian: " + package_of(text::printable(extension), server_.major) +
                       " or postgresql-contrib)"};
  }
  return run_with_roles(sql);
}

// Locale and provider as the dump says; where they are not to be had, only the encoding.
Result<void> PgSession::create_database(const std::string& sql) {
  Result<void> done = main_.run(sql);
  const CreatedDatabase created = created_database(sql);
  if (!done && main_.failed().sqlstate == "42704" && !created.tablespace.empty()) {
    TRY(provide_tablespace(created.tablespace));
    done = main_.run(sql);
  }
  if (done || created.name.empty() || created.encoding.empty() ||
      main_.failed().sqlstate == "42P04")
    return done;
  notes_.push_back("the server lacks the locale of database " + text::printable(created.name) +
                   ": it is restored with the order of C instead");
  DumpHeader like;
  like.encoding = created.encoding;
  return backproof::create_database(main_, created.name, like, notes_);
}

}  // namespace backproof
