// SPDX-License-Identifier: Apache-2.0
#include "db/pg_error.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof::pg {
namespace {

struct Condition {
  std::string_view sqlstate, words;
  bool message_is_safe;  // it names objects of the schema, no values
};

// https://www.postgresql.org/docs/current/errcodes-appendix.html, those that a restore meets.
constexpr std::array conditions{
    Condition{"0A000", "feature not supported", true},
    Condition{"22001", "value too long for its type", false},
    Condition{"22003", "number out of range", false},
    Condition{"22007", "invalid date or time", false},
    Condition{"22008", "date or time out of range", false},
    Condition{"22021", "bytes that are not valid in the encoding", false},
    Condition{"22P02", "text that is not valid for its type", false},
    Condition{"22P04", "malformed COPY data", false},
    Condition{"22P05", "character that the encoding does not have", false},
    Condition{"23502", "null in a column that is NOT NULL", false},
    Condition{"23503", "foreign key violation", false},
    Condition{"23505", "duplicate key", false},
    Condition{"23514", "check violation", false},
    Condition{"23P01", "exclusion violation", false},
    Condition{"28000", "not authorized", true},
    Condition{"28P01", "wrong password", false},
    Condition{"2BP01", "other objects depend on it", true},
    Condition{"3D000", "no such database", true},
    Condition{"3F000", "no such schema", true},
    Condition{"40P01", "deadlock", false},
    Condition{"42501", "not allowed", true},
    Condition{"42601", "syntax error", false},
    Condition{"42703", "no such column", true},
    Condition{"42704", "no such object", true},
    Condition{"42710", "object exists already", true},
    Condition{"42723", "function exists already", true},
    Condition{"42804", "wrong type", true},
    Condition{"42830", "invalid foreign key", true},
    Condition{"42883", "no such function", true},
    Condition{"42P01", "no such table", true},
    Condition{"42P04", "database exists already", true},
    Condition{"42P06", "schema exists already", true},
    Condition{"42P07", "table exists already", true},
    Condition{"42P16", "invalid table definition", true},
    Condition{"42P17", "invalid object definition", true},
    Condition{"53100", "disk full", false},
    Condition{"53200", "out of memory", false},
    Condition{"54000", "limit of PostgreSQL exceeded", false},
    Condition{"55000", "object not in the state for it", true},
    Condition{"55P03", "lock not available", true},
    Condition{"57014", "cancelled", false},
    Condition{"58P01", "no such file", false},
    Condition{"F0000", "error in the server's configuration", false},
    Condition{"P0001", "error raised by a function", false},
    Condition{"XX000", "internal error", false},
    Condition{"XX001", "damaged data", false},
    Condition{"XX002", "damaged index", false},
};

const Condition* condition_of(std::string_view sqlstate) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const Condition& c) { return c.sqlstate == sqlstate; });
  return found == conditions.end() ? nullptr : found;
}

// A file met the limit that a sandbox sets (RLIMIT_FSIZE): the server has no code for EFBIG.
bool is_limit_of_file(const ErrorFields& fields) {
  return fields.sqlstate == "XX000" && fields.message.ends_with(": File too large");
}

Cause cause_of(const ErrorFields& fields, Cause otherwise) {
  const std::string_view sqlstate = fields.sqlstate;
  // Class 08 is not ours: it is a connection that the dump's SQL tried to make.
  if (sqlstate.empty() || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03")
    return Cause::crashed;
  // The code also stands for a program that was not allowed to start.
  if (sqlstate == "53200" && !fields.message.starts_with("out of ")) return otherwise;
  if (sqlstate.starts_with("53") || is_limit_of_file(fields)) return Cause::space;
  if (sqlstate == "57014") return Cause::timeout;
  return otherwise;
}

// Raised by a function or a block that the dump brought along: it says what it likes.
bool raised_by_code(const ErrorFields& fields) {
  if (fields.function == "exec_stmt_raise") return true;
  const auto lines = text::split(fields.context, '\n');
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line.starts_with("PL/") || line.starts_with("SQL function ");
  });
}

// Names can be values too: in columns of names of roles, types or tables, which the server looks
// up. What the statement itself names is found by other functions of its source than those.
bool message_is_of_values(const ErrorFields& fields) {
  static constexpr std::array<std::string_view, 12> words{"insert", "select",  "update", "delete",
                                                          "merge",  "values",  "with",   "call",
                                                          "do",     "execute", "(",      "table"};
  static constexpr std::array<std::string_view, 2> of_targets{"parserOpenTable",
                                                              "checkInsertTargets"};
  static constexpr std::array<std::string_view, 2> of_queries{"errorMissingColumn",
                                                              "ParseFuncOrColumn"};
  const auto one_of = [](const auto& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  if (!fields.context.empty()) return true;
  const std::string start = text::lower(fields.sql);
  if (std::none_of(words.begin(), words.end(),
                   [&](std::string_view word) { return start.starts_with(word); }))
    return false;
  return !one_of(of_targets, fields.function) &&
         !(start.starts_with("select") && one_of(of_queries, fields.function));
}

std::string object_of(const ErrorFields& fields) {
  std::string object;
  const auto add = [&](std::string_view word, const std::string& name) {
    if (!name.empty()) object += ", " + std::string(word) + " " + text::printable(name);
  };
  add("constraint", fields.constraint);
  add("column", fields.column);
  add("type", fields.type);
  add("table", fields.table.empty() || fields.schema.empty() ? fields.table
                                                             : fields.schema + "." + fields.table);
  return object;
}

}  // namespace

Error error_of(const ErrorFields& fields, Cause cause) {
  const Cause judged = cause_of(fields, cause);
  if (fields.sqlstate.empty()) return {judged, "the connection to the server was lost", ""};
  const Condition* condition = condition_of(fields.sqlstate);
  std::string text = condition != nullptr ? std::string(condition->words) : "error";
  text += " (SQLSTATE " + text::printable(fields.sqlstate) + ")";
  if (raised_by_code(fields)) return {judged, text + ", in code of the database", ""};
  if (is_limit_of_file(fields))
    return {judged, text + ": a file would be larger than the sandbox allows",
            "raise the target's scratch limit, or make room where sandboxes are kept"};
  const char* const hint =
      fields.sqlstate == "53100"
          ? "make room, or inodes, or put the sandboxes on a larger file system"
          : "";
  if (condition != nullptr && condition->message_is_safe && !message_is_of_values(fields))
    text += ": " + text::printable(fields.message);
  return {judged, text + object_of(fields), hint};
}

std::string missing_role(const ErrorFields& fields) {
  constexpr std::string_view before = "role \"", after = "\" does not exist";
  const std::string_view message = fields.message;
  // The second is SET SESSION AUTHORIZATION's.
  if ((fields.sqlstate != "42704" && fields.sqlstate != "22023") || !message.starts_with(before) ||
      !message.ends_with(after))
    return "";
  return std::string(message.substr(before.size(), message.size() - before.size() - after.size()));
}

}  // namespace backproof::pg
