// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/damage.h"
#include "support/pg.h"

// Damages of PostgreSQL dumps, and what makes them.
namespace backproof::test {

// PG_DAMAGE(number, what, verdict, cause, seen) { ...; return path; }: a DAMAGE that is skipped,
// loudly, where no server is installed.
#define PG_DAMAGE(number, what, verdict, cause, seen) \
  PG_DAMAGE_(number, what, verdict, cause, seen, __LINE__)
#define PG_DAMAGE_(number, what, verdict, cause, seen, line) \
  PG_DAMAGE__(number, what, verdict, cause, seen, line)
#define PG_DAMAGE__(number, what, verdict, cause, seen, line)             \
  static Path make_##line(const Folder& folder);                          \
  static const Damage damage_##line{number,       what, Verdict::verdict, \
                                    Cause::cause, seen, make_##line};     \
  static const RegisterDamage register_##line{damage_##line};             \
  TEST_CASE(number ": PostgreSQL: " what) {                               \
    if (pg_missing()) return;                                             \
    demand(damage_##line);                                                \
  }                                                                       \
  static Path make_##line([[maybe_unused]] const Folder& folder)

// The shop's dump: 1000 customers, 5000 orders, keys, an index, a view and more; as text, and in
// the form of an archive. With the names that tests/conformance asks for, too.
std::string pg_shop(std::string_view form = "plain.sql");
Path make_pg_plain(const Folder& folder, std::string_view name);
Path make_pg_archive(const Folder& folder, std::string_view name);

// The text with `from` (which must occur) replaced once.
std::string replaced(std::string text, std::string_view from, std::string_view to);
std::string everywhere(std::string text, const std::string& from, const std::string& to);
// Without everything from `begin` to before the next `end` behind it.
std::string without(std::string text, std::string_view begin, std::string_view end);
// Without the statement of an object, but with the comment that names it: `head` begins the
// statement, which ends with the next ";\n".
std::string without_statement(const std::string& text, const std::string& head);

// A dump of the shop (`empty`: of an empty database) after SQL was run on it, by pg_dump with these
// options.
Path pg_dump_of(const Folder& folder, const std::string& name, const std::string& sql,
                const std::vector<std::string>& options = {}, bool empty = false);

}  // namespace backproof::test
