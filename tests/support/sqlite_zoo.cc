// SPDX-License-Identifier: Apache-2.0
#include "support/sqlite_zoo.h"

#include <sqlite3.h>

#include <set>

#include "base/sqlite.h"
#include "support/support.h"

namespace backproof::test {
namespace {

struct Species {
  const char* name;
  const char* sql;
  bool is_provable = true;
  bool needs_utf8 = false;  // provable only there
};

// `N` rows come from the table-valued counter that every species may use.
constexpr const char* plain = R"(
CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT, c INTEGER, d REAL, e NUMERIC, f BLOB);
INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<120)
 SELECT n*3, CASE n%5 WHEN 0 THEN NULL WHEN 1 THEN n WHEN 2 THEN n+0.5 WHEN 3 THEN 'x'||n
   ELSE zeroblob(n%7) END, 'name '||(n*37%101), n*7919%211-100, n/4.0, CASE n%3 WHEN 0 THEN 'text'
   ELSE n END, x'0102' FROM k;
CREATE INDEX t_a ON t(a); CREATE INDEX t_b ON t(b DESC, c); CREATE INDEX t_c ON t(c DESC);
CREATE INDEX t_d ON t(d, e DESC); CREATE UNIQUE INDEX t_u ON t(b, id);
CREATE TABLE u(k TEXT UNIQUE, v INTEGER, w INTEGER, UNIQUE(v, w));
INSERT INTO u SELECT CASE WHEN id%2 THEN 'k'||id END, CASE WHEN id%4 THEN id END, id FROM t;
CREATE VIEW v AS SELECT * FROM t;)";

constexpr const char* collated = R"(
CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b TEXT COLLATE RTRIM, c TEXT);
INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<90)
 SELECT n, CASE n%2 WHEN 0 THEN 'Word'||(n%31) ELSE 'wORD'||(n%31) END,
   'pad'||(n%13)||substr('    ', 1, n%4), 'Zz'||n||char(228) FROM k;
CREATE INDEX t_a ON t(a); CREATE INDEX t_b ON t(b DESC); CREATE INDEX t_c ON t(c COLLATE NOCASE);
CREATE UNIQUE INDEX t_u ON t(a, b, c COLLATE BINARY);
CREATE TABLE w(k TEXT COLLATE NOCASE PRIMARY KEY DESC, v) WITHOUT ROWID;
INSERT INTO w SELECT 'Key'||id, a FROM t;
CREATE INDEX w_v ON w(v COLLATE RTRIM);)";

constexpr const char* computed = R"(
CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b INTEGER, c REAL,
  g INTEGER GENERATED ALWAYS AS (b * 2) VIRTUAL, s TEXT AS (a || b) STORED, z TEXT);
INSERT INTO t(id, a, b, c, z) WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k
 WHERE n<90) SELECT n, 'Abc'||(n%17), n*31%97, CASE n%4 WHEN 0 THEN n*1.0 ELSE n/3.0 END, 'z'||n
 FROM k;
CREATE INDEX t_part ON t(a, b) WHERE b > 40 AND a IS NOT NULL; -- some rows
CREATE UNIQUE INDEX t_one ON t(b) WHERE id < 30;
CREATE INDEX t_expr ON t(lower(a) DESC, b + c, (a || ',)') COLLATE NOCASE);
CREATE INDEX t_gen ON t(g, z); CREATE INDEX t_stored ON t(s DESC);
CREATE TABLE p("odd ""name" TEXT, [desc] INTEGER, rowid TEXT);
INSERT INTO p SELECT a, b, c FROM t;
CREATE INDEX "p i" ON p("odd ""name" DESC, desc) WHERE [desc] <> 7;)";

constexpr const char* keyed = R"(
CREATE TABLE w(a TEXT, b INTEGER, c REAL, d, PRIMARY KEY(b DESC, a)) WITHOUT ROWID;
INSERT INTO w WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<110)
 SELECT 'k'||n, n%11, CASE n%2 WHEN 0 THEN n*1.0 ELSE n/8.0 END, CASE n%3 WHEN 0 THEN NULL ELSE n
 END FROM k;
CREATE INDEX w_c ON w(c, d); CREATE UNIQUE INDEX w_d ON w(d DESC, b); CREATE INDEX w_a ON w(a);
CREATE TABLE x(k BLOB PRIMARY KEY, v TEXT) WITHOUT ROWID;
INSERT INTO x SELECT CAST(a AS BLOB), 'v'||b FROM w;
ALTER TABLE x ADD COLUMN later INTEGER DEFAULT 9;
INSERT INTO x VALUES(x'00ff', 'new', 10);)";

// WITHOUT ROWID tables whose primary key is not declared first: SQLite 3.40's PRAGMAs report NULLs
// there that do not exist.
constexpr const char* reordered = R"(
CREATE TABLE kv(val TEXT NOT NULL, k TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO kv WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<150)
 SELECT 'value '||n, 'k'||n FROM k;
CREATE TABLE mn(a INT, b INT, PRIMARY KEY(b, a)) WITHOUT ROWID;
INSERT INTO mn SELECT length(k), rowid_of FROM (SELECT k, substr(k, 2) AS rowid_of FROM kv);
CREATE TABLE st(n INT NOT NULL, v BLOB NOT NULL, r REAL, k TEXT, PRIMARY KEY(k, n)) STRICT,
 WITHOUT ROWID;
INSERT INTO st SELECT b, x'00ff', a * 1.5, 'k'||b FROM mn;
CREATE TABLE odd("two
lines" INT NOT NULL, x NUMERIC, k PRIMARY KEY) WITHOUT ROWID;
INSERT INTO odd SELECT b, 'text', 'k'||b FROM mn;
CREATE TABLE t(a, b, c TEXT NOT NULL); INSERT INTO t SELECT n, k, k FROM st;
CREATE INDEX t_a ON t(a DESC); CREATE INDEX kv_val ON kv(val); CREATE INDEX st_v ON st(r, v);)";

// The key takes columns out of their order, with directions and collations, and no value is NULL.
constexpr const char* shuffled = R"(
CREATE TABLE t(a TEXT NOT NULL, b INTEGER NOT NULL, c INTEGER NOT NULL, PRIMARY KEY(c DESC, a))
 WITHOUT ROWID;
INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<130)
 SELECT 'a'||(n*7%131), n*37%101, n%9 FROM k;
CREATE INDEX t_b ON t(b DESC); CREATE UNIQUE INDEX t_ab ON t(a DESC, b, c);
CREATE TABLE n(a, b TEXT, c TEXT COLLATE NOCASE, d REAL, PRIMARY KEY(c COLLATE NOCASE, a DESC))
 WITHOUT ROWID;
INSERT INTO n SELECT b, CASE c%3 WHEN 0 THEN NULL ELSE a END, CASE c%2 WHEN 0 THEN 'Key ' ELSE
 'kEY ' END||a||b, c/4.0 FROM t;
CREATE INDEX n_b ON n(b COLLATE NOCASE DESC, d); CREATE INDEX n_c ON n(c COLLATE BINARY);
CREATE TABLE r(x INT, y TEXT COLLATE RTRIM, z TEXT, PRIMARY KEY(z, y DESC, z COLLATE NOCASE))
 WITHOUT ROWID;
INSERT INTO r SELECT c, 'y'||substr('   ', 1, c%4), a||'-'||b FROM t;
CREATE UNIQUE INDEX r_yz ON r(y, z); CREATE INDEX r_x ON r(x DESC, y COLLATE BINARY);)";

constexpr const char* large = R"(
CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB, c INTEGER);
INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<24)
 SELECT n*1000003, printf('%.*c', n*90, char(97+n%26))||n, zeroblob(n*170)||'end', n%5 FROM k;
CREATE INDEX t_a ON t(a); CREATE INDEX t_ba ON t(b, a DESC); CREATE INDEX t_c ON t(c);
CREATE TABLE w(a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID;
INSERT INTO w SELECT a, a||a FROM t; CREATE INDEX w_b ON w(b);
CREATE TABLE gone(a, b); INSERT INTO gone SELECT a, b FROM t; CREATE INDEX gone_a ON gone(a);
DELETE FROM gone WHERE a > 'd'; DELETE FROM t WHERE id % 7 = 0;)";

constexpr const char* related = R"(
CREATE TABLE parent(id INTEGER PRIMARY KEY, code TEXT UNIQUE, x INTEGER, y TEXT, UNIQUE(x, y));
INSERT INTO parent WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<40)
 SELECT n, 'c'||n, n%4, 'y'||n FROM k;
CREATE TABLE child(id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent, code TEXT
  REFERENCES parent(code), x INTEGER, y TEXT, me INTEGER REFERENCES child(id),
  FOREIGN KEY(y, x) REFERENCES parent(y, x));
INSERT INTO child WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<100)
 SELECT n, CASE WHEN n%5 THEN 1+n%40 END, CASE WHEN n%3 THEN 'c'||(1+n%40) END,
  (1+n%40)%4, CASE WHEN n%4 THEN 'y'||(1+n%40) END, CASE WHEN n>1 THEN n/2 END FROM k;
CREATE INDEX child_p ON child(p); CREATE INDEX child_code ON child(code DESC);
CREATE INDEX child_xy ON child(x, y); CREATE INDEX child_me ON child(me);
CREATE TABLE loose(a TEXT REFERENCES parent(code), b INTEGER REFERENCES parent(id)) STRICT;)";

constexpr const char* strict = R"(
CREATE TABLE s(a INTEGER PRIMARY KEY, b INT NOT NULL, c TEXT, d REAL, e BLOB, f ANY) STRICT;
INSERT INTO s WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<70)
 SELECT n, n*3, 't'||n, n*0.25, x'aa55', CASE n%2 WHEN 0 THEN 'f' ELSE n END FROM k;
CREATE UNIQUE INDEX s_b ON s(b); CREATE INDEX s_d ON s(d, f);
CREATE TABLE c(x INTEGER CHECK(x > 0), y TEXT NOT NULL CHECK(length(y) < 9), z);
INSERT INTO c SELECT b, c, d FROM s; CREATE INDEX c_xy ON c(x, y DESC);
ALTER TABLE c ADD COLUMN late TEXT DEFAULT 'none';
INSERT INTO c SELECT b + 1000, c, d, 'late'||a FROM s; CREATE INDEX c_late ON c(late, z);
CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO a(v) SELECT c FROM s;
CREATE INDEX a_id ON a(id, v); ANALYZE;)";

constexpr const char* exotic = R"(
CREATE VIRTUAL TABLE f5 USING fts5(title, body);
INSERT INTO f5 VALUES('one','the quick brown fox'),('two','jumps over the lazy dog');
CREATE VIRTUAL TABLE f4 USING fts4(body); INSERT INTO f4 VALUES('lorem ipsum'),('dolor sit');
CREATE VIRTUAL TABLE r USING rtree(id, x0, x1, y0, y1);
INSERT INTO r WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<60)
 SELECT n, n, n+1, n*2, n*2+1 FROM k;
CREATE TABLE t(a, b); INSERT INTO t SELECT id, x0 FROM r; CREATE INDEX t_a ON t(a DESC, b);)";

constexpr Species all_species[] = {
    {"plain", plain},
    {"collated", collated, true, true},
    {"computed", computed, true, true},
    {"keyed", keyed},
    {"large", large},
    {"related", related},
    {"strict", strict},
    {"exotic", exotic},
    {"reordered", reordered},
    {"reordered: shuffled", shuffled, true, true},
};

std::string content_of(const Path& file) {
  auto content = read_file(file, 1U << 28U);
  REQUIRE(content);
  return *content;
}

sqlite::Connection open_plain(const Path& file, const char* query) {
  auto connection = sqlite::Connection::open(sqlite::uri_of(file, query));
  REQUIRE(connection);
  return std::move(*connection);
}

// What SQLite 3.40 reports of the columns of a WITHOUT ROWID table, whose places it mistakes.
bool is_false(sqlite::Connection& connection, const std::string& finding) {
  static constexpr std::string_view null = "NULL value in ";
  const std::size_t dot = finding.find('.');
  if (!finding.starts_with(null) || dot == std::string::npos)
    return finding.find(" value in ") != std::string::npos;
  const auto rows = connection.integer(
      "SELECT EXISTS(SELECT 1 FROM \"" + finding.substr(null.size(), dot - null.size()) +
      "\" NOT INDEXED WHERE typeof(\"" + finding.substr(dot + 1) + "\") = 'null')");
  return rows && *rows == 0;
}

}  // namespace

std::vector<ZooAnimal> sqlite_zoo() {
  const Folder folder;
  std::vector<ZooAnimal> zoo;
  constexpr const char* encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};
  unsigned turn = 0;
  for (unsigned round = 0; round < 4; ++round)
    for (const Species& species : all_species) {
      // Steps without common divisors, so that the rounds meet many combinations.
      const unsigned page_size = 512U << ((turn * 3 + round) % 8);
      const char* const encoding = round < 2 ? encodings[0] : encodings[1 + turn % 2];
      const unsigned vacuum = (turn + round) % 3;
      const std::string name = std::string(species.name) + " " + std::to_string(page_size) + " " +
                               encoding + " vacuum " + std::to_string(vacuum);
      const Path file = folder / (std::to_string(turn++) + ".db");
      run_sql(file, "PRAGMA page_size=" + std::to_string(page_size) + ";PRAGMA encoding='" +
                        encoding + "';PRAGMA auto_vacuum=" + std::to_string(vacuum) +
                        ";PRAGMA synchronous=OFF;BEGIN;" + species.sql + "COMMIT;");
      const bool provable = species.is_provable && (!species.needs_utf8 || round < 2);
      zoo.push_back({name, content_of(file), provable});
    }
  return zoo;
}

void run_sql(const Path& file, const std::string& sql) {
  sqlite::Connection connection = open_plain(file, "");
  const auto done = connection.run(sql);
  INFO((done ? "" : done.error().text) << " " << sqlite3_errmsg(connection.handle()));
  REQUIRE(done);
}

void try_sql(const Path& file, const std::string& sql) {
  sqlite::Connection connection = open_plain(file, "");
  (void)connection.run(sql);
}

std::vector<std::string> ask_sql(const Path& file, const std::string& sql) {
  sqlite::Connection connection = open_plain(file, "");
  std::vector<std::string> answers;
  auto statement = connection.prepare(sql);
  while (statement) {
    const auto row = statement->step();
    if (!row || !*row) break;
    answers.emplace_back(statement->text(0));
  }
  return answers;
}

Reference ask_reference(const Path& file, bool is_reordered) {
  Reference reference;
  sqlite::Connection connection = open_plain(file, "mode=ro&immutable=1");
  auto integrity = connection.prepare(is_reordered ? "PRAGMA integrity_check(1000000)"
                                                   : "PRAGMA integrity_check");
  if (integrity) {
    std::set<std::string> findings;
    auto row = integrity->step();
    for (; row && *row; row = integrity->step()) findings.emplace(integrity->text(0));
    if (is_reordered)
      std::erase_if(findings, [&](const auto& finding) { return is_false(connection, finding); });
    findings.erase("ok");
    if (!findings.empty()) reference.integrity = *findings.begin();
    reference.integrity_ok = row.has_value() && findings.empty();
  }
  auto orphans = connection.prepare("PRAGMA foreign_key_check");
  if (orphans) {
    const auto row = orphans->step();
    reference.foreign_keys_ok = row && !*row;
  }
  return reference;
}

}  // namespace backproof::test
