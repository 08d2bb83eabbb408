// SPDX-License-Identifier: Apache-2.0
// The program as it is called.
#include <nlohmann/json.hpp>

#include "support/damage.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

Output call(const std::vector<std::string>& arguments) {
  return program(arguments);
}

}  // namespace

TEST_CASE("the exit code is the worst verdict of several backups") {
  const Folder folder;
  const std::string good = make_shop(folder).native();
  const std::string bad = folder.write("bad.db", "x").native();
  const std::string missing = (folder / "missing.db").native();
  CHECK(call({"verify", good}).ended.exit_code == 0);
  CHECK(call({"verify", good, missing}).ended.exit_code == 2);
  CHECK(call({"verify", good, missing, bad, good}).ended.exit_code == 1);
}

TEST_CASE("quiet prints nothing, and no progress goes where no terminal is") {
  const Folder folder;
  const Output quiet = call({"verify", "--quiet", make_shop(folder).native()});
  CHECK(quiet.out.empty());
  CHECK(quiet.err.empty());
  const Output loud = call({"verify", (folder / "shop.db").native()});
  CHECK(loud.err.empty());
  CHECK(loud.out.starts_with("passed"));
}

TEST_CASE("the JSON document holds what was promised") {
  const Folder folder;
  sh("gzip " + make_shop(folder).native());
  const json run =
      json::parse(call({"verify", "--format", "json", (folder / "shop.db.gz").native()}).out);
  CHECK(run.at("version") == 1);
  CHECK(run.at("verdict") == "passed");
  CHECK(run.at("cause") == "none");
  CHECK(run.at("backup").at("path").get<std::string>() == (folder / "shop.db.gz").native());
  CHECK(run.at("backup").at("sha256") ==
        sh("sha256sum " + (folder / "shop.db.gz").native() + " | cut -c1-64 | tr -d '\\n'"));
  CHECK(run.at("format").at("containers") == "gzip");
  CHECK(run.at("isolation") == "full");
  CHECK(run.at("stages").size() == 7);
  CHECK(run.at("checks").size() == 6);
  CHECK(run.at("tables").size() == 2);
  CHECK(run.at("restored_bytes").get<long>() > 100'000);
  CHECK(run.at("resources").at("max_rss_bytes").get<long>() > 1'000'000);
}

TEST_CASE("names with spaces, dashes and newlines are names") {
  const Folder folder;
  for (const std::string name :
       {"-rf", "a b.db", "line\nbreak.db", "$(id)", "'quote\"", "\xff\xfe.db"}) {
    const Path file = folder / name;
    std::filesystem::rename(make_shop(folder), file);
    const Output output = call({"verify", "--format", "json", "--", file.native()});
    INFO(name);
    CHECK(output.ended.exit_code == 0);
    std::filesystem::remove(file);
  }
}

TEST_CASE("usage errors exit 64 and say what is wrong") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"no-such-command"},
        {"verify"},
        {"verify", "--no-such-flag", "x"},
        {"verify", "--format", "xml", "x"},
        {"verify", "--timeout", "soon", "x"},
        {"verify", "--engine", "mysql", "x"},
        {"verify", "--timeout", "0", "x"},
        {"verify", "--scratch-dir", "/no/such", "x"},
        {"verify", "--config.file", "x", "--target", "y", "--timeout", "1s"},
        {"verify", "--target", "x"},
        {"serve"},
        {"check-config"},
        {"check-config", "/no/such/file"},
        {"check-config", "--web.config.file", "/no/such/file"},
        {"--log.level=loud", "kinds"}}) {
    const Output output = call(arguments);
    INFO(output.out << output.err);
    CHECK(output.ended.exit_code == 64);
    CHECK_FALSE(output.err.empty());
  }
}

TEST_CASE("version and help are for people and exit 0") {
  CHECK(call({"--version"}).out.starts_with("backproof, version 0."));
  CHECK(call({"--version"}).out.find(" (branch: ") != std::string::npos);
  const Output help = call({"--help"});
  CHECK(help.ended.exit_code == 0);
  for (const char* word :
       {"verify", "serve", "check-config", "history", "show", "kinds", "--log.level"})
    CHECK(help.out.find(word) != std::string::npos);
  CHECK(help.out.find("\n  work") == std::string::npos);
  CHECK(call({"verify", "--help"}).out.find("inconclusive") != std::string::npos);
  CHECK(call({"kinds"}).out.find("sqlite_file") != std::string::npos);
}

TEST_CASE("a recorded run is listed by history and shown with its log") {
  const Folder folder;
  std::filesystem::create_directory(folder / "b");
  std::filesystem::rename(make_shop(folder), folder / "b/shop.db");
  folder.write("c.toml",
               "state_dir = \"s\"\n[[target]]\nname = \"shop\"\nsource = { kind = \"directory\", "
               "path = \"b\", settle = \"0s\" }\n");
  const std::string config = (folder / "c.toml").native();
  CHECK(call({"check-config", config}).ended.exit_code == 0);
  CHECK(call({"history", "--config.file", config}).err.find("no history yet") != std::string::npos);
  REQUIRE(call({"verify", "--config.file", config, "--target", "shop"}).ended.exit_code == 0);
  const json run = json::parse(call({"history", "--config.file", config, "--format", "json"}).out);
  CHECK(run.at("target") == "shop");
  const std::string id = run.at("id");
  const Output shown = call({"show", "--config.file", config, id.substr(0, 12)});
  CHECK(shown.out.starts_with("passed"));
  CHECK(shown.out.find("restore took") != std::string::npos);
  CHECK(call({"show", "--config.file", config, "zzz"}).ended.exit_code == 64);
}

TEST_CASE("an integrity option that is no choice is a usage error and pragma asks SQLite itself") {
  const Folder folder;
  std::filesystem::create_directory(folder / "b");
  std::filesystem::rename(make_shop(folder), folder / "b/shop.db");
  const std::string target =
      "state_dir = \"s\"\n[[target]]\nname = \"shop\"\nsource = { kind = \"directory\", path = "
      "\"b\", settle = \"0s\" }\n[target.engine_options]\nintegrity = ";
  const std::string config = folder.write("c.toml", target + "\"pragma\"\n").native();
  sh("mkdir " + (folder / "s").native());
  const json run = json::parse(
      call({"verify", "--config.file", config, "--target", "shop", "--format", "json"}).out);
  CHECK(run.at("verdict") == "passed");
  CHECK(run.at("checks").at(0).at("detail") == "by integrity_check");
  folder.write("c.toml", target + "\"maybe\"\n");
  CHECK(call({"check-config", config}).ended.exit_code == 64);
}

TEST_CASE("on a terminal a progress bar says the stage and is gone in the end") {
  const Folder folder;
  const std::string file = make_dump(folder).native();
  const std::string seen = sh("script -qec " + std::string("'") + BACKPROOF_PROGRAM + " verify " +
                              file + "' /dev/null </dev/null");
  INFO(seen);
  CHECK(seen.find("\r\x1b[Krestore") != std::string::npos);
  CHECK(seen.find("\r\x1b[Kpassed") != std::string::npos);
  const std::string quiet = sh("script -qec " + std::string("'") + BACKPROOF_PROGRAM +
                               " verify -q " + file + "' /dev/null </dev/null");
  CHECK(quiet.empty());
}

TEST_CASE(
    "a file named beside a target is verified by its settings but is not the target's result") {
  const Folder folder;
  std::filesystem::create_directory(folder / "b");
  folder.write(
      "c.toml",
      "state_dir = \"s\"\n[[target]]\nname = \"shop\"\nsource = { kind = \"directory\", path = "
      "\"b\", settle = \"0s\" }\n[[target.check]]\nkind = \"row_count\"\nmin = 7000\n");
  const std::string config = (folder / "c.toml").native();
  const Output output =
      call({"verify", "--config.file", config, "--target", "shop", make_shop(folder).native()});
  CHECK(output.ended.exit_code == 1);
  CHECK(output.out.find("at least 7,000 rows") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "s/history.sqlite"));
}

TEST_CASE("history and show work while the sources are away") {
  const Folder folder;
  std::filesystem::create_directory(folder / "b");
  std::filesystem::rename(make_shop(folder), folder / "b/shop.db");
  folder.write(
      "c.toml",
      "state_dir = \"s\"\n[[target]]\nname = \"shop\"\nsource = { kind = \"directory\", path = "
      "\"b\", settle = \"0s\" }\n");
  const std::string config = (folder / "c.toml").native();
  REQUIRE(call({"verify", "-q", "--config.file", config, "--target", "shop"}).ended.exit_code == 0);
  std::filesystem::rename(folder / "b", folder / "away");
  CHECK(call({"check-config", config}).ended.exit_code == 64);
  const Output history = call({"history", "--config.file", config});
  CHECK(history.ended.exit_code == 0);
  CHECK(history.out.find("passed") != std::string::npos);
}
