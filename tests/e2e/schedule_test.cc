// SPDX-License-Identifier: Apache-2.0
// What is to come, as `schedule` and `check-config` say it.
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/text.h"
#include "support/program.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

// Three targets: one with everything, one of another zone, one that is disabled.
std::string config_file(const Folder& folder) {
  std::filesystem::create_directory(folder / "b");
  const std::string source = "source = { kind = \"directory\", path = \"b\" }\n";
  return folder
      .write("c.toml",
             "state_dir = \"s\"\n[defaults]\njitter = \"10m\"\n"
             "[[target]]\nname = \"crm\"\n" +
                 source +
                 "schedule = \"0 3 * * *\"\ntime_zone = \"Australia/Lord_Howe\"\n"
                 "blackout = [\"02:00-05:30\"]\nselftest.schedule = \"0 12 * * fri#2\"\n"
                 "drill = { schedule = \"0 4 L * *\", backup_command = \"true\" }\n"
                 "[[target]]\nname = \"shop\"\n" +
                 source +
                 "schedule = \"@hourly\"\n"
                 "[[target]]\nname = \"off\"\nenabled = false\n" +
                 source + "[[target]]\nname = \"hand\"\nschedule = \"none\"\n" + source)
      .native();
}

std::vector<json> documents(const std::string& lines) {
  std::vector<json> out;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
  return out;
}

}  // namespace

TEST_CASE("schedule lists the coming starts in order, in the target's zone and in UTC") {
  const Folder folder;
  const std::string config = config_file(folder);
  const TimePoint now = system_clock().now();
  const Output output =
      program({"schedule", "--config.file", config, "--days", "40", "--format", "json"});
  REQUIRE(output.ended.exit_code == 0);
  std::map<std::string, int> counts;
  std::set<std::string> delays;
  TimePoint last = now;
  for (const json& one : documents(output.out)) {
    INFO(one.dump());
    const TimePoint start = at(one.at("start").get<std::string>());
    const std::string local = one.at("local"), target = one.at("target"), kind = one.at("kind");
    CHECK(start >= last);
    CHECK(start <= now + std::chrono::days(40) + std::chrono::minutes(1));
    CHECK(at(local) == start);
    CHECK(at(one.at("scheduled").get<std::string>()) <= start);
    ++counts[target + ' ' + kind];
    last = start;
    if (target == "shop") {
      delays.insert(local.substr(14, 5));
      CHECK(local.ends_with("+00:00"));
    } else {
      CHECK(one.at("time_zone") == "Australia/Lord_Howe");
      CHECK((local.ends_with("+10:30") || local.ends_with("+11:00")));
      if (kind != "self-test") CHECK(local.substr(11, 8) == "05:30:00");
    }
  }
  CHECK(delays.size() == 1);
  CHECK(counts["shop verification"] == 40 * 24);
  CHECK(counts["crm verification"] >= 39);
  CHECK(counts["crm verification"] <= 41);
  CHECK(counts["crm self-test"] >= 1);
  CHECK(counts["crm drill"] >= 1);
  CHECK(counts.size() == 4);
}

TEST_CASE("schedule is a week of text unless it is told otherwise") {
  const Folder folder;
  const std::string config = config_file(folder);
  const Output output = program({"schedule", "--config.file", config});
  CHECK(output.ended.exit_code == 0);
  const auto lines = std::count(output.out.begin(), output.out.end(), '\n');
  CHECK(lines >= 7 * 25 - 1);
  CHECK(lines <= 7 * 25 + 2);
  CHECK(output.out.find("verification  shop  (UTC)\n") != std::string::npos);
  CHECK(output.out.find("Z  verification  crm  (Australia/Lord_Howe)\n") != std::string::npos);
}

TEST_CASE("schedule refuses what it does not understand") {
  const Folder folder;
  const std::string config = config_file(folder);
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{},
                                             {"--config.file", "/no/such/file"},
                                             {"--config.file", config, "--days", "0"},
                                             {"--config.file", config, "--days", "367"},
                                             {"--config.file", config, "--format", "xml"}}) {
    std::vector<std::string> arguments{"schedule"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CHECK(program(arguments).ended.exit_code == 64);
  }
}

TEST_CASE("check-config says when verification, self-test and drill of each target are next") {
  const Folder folder;
  const std::string config = config_file(folder);
  const Output output = program({"check-config", config});
  INFO(output.out << output.err);
  REQUIRE(output.ended.exit_code == 0);
  const std::string coming =
      program({"schedule", "--config.file", config, "--days", "99", "--format", "json"}).out;
  std::map<std::string, std::string> next;  // by target and kind
  for (const json& one : documents(coming))
    next.emplace(one.at("target").get<std::string>() + ' ' + one.at("kind").get<std::string>(),
                 one.at("start"));
  CHECK(output.out.find("  crm: next run " + next.at("crm verification") + ", next self-test " +
                        next.at("crm self-test") + ", next drill " + next.at("crm drill") + "\n") !=
        std::string::npos);
  CHECK(output.out.find("  shop: next run " + next.at("shop verification") + "\n") !=
        std::string::npos);
  CHECK(output.out.find("  off: disabled\n") != std::string::npos);
  CHECK(output.out.find("  hand: only by hand\n") != std::string::npos);
}

TEST_CASE("check-config tells what is wrong with jitter and windows, each with its line") {
  const Folder folder;
  std::filesystem::create_directory(folder / "b");
  const Path config = folder.write("c.toml", R"([[target]]
name = "crm"
source = { kind = "directory", path = "b" }
schedule = "*/5 * * * *"
jitter = "5m"
blackout = ["mon-fri 8-18"]
)");
  const Output output = program({"check-config", config.native()});
  CHECK(output.ended.exit_code == 64);
  CHECK(output.err.find(":5: target \"crm\": jitter: expected less than 5m") != std::string::npos);
  CHECK(output.err.find(":6: target \"crm\": blackout: expected a window of the day") !=
        std::string::npos);
}
