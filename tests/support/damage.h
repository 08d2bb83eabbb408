// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "support/program.h"

namespace backproof::test {

// One way in which a backup is bad, and what must be said of it: a row of the README's matrix.
struct Damage {
  std::string number;  // of the catalogue of failures: "F01"; "more" for what has none there
  std::string what;
  Verdict verdict;
  Cause cause;
  std::string seen;  // by seen_by(), or a part of a warning's text for what passes
  Path (*make)(const Folder&);
};
std::vector<Damage>& all_damages();

struct RegisterDamage {
  explicit RegisterDamage(Damage damage) { all_damages().push_back(std::move(damage)); }
};

// Makes the damaged backup, verifies it with the real program and compares.
void demand(const Damage& damage);

// A shop with two tables, an index and a foreign key: 1000 customers and 5000 orders.
Path make_shop(const Folder& folder, std::string_view name = "shop.db");
// Its dump by the sqlite3 shell.
Path make_dump(const Folder& folder, std::string_view name = "shop.sql");
std::string content_of(const Path& file);

// DAMAGE(number, what, verdict, cause, seen) { ...; return path; } is a test of its own: the body
// makes the damaged backup in `folder`.
#define DAMAGE(number, what, verdict, cause, seen) \
  DAMAGE_(number, what, verdict, cause, seen, __LINE__)
#define DAMAGE_(number, what, verdict, cause, seen, line) \
  DAMAGE__(number, what, verdict, cause, seen, line)
#define DAMAGE__(number, what, verdict, cause, seen, line)                \
  static Path make_##line(const Folder& folder);                          \
  static const Damage damage_##line{number,       what, Verdict::verdict, \
                                    Cause::cause, seen, make_##line};     \
  static const RegisterDamage register_##line{damage_##line};             \
  TEST_CASE(number ": " what) {                                           \
    demand(damage_##line);                                                \
  }                                                                       \
  static Path make_##line([[maybe_unused]] const Folder& folder)

}  // namespace backproof::test
