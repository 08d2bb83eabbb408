// SPDX-License-Identifier: Apache-2.0
// Which backup is verified: the whole way from bytes on the disk to reports and series.
#include <nlohmann/json.hpp>

#include "model/manifest.h"
#include "support/damage.h"
#include "support/pg.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

// A target "crm" over a folder of backups.
struct House {
  explicit House(const std::string& select, const std::string& source = "") {
    std::filesystem::create_directory(folder / "b");
    folder.write("c.toml",
                 "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = \"crm\"\n"
                 "source = { kind = \"directory\", path = \"b\", settle = \"0s\"" +
                     source + " }\nselect = " + select + "\n");
  }
  void lay(const std::string& name, const std::string& age) const {
    sh("mv " + make_shop(folder, "x.db").native() + " " + (folder / "b" / name).native() +
       "; touch -d '" + age + "' " + (folder / "b" / name).native());
  }
  std::vector<json> verify(int exit_code = 0) const {
    const Output output = program({"verify", "--config.file", (folder / "c.toml").native(),
                                   "--target", "crm", "--format", "json"});
    INFO(output.err);
    if (exit_code != any) CHECK(output.ended.exit_code == exit_code);
    err = output.err;
    std::vector<json> runs;
    std::istringstream lines(output.out);
    for (std::string line; std::getline(lines, line);) runs.push_back(json::parse(line));
    return runs;
  }
  static constexpr int any = -1;
  Folder folder;
  mutable std::string err;
};

std::string id_of(const json& run) {
  return run.at("backup").at("id");
}

bool logs(const json& run, std::string_view part) {
  for (const json& line : run.at("log"))
    if (line.at("text").get<std::string>().find(part) != std::string::npos) return true;
  return false;
}

// An archive of pg_dump that says that it was made in 2020.
std::string old_archive() {
  constexpr std::size_t year_at = 11 + 5 + 5 * 5 + 1;
  std::string bytes = read_file(pg_dump_file("rental", "custom.dump"), 1U << 30U).value();
  REQUIRE(bytes.at(6) <= 14);  // later versions have a shorter header
  REQUIRE(static_cast<unsigned char>(bytes.at(year_at)) > 120);
  bytes[year_at] = 120;
  return bytes;
}

}  // namespace

TEST_CASE("F23: a copy of an old archive is not the newest backup, packed or not") {
  if (pg_missing()) return;
  const House house("\"newest\"");
  house.folder.write("b/copy.dump", old_archive());
  sh("gzip -k " + (house.folder / "b/copy.dump").native());
  house.lay("new.db", "1 hour ago");
  const auto runs = house.verify();
  REQUIRE(runs.size() == 1);
  CHECK(id_of(runs[0]) == "new.db");
  CHECK(logs(runs[0], "chosen: new.db of "));
  CHECK(logs(runs[0], "copy.dump of 2020-"));
  CHECK(logs(runs[0], "copy.dump.gz of 2020-"));
  CHECK(logs(runs[0], "as its content says (modified "));
}

TEST_CASE("F23: verified itself, it is said to be older than its file") {
  if (pg_missing()) return;
  const House house("\"newest\"");
  house.folder.write("b/copy.dump", old_archive());
  const auto runs = house.verify();
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].at("backup").at("evidence") == "content");
  CHECK(runs[0].at("backup").at("created").get<std::string>().starts_with("2020-"));
  CHECK(runs[0].dump().find("the backup is older than its file: it is of 2020-") !=
        std::string::npos);
}

TEST_CASE("all forms of pg_dump that know when they were made are asked by a jailed process") {
  if (pg_missing()) return;
  const House house("\"every_new\"");
  for (const char* form : {"custom.dump", "tar.tar", "verbose.sql"})
    std::filesystem::copy_file(pg_dump_file("rental", form), house.folder / "b" / form);
  std::filesystem::copy(pg_dump_file("rental", "directory"), house.folder / "b/folder");
  sh("zstd -q --rm " + (house.folder / "b/verbose.sql").native());
  const auto runs = house.verify();
  REQUIRE(runs.size() == 4);
  for (const json& run : runs) {
    INFO(run.dump());
    CHECK(run.at("backup").at("evidence") == "content");
    CHECK(run.at("verdict") == "passed");
  }
}

TEST_CASE("a manifest beside a backup says when it was taken, if it is of that backup") {
  const House house("\"every_new\"");
  house.lay("a.db", "2026-11-20T10:00:00Z");
  house.lay("b.db", "2026-11-20T10:00:00Z");
  Manifest manifest;
  manifest.engine = "sqlite";
  manifest.taken = at("2026-11-01T03:00:00Z");
  manifest.bytes = std::filesystem::file_size(house.folder / "b/a.db");
  house.folder.write("b/a.db.manifest.json", to_json(manifest));
  manifest.bytes += 1;
  house.folder.write("b/b.db.manifest.json", to_json(manifest));
  const auto runs = house.verify(House::any);
  REQUIRE(runs.size() == 2);
  CHECK(id_of(runs[0]) == "a.db");
  CHECK(runs[0].at("backup").at("evidence") == "manifest");
  CHECK(runs[0].at("backup").at("created") == "2026-11-01T03:00:00Z");
  CHECK(runs[1].at("backup").at("evidence") == "mtime");
  CHECK(logs(runs[0], "b.db: its manifest is of a backup of "));
}

TEST_CASE(
    "content that is no database, cut or a bomb is looked at without harm, and dated otherwise") {
  const House house("\"newest\"");
  house.lay("good.db", "1 hour ago");
  sh("cd " + (house.folder / "b").native() +
     " && head -c 300000000 /dev/zero | gzip -1 >bomb.gz && printf 'PGDMP' >cut.dump && : >empty "
     "&& "
     "printf '{' >good.db.manifest.json && touch -d '2 hours ago' bomb.gz cut.dump empty");
  const auto runs = house.verify(House::any);
  REQUIRE(runs.size() == 1);
  CHECK(id_of(runs[0]) == "good.db");
  CHECK(logs(runs[0], "good.db: reading its manifest: "));
}

TEST_CASE("F17: half a file with a marker to come is left alone") {
  const House house("\"newest\"", ", complete_marker = \"{}.done\"");
  house.lay("a.db", "2 hours ago");
  house.folder.write("b/a.db.done", "");
  house.folder.write("b/half.db", "SQLite format 3");
  const auto runs = house.verify();
  REQUIRE(runs.size() == 1);
  CHECK(id_of(runs[0]) == "a.db");
  CHECK(logs(runs[0], "half.db: not complete: there is no half.db.done"));
}

TEST_CASE("F41: every_new verifies each backup once, from the command line, too") {
  const House house("\"every_new\"");
  house.lay("b.db", "2 hours ago");
  house.lay("a.db", "3 hours ago");
  house.folder.write("b/bad.db", "no backup");
  sh("touch -d '1 hour ago' " + (house.folder / "b/bad.db").native());
  const auto runs = house.verify(1);
  REQUIRE(runs.size() == 3);
  CHECK(id_of(runs[0]) == "a.db");
  CHECK(id_of(runs[1]) == "b.db");
  CHECK(runs[2].at("verdict") == "failed");
  CHECK(house.verify().empty());
  CHECK(house.err.find("nothing to do: every backup of crm was verified") != std::string::npos);
  house.lay("c.db", "1 minute ago");
  CHECK(house.verify().size() == 1);
}

TEST_CASE("F41, F43: series say how much of what is retained is proven, and when nothing is left") {
  const House house("\"every_new\"");
  house.lay("a.db", "3 hours ago");
  house.lay("b.db", "2026-11-20T10:00:00Z");
  house.folder.write("b/bad.db", "no backup");
  const std::string of = "{target=\"crm\"}";
  {
    const Server server(house.folder / "c.toml");
    server.wait_for("/metrics", [&](const std::string&) {
      return server.metric("backproof_runs_total" + of) == 3;
    });
    CHECK(server.metric("backproof_backups" + of) == 3);
    CHECK(server.metric("backproof_backups_unverified" + of) == 0);
    CHECK(server.metric("backproof_backups_failed" + of) == 1);
    CHECK(server.metric("backproof_backups_overdue" + of) == 0);
    CHECK(server.metric("backproof_backups_verified_ratio" + of) == Approx(2.0 / 3));
    CHECK(server.metric("backproof_backups_newest_verified_timestamp_seconds" + of) > 1.79e9);
    const std::string page = server.get("/targets/crm");
    CHECK(page.find("Of 3 backups 2 passed at least once, 1 failed last, 0 were never judged") !=
          std::string::npos);
    const json state = json::parse(server.get("/api/v1/targets")).at("targets").at(0);
    CHECK(state.at("select").at("policy") == "every_new");
    CHECK(state.at("coverage").at("passed") == 2);
    CHECK(state.at("coverage").at("backups").size() == 3);
  }
  std::filesystem::remove(house.folder / "b/a.db");
  std::filesystem::remove(house.folder / "b/b.db");
  const Server server(house.folder / "c.toml");
  CHECK(server.metric("backproof_backups" + of) == 1);
  CHECK(server.metric("backproof_backups_verified_ratio" + of) == 0);
  CHECK(server.metric("backproof_backups_newest_verified_timestamp_seconds" + of) == 0);
  CHECK(server.metric("backproof_last_success_timestamp_seconds" + of) > 0);
  CHECK(server.metric("backproof_consecutive_failures" + of) >= 0);
}
