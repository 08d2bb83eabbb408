// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof {

// A command of psql as pg_dump and pg_dumpall write them; anything else is `other`.
struct PsqlLine {
  enum class Kind {
    other,
    connect,     // \connect name, \connect "name", \connect -reuse-previous=on "dbname='name'"
    encoding,    // \encoding SQL_ASCII: stands before the last form, and says nothing
    restricts,   // \restrict KEY
    unrestricts  // \unrestrict KEY
  };
  Kind kind = Kind::other;
  std::string argument;  // the database's name, or the key
};
// `line` begins with a backslash and has no line break.
PsqlLine read_psql_line(std::string_view line);

// A cut line may have been one of those.
bool may_become_psql_line(std::string_view line);

// "the psql command \copy" for a command that is known, "a psql command" for others: what a person
// may be told of it.
std::string describe_psql_line(std::string_view line);

}  // namespace backproof
