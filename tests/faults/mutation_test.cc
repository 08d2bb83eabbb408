// SPDX-License-Identifier: Apache-2.0
// A thousand seeded mutations of a backup in each form, each verified with a manifest beside it
// that knows the content and nothing of the file. What is said without a manifest is the same run
// with the manifest's answers taken out, concluded again. README's table of them is made here.
//
// BACKPROOF_MUTATIONS=N takes another number of them and BACKPROOF_MUTATIONS_SEED=N others; the
// table is compared with the usual ones only.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "base/sqlite.h"
#include "support/damage.h"
#include "support/mutation_run.h"

using namespace backproof;
using namespace backproof::test;

namespace {

#ifdef BACKPROOF_SANITIZED
constexpr std::size_t usual_number = 100;
#else
constexpr std::size_t usual_number = 1000;
#endif

std::size_t number_in(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoul(text);
}

struct Count {
  int mutations = 0, failed = 0, undecided = 0, by_manifest = 0, same = 0;
};

// Why a mutated backup may be one of which nothing can be said.
bool may_be_undecided(Cause cause) {
  return cause == Cause::unproven || cause == Cause::version || cause == Cause::space ||
         cause == Cause::missing_tool || cause == Cause::isolation;
}

// Sorts one run into the table, and demands what holds whatever the mutation was.
void judge(const MutationRunner& runner, const std::string& bytes, const Run& run, bool is_sampled,
           Count& count) {
  const Run without = without_manifest(run);
  ++count.mutations;
  CHECK(run.finished);
  for (const Run* one : {&run, &without})
    CHECK((one->verdict != Verdict::inconclusive || may_be_undecided(one->cause)));
  if (run.verdict == Verdict::passed) {
    ++count.same;
    CHECK(without.verdict == Verdict::passed);
    CHECK(runner.is_same(bytes));
  } else if (without.verdict == Verdict::passed) {
    ++count.by_manifest;
    CHECK(run.verdict == Verdict::failed);
    if (is_sampled) CHECK_FALSE(runner.is_same(bytes));
  } else {
    ++(without.verdict == Verdict::failed ? count.failed : count.undecided);
  }
}

std::string row(const std::string& form, const std::string& kind, const Count& count) {
  std::string text = "| " + form + " | " + kind;
  for (const int n :
       {count.mutations, count.failed, count.undecided, count.by_manifest, count.same})
    text += " | " + (n == 0 ? "" : std::to_string(n));
  return text + " |\n";
}

void demand_undamaged(const MutationRunner& runner, const MutationForm& form) {
  const std::vector<Run> runs = runner.verify({form.bytes});
  for (const Run& run : {runs.front(), runner.verify_alone(form.bytes)}) {
    INFO(run.reason);
    CHECK(run.verdict == Verdict::passed);
    CHECK(without_manifest(run).verdict == Verdict::passed);
  }
}

// A throw-away server comes to the same verdict as the one that is named for speed.
void demand_same_alone(const MutationRunner& runner, const std::string& bytes, const Run& run) {
  const Run alone = runner.verify_alone(bytes);
  INFO("in a throw-away server: " << name_of(alone.verdict) << " " << alone.reason);
  CHECK((alone.verdict == run.verdict || run.cause == Cause::isolation));
}

// The counts hang on every byte of the backups and, here and there, on what a version lets through.
bool is_usual(bool is_sqlite) {
  auto sqlite = sqlite::Connection::open(":memory:");
  REQUIRE(sqlite);
  const bool is_version = is_sqlite
                              ? sqlite->text("SELECT sqlite_version()").value().starts_with("3.40.")
                              : pg_major() == 15;
  return is_version && usual_number == 1000 && std::getenv("BACKPROOF_MUTATIONS") == nullptr &&
         std::getenv("BACKPROOF_MUTATIONS_SEED") == nullptr;
}

// Lines of the README's table that begin like a row of this form.
std::string rows_of(const std::string& table, const std::string& form) {
  std::string rows;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| " + form + " | ")) rows += line + "\n";
  return rows;
}

void demand_in_readme(const std::string& form, const std::string& rows) {
  const Path file = Path(BACKPROOF_SOURCE_DIR) / "README.md";
  std::string text = content_of(file);
  const std::string open = "<!-- mutations -->\n";
  const std::size_t begin = text.find(open) + open.size();
  const std::size_t size = text.find("<!-- end of mutations -->") - begin;
  const std::string table = text.substr(begin, size);
  if (std::getenv("BACKPROOF_RENEW_README") == nullptr) {
    CHECK(rows_of(table, form) == rows);
    return;
  }
  std::string renewed =
      "| backup | mutation | number | failed | undecided | only by a manifest | same content |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const std::string& name : mutation_form_names())
    renewed += name == form ? rows : rows_of(table, name);
  REQUIRE(write_atomic(file, text.replace(begin, size, renewed)));
}

void demand_form(const std::string& file) {
  const MutationForm form = mutation_form(file);
  const bool is_sqlite = form.name.starts_with("SQLite");
  if (!is_sqlite && pg_missing()) return;
  const MutationRunner runner(form);
  demand_undamaged(runner, form);
  const std::vector<MutationKind> kinds = mutation_kinds(form);
  const std::size_t number = number_in("BACKPROOF_MUTATIONS", usual_number);
  const std::uint64_t first = number_in("BACKPROOF_MUTATIONS_SEED", 0);
  std::vector<std::string> backups;
  for (std::size_t i = 0; i < number; ++i)
    backups.push_back(mutated(form, kinds[i % kinds.size()], first + i));
  const std::vector<Run> runs = runner.verify(backups);
  std::map<std::string, Count> counts;
  for (std::size_t i = 0; i < number; ++i) {
    const MutationKind& kind = kinds[i % kinds.size()];
    INFO(form.name << ", " << kind.name << ", seed " << first + i << ": "
                   << name_of(runs[i].verdict) << " " << runs[i].reason);
    judge(runner, backups[i], runs[i], is_sqlite || i % 10 == 0, counts[kind.name]);
    if (!is_sqlite && i % 100 == 50) demand_same_alone(runner, backups[i], runs[i]);
  }
  std::string rows;
  for (const MutationKind& kind : kinds) {
    // A compressed stream carries a checksum of all that it holds.
    if (file.ends_with(".gz")) CHECK(counts[kind.name].by_manifest == 0);
    rows += row(form.name, kind.name, counts[kind.name]);
  }
  if (is_usual(is_sqlite)) demand_in_readme(form.name, rows);
}

}  // namespace

TEST_CASE("mutations of a SQLite file") {
  demand_form("shop.db");
}
TEST_CASE("mutations of a SQLite dump") {
  demand_form("shop.sql");
}
TEST_CASE("mutations of a SQLite file in gzip") {
  demand_form("shop.db.gz");
}
TEST_CASE("mutations of a plain dump of PostgreSQL") {
  demand_form("plain.sql");
}
TEST_CASE("mutations of a plain dump of PostgreSQL in gzip") {
  demand_form("plain.sql.gz");
}
TEST_CASE("mutations of a custom archive of PostgreSQL") {
  demand_form("custom.dump");
}
TEST_CASE("mutations of a custom archive of PostgreSQL without compression") {
  demand_form("custom_z0.dump");
}
TEST_CASE("mutations of a tar archive of PostgreSQL") {
  demand_form("tar.tar");
}
