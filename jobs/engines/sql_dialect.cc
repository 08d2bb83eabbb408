// SPDX-License-Identifier: Apache-2.0
#include "engines/sql_dialect.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::array marks{"set client_encoding",
                           "set statement_timeout",
                           "set search_path",
                           " from stdin",
                           "pg_catalog.",
                           " owner to ",
                           "create extension",
                           "create role ",
                           "create schema ",
                           "create sequence ",
                           "create type ",
                           "bigserial",
                           "serial primary key",
                           "timestamptz",
                           " jsonb",
                           "language plpgsql",
                           "nextval("};

}  // namespace

bool speaks_postgresql(std::string_view text) {
  if (text.find("PRAGMA foreign_keys=OFF;") != std::string_view::npos ||
      text.find("\nBEGIN TRANSACTION;") != std::string_view::npos)
    return false;
  const std::string lower = text::lower(text);
  return std::any_of(marks.begin(), marks.end(),
                     [&](std::string_view mark) { return lower.find(mark) != std::string::npos; });
}

}  // namespace backproof
