// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/psql_lines.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "engines/pg/sql_letters.h"

namespace backproof {
namespace {

using Kind = PsqlLine::Kind;

constexpr std::string_view reusing = "-reuse-previous=on ";
constexpr std::array<std::pair<std::string_view, Kind>, 4> commands{{
    {"\\connect ", Kind::connect},
    {"\\encoding ", Kind::encoding},
    {"\\restrict ", Kind::restricts},
    {"\\unrestrict ", Kind::unrestricts},
}};

bool is_key(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return pg_sql::is_digit(c) || (pg_sql::small(c) >= 'a' && pg_sql::small(c) <= 'z');
  });
}

// A name that psql takes as it is.
bool is_plain_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return pg_sql::is_digit(c) || (c >= 'a' && c <= 'z') || c == '_';
  });
}

// "na""me" as a whole; nothing when it is not that.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') return std::nullopt;
  std::string name;
  for (text = text.substr(1, text.size() - 2); !text.empty(); text.remove_prefix(1)) {
    if (text.front() == '"') {
      text.remove_prefix(1);
      if (!text.starts_with('"')) return std::nullopt;
    }
    name += text.front();
  }
  return name;
}

// dbname='na\'me' or dbname=name: the only thing in a connection string of pg_dump.
std::optional<std::string> database_of(std::string_view text) {
  static constexpr std::string_view key = "dbname=";
  if (!text.starts_with(key)) return std::nullopt;
  text.remove_prefix(key.size());
  if (!text.starts_with('\'')) {
    if (!std::all_of(text.begin(), text.end(), pg_sql::continues_tag)) return std::nullopt;
    return std::string(text);
  }
  std::string name;
  for (text.remove_prefix(1); !text.empty(); text.remove_prefix(1)) {
    if (text.front() == '\'') {
      if (text.size() > 1) return std::nullopt;
      return name;
    }
    if (text.front() == '\\') text.remove_prefix(1);
    if (!text.empty()) name += text.front();
    if (text.empty()) break;
  }
  return std::nullopt;
}

std::optional<std::string> connected_to(std::string_view argument) {
  const bool reuses = argument.starts_with(reusing);
  if (reuses) argument.remove_prefix(reusing.size());
  if (!reuses && is_plain_name(argument)) return std::string(argument);
  std::optional<std::string> name = unquoted(argument);
  if (name && reuses) name = database_of(*name);
  // Without the option psql would take these for connection strings.
  if (name && !reuses &&
      (name->find('=') != std::string::npos || name->find("://") != std::string::npos))
    return std::nullopt;
  return name;
}

}  // namespace

PsqlLine read_psql_line(std::string_view line) {
  for (const auto& [command, kind] : commands) {
    if (!line.starts_with(command)) continue;
    const std::string_view argument = line.substr(command.size());
    if (kind == Kind::connect) {
      std::optional<std::string> name = connected_to(argument);
      if (name && !name->empty()) return {kind, std::move(*name)};
    } else if (kind == Kind::encoding ? argument == "SQL_ASCII" : is_key(argument)) {
      return {kind, std::string(argument)};
    }
  }
  return {};
}

bool may_become_psql_line(std::string_view line) {
  return std::any_of(commands.begin(), commands.end(), [&](const auto& command) {
    return line.starts_with(command.first) || command.first.starts_with(line);
  });
}

std::string describe_psql_line(std::string_view line) {
  static constexpr std::array<std::string_view, 26> known{
      "!",    "cd",      "copy",       "connect",   "c",     "crosstabview", "echo",
      "edit", "e",       "encoding",   "g",         "gexec", "getenv",       "gset",
      "i",    "include", "ir",         "lo_export", "o",     "out",          "restrict",
      "set",  "setenv",  "unrestrict", "w",         "watch"};
  line.remove_prefix(std::min<std::size_t>(1, line.size()));
  std::size_t n = line.starts_with('!') ? 1 : 0;
  while (n < line.size() && line.front() != '!' && pg_sql::continues_tag(line[n])) ++n;
  const std::string_view word = line.substr(0, n);
  if (std::find(known.begin(), known.end(), word) == known.end()) return "a psql command";
  return "the psql command \\" + std::string(word);
}

}  // namespace backproof
