// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runner/damage/edits.h"

// Damages of PostgreSQL dumps, said of what a dump holds and not of how its form stores it.
namespace backproof::damage {

// One object of a dump. Views live as long as the dump's bytes.
struct PgObject {
  std::string_view type, schema, name;  // as the dump says: "FK CONSTRAINT", "public", "orders x"
  std::string_view definition;          // SQL
  std::string_view copy;  // of TABLE DATA: "COPY public.orders (id, total) FROM stdin"
  bool inserts = false;   // of TABLE DATA: its rows are INSERTs
};

class PgView {
 public:
  virtual ~PgView() = default;
  virtual const std::vector<PgObject>& objects() const = 0;
  // The rows of a TABLE DATA object: lines of COPY's text format, up to "\." or the end, or
  // INSERTs. Valid until the next call. An Error where they are more than can be changed.
  virtual Result<std::string_view> rows(std::size_t object) = 0;
};

// What is to become of a dump.
struct PgChange {
  std::set<std::size_t> dropped = {};              // objects
  std::optional<std::size_t> table = {};           // whose rows are edited
  Edits rows = {};                                 // places in what rows() gave
  std::optional<std::size_t> command_before = {};  // a command of psql's stands before this object
  bool operator==(const PgChange&) const = default;
};
inline constexpr std::string_view pg_command = "\\! touch /tmp/backproof-selftest\n";

// For every kind but those of a form's own: cut_container, cut_content, stale_copy, other_database
// and appended_junk.
Result<PgChange> plan(DamageKind kind, PgView& view, Dice& dice);

// A small table of another database, for the damage of that name.
inline constexpr std::string_view pg_other_table =
    "CREATE TABLE public.backproof_other (\n    id integer NOT NULL,\n    name text\n);\n";
inline constexpr std::string_view pg_other_copy =
    "COPY public.backproof_other (id, name) FROM stdin;\n";
inline constexpr std::string_view pg_other_rows = "1\tone\n2\ttwo\n3\tthree\n\\.\n\n\n";

}  // namespace backproof::damage
