// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_record.h"

#include <cmath>
#include <limits>

#include "support/support.h"

namespace backproof::test {
namespace {

using Kind = SqliteValue::Kind;

SqliteValue integer(std::int64_t i) {
  return {Kind::integer, i, 0, {}};
}
SqliteValue real(double r) {
  return {Kind::real, 0, r, {}};
}
SqliteValue text(std::string_view s) {
  return {Kind::text, 0, 0, as_bytes(s)};
}
SqliteValue blob(std::string_view s) {
  return {Kind::blob, 0, 0, as_bytes(s)};
}

bool same_bytes(const SqliteValue& a, const SqliteValue& b) {
  CanonicalRow x, y;
  x.add(a);
  y.add(b);
  return as_text(x.bytes()) == as_text(y.bytes());
}

TEST_CASE("values are ordered as SQLite orders them: NULL, numbers, text, blobs") {
  const std::vector<SqliteValue> ascending{{},
                                           real(-std::numeric_limits<double>::infinity()),
                                           integer(std::numeric_limits<std::int64_t>::min()),
                                           real(-1.5),
                                           integer(-1),
                                           integer(0),
                                           real(0.5),
                                           integer(1),
                                           integer(9007199254740992),
                                           integer(9007199254740993),
                                           integer(std::numeric_limits<std::int64_t>::max()),
                                           real(9223372036854775808.0),
                                           text(""),
                                           text("A"),
                                           text("AB"),
                                           text("a"),
                                           blob(""),
                                           blob("A")};
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const int order = compare(ascending[i], ascending[j], Collation::binary);
      INFO(i << " against " << j);
      CHECK((order < 0) == (i < j));
      CHECK((order > 0) == (i > j));
    }
}

TEST_CASE("numbers that compare equal have equal bytes, and only those") {
  CHECK(compare(integer(3), real(3.0), Collation::binary) == 0);
  CHECK(same_bytes(integer(3), real(3.0)));
  CHECK(same_bytes(real(0.0), real(-0.0)));
  CHECK_FALSE(same_bytes(integer(3), real(3.5)));
  CHECK_FALSE(same_bytes(integer(9007199254740993), real(9007199254740992.0)));
  CHECK_FALSE(same_bytes(integer(1), text("1")));
  CHECK_FALSE(same_bytes(text("1"), blob("1")));
  CHECK_FALSE(same_bytes(text(""), {}));
}

TEST_CASE("collations decide over letter case and trailing spaces") {
  CHECK(compare(text("Word"), text("wORD"), Collation::nocase) == 0);
  CHECK(compare(text("\xc3\x84"), text("\xc3\xa4"), Collation::nocase) != 0);
  CHECK(compare(text("a["), text("A{"), Collation::nocase) < 0);
  CHECK(compare(text("pad  "), text("pad"), Collation::rtrim) == 0);
  CHECK(compare(text("pad \t"), text("pad"), Collation::rtrim) > 0);
  CHECK(compare(text("Word"), text("wORD"), Collation::binary) < 0);
}

TEST_CASE("rows differ where values are cut differently") {
  CanonicalRow a, b;
  a.add(text("ab"));
  a.add(text("c"));
  b.add(text("a"));
  b.add(text("bc"));
  CHECK(as_text(a.bytes()) != as_text(b.bytes()));
}

}  // namespace
}  // namespace backproof::test
