// SPDX-License-Identifier: Apache-2.0
// The history as its users have it: its logs, and what happens when its file is damaged.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/run_json.h"
#include "support/damage.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

constexpr std::string_view runs_of_crm = "backproof_runs_total{target=\"crm\"}";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class Site {
 public:
  Site() {
    std::filesystem::create_directories(folder_ / "crm");
    folder_.write("backproof.toml",
                  "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = \"crm\"\n"
                  "source = { kind = \"directory\", path = \"crm\", settle = \"0s\" }\n");
    const Path shop = make_shop(folder_, "x.db");
    std::filesystem::rename(shop, folder_ / "crm/a.db");
  }
  Path config() const { return folder_ / "backproof.toml"; }
  Path history() const { return folder_ / "state/history.sqlite"; }
  const Folder& folder() const { return folder_; }
  Output call(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config.file", config().native()});
    return program(arguments);
  }
  void verify() const {
    const Output output = call({"verify", "--target", "crm", "--quiet"});
    INFO(output.err);
    REQUIRE(output.ended.exit_code == 0);
  }
  std::string last_run() const {
    return json::parse(call({"history", "--format", "json", "--limit", "1"}).out).at("id");
  }
  // The first page is noise afterwards.
  std::string damage() const {
    std::string bytes = read_file(history(), 64U << 20U).value();
    bytes.replace(0, 4096, Random(9).bytes(4096));
    folder_.write("state/history.sqlite", bytes);
    return bytes;
  }

 private:
  Folder folder_;
};

}  // namespace

TEST_CASE("show --log tells a run from its beginning to its end, as logfmt and as JSON") {
  const Site site;
  site.verify();
  const std::string id = site.last_run();
  const Output text = site.call({"show", id, "--log"});
  CHECK(text.ended.exit_code == 0);
  const auto lines = text::split(std::string_view(text.out).substr(0, text.out.size() - 1), '\n');
  for (const std::string_view line : lines)
    CHECK((line.starts_with("time=") && has(line, " level=") && has(line, " msg=")));
  CHECK(has(lines.front(), "msg=\"run begins\""));
  CHECK(has(lines.back(), "msg=\"run ended\" verdict=passed cause=none took="));
  for (const char* said :
       {"msg=\"run begins\" target=crm run=", "msg=\"chosen: a.db", "the newest of 1 backup",
        "msg=\"stage begins\" stage=restore",
        "msg=\"stage ended\" stage=restore took=", "isolation=", "format=\"sqlite database\"",
        "msg=restored stage=restore bytes=", "msg=\"tables counted\" stage=check tables=",
        "msg=\"check answered\" stage=check check="}) {
    INFO(said << " in\n" << text.out);
    CHECK(has(text.out, said));
  }
  CHECK(lines.size() < 60);

  const Output document = site.call({"show", id, "--log", "--format", "json"});
  std::size_t count = 0;
  for (const std::string_view line : text::split(document.out, '\n')) {
    if (line.empty()) continue;
    const json parsed = json::parse(line);
    CHECK((parsed.contains("time") && parsed.contains("level") && parsed.contains("msg")));
    ++count;
  }
  CHECK(count == lines.size());
  CHECK(has(site.call({"show", id}).out, text.out));
  CHECK(site.call({"show", id, "--format", "logfmt"}).ended.exit_code == 64);
  CHECK(site.call({"show", id, "--log", "--format", "text"}).ended.exit_code == 64);
}

TEST_CASE("a service on a damaged history ends and names the repair, which brings its runs back") {
  const Site site;
  site.verify();
  site.verify();
  const std::string id = site.last_run();
  CHECK(has(site.call({"history", "repair"}).out, "is whole: nothing was changed"));
  const std::string damaged = site.damage();
  const Output refused = site.call({"serve", "--web.listen-address", "127.0.0.1:0"});
  CHECK(refused.ended.exit_code == 64);
  CHECK(has(refused.err, "state/history.sqlite"));
  CHECK(has(refused.err, "backproof history repair"));
  CHECK(read_file(site.history()).value() == damaged);

  const Output repaired = site.call({"history", "repair"});
  INFO(repaired.out << repaired.err);
  CHECK(repaired.ended.exit_code == 0);
  CHECK(has(repaired.out, "history.sqlite.damaged-"));
  CHECK(has(repaired.out, "runs                   2       0"));
  CHECK(has(site.call({"show", id, "--log"}).out, "run ended"));
  const Server server(site.config());
  CHECK(server.metric(std::string(runs_of_crm)) >= 2);
  CHECK(server.metric("backproof_history_store_up") == 1);
  const Output in_use = site.call({"history", "repair"});
  CHECK(in_use.ended.exit_code == 64);
  CHECK(has(in_use.err, "another backproof serves the history"));
}

TEST_CASE("a repair by root leaves the history to the user that it belongs to") {
  if (geteuid() != 0) {
    WARN("SKIPPED: only root can repair another user's history");
    return;
  }
  const Site site;
  site.verify();
  site.damage();
  REQUIRE(chown(site.history().c_str(), 65534, 65534) == 0);
  CHECK(site.call({"history", "repair"}).ended.exit_code == 0);
  struct stat now {};
  REQUIRE(stat(site.history().c_str(), &now) == 0);
  CHECK(now.st_uid == 65534);
  CHECK((now.st_mode & 0777U) == 0600);
}

TEST_CASE("a run whose log is no longer kept is shown, and says so") {
  const Site site;
  site.verify();
  const std::string id = site.last_run();
  sh("sqlite3 '" + site.history().native() + "' 'UPDATE runs SET log = NULL'");
  CHECK(has(site.call({"show", id}).out, "log\nno longer kept\n"));
  const Output log = site.call({"show", id, "--log"});
  CHECK(log.out.empty());
  CHECK(has(log.err, "retention.logs"));
}
