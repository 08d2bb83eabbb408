// SPDX-License-Identifier: Apache-2.0
// One suite that every engine must pass: its own backups and nobody else's, exact counts, and the
// right cause for what is cut, empty or foreign.
#include <map>

#include "engines/engine.h"
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A good backup of each engine's form, all with the same 6000 rows in two tables.
using Samples = std::map<std::string, Path (*)(const Folder&, std::string_view)>;
const Samples all_samples{
    {"sqlite_file", make_shop},
    {"sqlite_sql", make_dump},
    {"pg_plain", make_pg_plain},
    {"pg_archive", make_pg_archive},
};

// Those that can be made here; what is missing is said.
Samples samples_here() {
  Samples samples = all_samples;
  if (pg_missing())
    std::erase_if(samples, [](const auto& s) { return s.first.starts_with("pg_"); });
  return samples;
}

std::unique_ptr<Engine> made(const EngineKind& kind) {
  const Table none;
  Problems problems;
  Options options(none, 0, "test", problems);
  auto engine = kind.make(options);
  options.finish();
  REQUIRE(problems.empty());
  return engine;
}

}  // namespace

TEST_CASE("every engine says what it is and has a sample") {
  for (const EngineKind* kind : all_engines()) {
    INFO(kind->name);
    CHECK_FALSE(kind->summary.empty());
    CHECK_FALSE(kind->format.empty());
    CHECK(all_samples.contains(std::string(kind->name)));
  }
  CHECK(all_samples.size() == all_engines().size());
}

TEST_CASE("every engine recognizes its own backups and no others") {
  const Folder folder;
  for (const auto& [name, make] : samples_here()) {
    const std::string content = content_of(make(folder, "sample-" + name));
    for (const EngineKind* kind : all_engines()) {
      INFO(kind->name << " and a backup for " << name);
      CHECK(made(*kind)->recognizes(as_bytes(content.substr(0, 65536))) == (kind->name == name));
    }
  }
}

TEST_CASE("no engine recognizes nothing, noise or its sample from the second byte on") {
  const Folder folder;
  for (const EngineKind* kind : all_engines()) {
    INFO(kind->name);
    const auto engine = made(*kind);
    CHECK_FALSE(engine->recognizes({}));
    for (std::uint64_t seed = 0; seed < 200; ++seed)
      CHECK_FALSE(engine->recognizes(as_bytes(Random(seed).bytes(1 + seed * 37))));
  }
}

TEST_CASE("every engine restores its sample with exact counts, bare and in every container") {
  const Folder folder;
  for (const auto& [name, make] : samples_here()) {
    const Path sample = make(folder, "sample-" + name);
    for (const std::string tool :
         {"cat", "gzip", "zstd -q", "xz", "bzip2", "lz4 -q", "gzip | zstd -q | xz"}) {
      const Path file = folder / "packed";
      sh("cat " + sample.native() + " | " + (tool == "cat" ? "cat" : tool) + " >" + file.native());
      const Run run = verified(file, {"--engine", name});
      INFO(name << " in " << tool << ": " << run.reason);
      CHECK(run.verdict == Verdict::passed);
      CHECK(total_rows(run) == 6000);
      CHECK(run.tables.size() == 2);
      CHECK(run.restored_bytes > 0);
    }
  }
}

TEST_CASE("every engine calls a sample that was cut truncated, at every tenth of it") {
  const Folder folder;
  for (const auto& [name, make] : samples_here()) {
    const std::string content = content_of(make(folder, "sample-" + name));
    for (std::size_t tenth = 1; tenth < 10; ++tenth) {
      const Run run = verified(folder.write("cut", content.substr(0, content.size() * tenth / 10)));
      INFO(name << " cut at " << tenth << "/10: " << run.reason);
      CHECK(run.cause == Cause::truncated);
    }
  }
}

TEST_CASE("an engine that was asked for does not take another's backup") {
  const Folder folder;
  for (const auto& [name, make] : samples_here()) {
    const Path sample = make(folder, "sample-" + name);
    for (const EngineKind* kind : all_engines()) {
      if (kind->name == name) continue;
      const Run run = verified(sample, {"--engine", std::string(kind->name)});
      INFO(kind->name << " and a backup for " << name);
      CHECK(run.cause == Cause::wrong_format);
    }
  }
}
