// SPDX-License-Identifier: Apache-2.0
#include "support/same_content.h"

#include <algorithm>
#include <sstream>

#include "base/sqlite.h"
#include "base/text.h"
#include "support/pg_damage.h"
#include "support/pg_load.h"
#include "support/sqlite_zoo.h"

namespace backproof::test {
namespace {

// The first column of all rows, or what SQLite says against them.
std::string asked(const Path& file, const std::string& sql, bool is_sorted = false) {
  auto connection = sqlite::Connection::open("file:" + file.native() + "?mode=ro");
  if (!connection) return "unreadable: cannot open\n";
  auto statement = connection->prepare(sql);
  std::vector<std::string> lines;
  while (statement) {
    const auto row = statement->step();
    if (!row) return "unreadable: " + row.error().text + "\n";
    if (!*row) break;
    lines.emplace_back(statement->text(0));
  }
  if (!statement) return "unreadable: " + statement.error().text + "\n";
  if (is_sorted) std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

// Its type and its bytes; a real number with every digit that it has.
std::string value_of(const std::string& column) {
  return "typeof(" + column + ")||':'||CASE typeof(" + column +
         ") WHEN 'real' THEN printf('%!.17g', " + column + ") WHEN 'null' THEN '' ELSE hex(CAST(" +
         column + " AS BLOB)) END";
}

std::string literal(const std::string& text) {
  return "'" + everywhere(text, "'", "''") + "'";
}

bool is_gzip(const Path& file) {
  return content_of(file).starts_with("\x1f\x8b");
}

// gunzip complains of what follows the end; what is cut holds something else in any case.
std::string unpacking(const Path& file) {
  return "{ gunzip -c < " + file.native() + " || true; }";
}

}  // namespace

std::string sqlite_content(const Folder& folder, const Path& backup) {
  Path file = folder / "content.db";
  std::filesystem::remove(file);
  const std::string name = backup.native();
  std::string script = is_gzip(backup) ? unpacking(backup) + " > " + file.native()
                       : backup.extension() == ".sql"
                           ? "sqlite3 -bail " + file.native() + " < " + name
                           : "cp " + name + " " + file.native();
  const auto done = run({{"/bin/sh", "-c", script}, {}, ""}, std::chrono::minutes(1));
  REQUIRE(done);
  if (!done->ended.ok()) return "unreadable: " + done->err;
  std::string text = asked(file, "PRAGMA integrity_check");
  // Belong to whoever uses the database; a .dump holds neither.
  if (backup.extension() != ".sql")
    text += asked(file, "PRAGMA user_version") + asked(file, "PRAGMA application_id");
  text += asked(file,
                "SELECT type||' '||name||' '||tbl_name||' '||coalesce(replace(replace(sql,' "
                "',''),char(10),''),'') FROM "
                "sqlite_schema",
                true);
  const std::string tables =
      asked(file, "SELECT name FROM sqlite_schema WHERE type = 'table'", true);
  std::istringstream lines(tables);
  for (std::string table; std::getline(lines, table);) {
    text += "table " + table + "\n";
    std::istringstream columns(
        asked(file, "SELECT name FROM pragma_table_info(" + literal(table) + ")"));
    std::string row = "''";
    for (std::string column; std::getline(columns, column);)
      row += "||' '||" + value_of(text::quote_identifier(column));
    text += asked(file, "SELECT " + row + " FROM " + text::quote_identifier(table), true);
  }
  return text;
}

namespace {

// Lines of a script outside of COPY that say something.
std::string bare_script(const std::string& script) {
  std::string kept;
  bool in_copy = false;
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = std::min(script.find('\n', at), script.size() - 1) + 1;
    const std::string_view line = std::string_view(script).substr(at, end - at);
    at = end;
    if (in_copy && line == "\\.\n") in_copy = false;
    const bool says = !line.starts_with("--") && !line.starts_with("\\restrict ") &&
                      !line.starts_with("\\unrestrict ") && line != "\n";
    if (in_copy || says) kept += line;
    if (!in_copy && line.starts_with("COPY ") && line.ends_with(" FROM stdin;\n")) in_copy = true;
  }
  return kept;
}

std::string script_of(const PgTestServer& server, const Path& backup) {
  if (is_gzip(backup)) return sh(unpacking(backup));
  if (backup.extension() == ".sql") return content_of(backup);
  const Output made =
      server.client({(pg_bin() / "pg_restore").native(), "-f", "-", backup.native()});
  return made.ended.ok() ? made.out : "";
}

}  // namespace

bool same_script(const PgTestServer& server, const Path& a, const Path& b) {
  const std::string script = bare_script(script_of(server, a));
  return !script.empty() && script == bare_script(script_of(server, b));
}

std::string pg_content(const PgTestServer& server, const Path& backup) {
  server.make_database("compared");
  std::string said;
  if (backup.extension() == ".sql") {
    said = server.load("compared", backup, true);
  } else if (is_gzip(backup)) {
    const Folder folder;
    said = server.load("compared", folder.write("unpacked.sql", script_of(server, backup)), true);
  } else {
    said = server.restore("compared", backup, true);
  }
  std::string content = pg_description(server, "compared", {"--no-owner", "--no-acl"});
  drop_pg_database(server, "compared");
  return content + (said.find("ERROR") == std::string::npos ? "" : "with errors\n");
}

}  // namespace backproof::test
