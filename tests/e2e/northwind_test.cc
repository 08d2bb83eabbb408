// SPDX-License-Identifier: Apache-2.0
// A public sample database in every form, whole and damaged. Skipped where the data is not there.
#include <map>

#include "support/damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const Path data = Path(BACKPROOF_SOURCE_DIR) / "../shared/data/northwind-create.sql";

bool missing() {
  if (std::filesystem::exists(data)) return false;
  WARN("SKIPPED: no " << data);
  return true;
}

const std::map<std::string, std::string> packers{{"", "cat"},         {".gz", "gzip -n"},
                                                 {".zst", "zstd -q"}, {".xz", "xz -1"},
                                                 {".bz2", "bzip2"},   {".lz4", "lz4 -q"}};

// The database file and its dump, NAME.db and NAME.sql.
void load(const Folder& folder) {
  const std::string db = (folder / "n.db").native();
  sh("sqlite3 " + db + " <" + data.native() + " >/dev/null && sqlite3 " + db + " .dump >" +
     (folder / "n.sql").native());
}

std::map<std::string, std::uint64_t> counts_of(const Run& run) {
  std::map<std::string, std::uint64_t> counts;
  for (const TableFact& fact : run.tables) counts[fact.table] = fact.rows;
  return counts;
}

std::map<std::string, std::uint64_t> counted_by_sqlite3(const Path& db) {
  std::map<std::string, std::uint64_t> counts;
  const std::string names =
      sh("sqlite3 " + db.native() +
         " \"select name from sqlite_schema where type='table' and name not like 'sqlite_%'\"");
  for (std::size_t at = 0, end; (end = names.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string name = names.substr(at, end - at);
    counts[name] =
        std::stoull(sh("sqlite3 " + db.native() + " 'select count(*) from \"" + name + "\"'"));
  }
  return counts;
}

}  // namespace

TEST_CASE("northwind passes in every form and compression with its exact counts") {
  if (missing()) return;
  const Folder folder;
  load(folder);
  const auto expected = counted_by_sqlite3(folder / "n.db");
  CHECK(expected.size() == 13);
  CHECK(expected.at("Order Details") == 2155);
  for (const std::string form : {"n.db", "n.sql"}) {
    for (const auto& [suffix, packer] : packers) {
      const Path file = folder / ("backup-" + form + suffix);
      sh(packer + " <" + (folder / form).native() + " >" + file.native());
      const Run run = verified(file);
      INFO(file << " " << run.reason);
      CHECK(run.verdict == Verdict::passed);
      CHECK(run.findings.empty());
      CHECK(counts_of(run) == expected);
    }
  }
}

TEST_CASE("northwind with any damage to its container, its pages or its text never passes") {
  if (missing()) return;
  const Folder folder;
  load(folder);
  Random random(20);
  for (const std::string form : {"n.db", "n.sql"}) {
    for (const auto& [suffix, packer] : packers) {
      const Path file = folder / ("backup-" + form + suffix);
      sh(packer + " <" + (folder / form).native() + " >" + file.native());
      const std::string good = content_of(file);
      const auto demand_failure = [&](const std::string& what, const std::string& bytes) {
        const Run run = verified(folder.write("damaged" + suffix, bytes));
        INFO(form << suffix << " " << what << ": " << run.reason);
        CHECK(run.verdict == Verdict::failed);
      };
      demand_failure("cut in half", good.substr(0, good.size() / 2));
      demand_failure("cut by a byte more than its padding", good.substr(0, good.size() - 9));
      demand_failure("with a hole of zeros",
                     std::string(good).replace(good.size() / 3, 8192, 8192, '\0'));
      demand_failure("empty", "");
      if (suffix.empty()) continue;
      std::string flipped = good;
      const std::size_t at = good.size() / 4 + random.below(good.size() / 2);
      flipped[at] = static_cast<char>(flipped[at] ^ 4);
      demand_failure("with a bit flipped at " + std::to_string(at), flipped);
    }
  }
}

TEST_CASE("northwind with an order of a customer that is gone fails its foreign keys") {
  if (missing()) return;
  const Folder folder;
  load(folder);
  sh("sqlite3 " + (folder / "n.db").native() +
     " \"delete from Customers where CustomerID = 'ALFKI'\"");
  const Run run = verified(folder / "n.db");
  CHECK(run.verdict == Verdict::failed);
  CHECK(seen_by(run) == "check foreign_keys");
}
