// SPDX-License-Identifier: Apache-2.0
// One verification by another scheduler, and its series by node_exporter.
#include <poll.h>
#include <unistd.h>

#include <array>

#include "base/text.h"
#include "support/damage.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Two targets; of "books" there is no backup.
struct Site {
  Site() {
    for (const char* sub : {"shop", "books", "text"})
      std::filesystem::create_directory(folder / sub);
    std::filesystem::copy_file(make_shop(folder), folder / "shop/a.db");
    config = folder.write("backproof.toml", "state_dir = \"state\"\nscratch_dir = \"" +
                                                scratch.path().native() +
                                                "\"\n[[target]]\nname = \"shop\"\nsource = { kind "
                                                "= \"directory\", path = \"shop\", settle = "
                                                "\"0s\" }\n[[target]]\nname = \"books\"\nsource = "
                                                "{ kind = \"directory\", path = \"books\" }\n");
  }
  Output verify(const std::string& target, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"verify", "--config.file", config.native(), "--target",
                                       target};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return program(arguments);
  }
  std::vector<std::string> textfile() const { return {"--textfile", file().native()}; }
  Path file() const { return folder / "text/backproof.prom"; }

  Folder folder;
  Scratch scratch;
  Path config;
};

// Lines of samples, without the help.
std::vector<std::string> samples(const std::string& page, const std::string& start) {
  std::vector<std::string> found;
  for (const std::string_view line : text::split(page, '\n'))
    if (line.starts_with(start)) found.emplace_back(line);
  return found;
}

}  // namespace

TEST_CASE("a verification by another scheduler leaves the series of every target in a file") {
  const Site site;
  CHECK(site.verify("shop", site.textfile()).ended.exit_code == 0);
  const std::string page = read_file(site.file()).value();
  CHECK(page.find("backproof_last_run_result{target=\"shop\",result=\"passed\"} 1\n") !=
        std::string::npos);
  CHECK(page.find("backproof_last_run_timestamp_seconds{target=\"books\"} 0\n") !=
        std::string::npos);
  CHECK(page.find("process_") == std::string::npos);
  CHECK(sh("stat -c %a " + site.file().native()) == "644\n");
  CHECK(sh("ls " + (site.folder / "text").native()) == "backproof.prom\n");
  // The history is shared: the next one counts on.
  CHECK(site.verify("books", site.textfile()).ended.exit_code == 2);
  const std::string after = read_file(site.file()).value();
  CHECK(after.find("backproof_runs_total{target=\"shop\"} 1\n") != std::string::npos);
  CHECK(after.find("backproof_runs_total{target=\"books\"} 1\n") != std::string::npos);
  // The service says the same of a target, in the same words.
  const Server service(site.config);
  const std::string served = service.get("/metrics");
  for (const char* family : {"backproof_runs_total{", "backproof_last_run_result{",
                             "# HELP backproof_last_run_result ", "backproof_last_restore_rows{"})
    CHECK(samples(served, family) == samples(after, family));
}

TEST_CASE("a file for the collector needs a target, a name that is read, and a folder") {
  const Site site;
  const Output name = site.verify("shop", {"--textfile", (site.folder / "text/x").native()});
  CHECK(name.ended.exit_code == 64);
  CHECK(name.err.find("end in .prom") != std::string::npos);
  CHECK(site.verify("shop", {"--textfile", "/nowhere/backproof.prom"}).ended.exit_code == 64);
  CHECK(program({"verify", (site.folder / "shop/a.db").native(), "--textfile", "x.prom"})
            .ended.exit_code == 64);
}

TEST_CASE("node_exporter shows what a verification has left for it") {
  if (sh("command -v prometheus-node-exporter || true").empty()) {
    WARN("skipped: prometheus-node-exporter is not installed");
    return;
  }
  const Site site;
  CHECK(site.verify("shop", site.textfile()).ended.exit_code == 0);
  auto exporter =
      Child::start({{"prometheus-node-exporter", "--web.listen-address=127.0.0.1:0",
                     "--collector.disable-defaults", "--collector.textfile",
                     "--collector.textfile.directory=" + (site.folder / "text").native()},
                    {},
                    ""});
  REQUIRE(exporter);
  std::string said, address;
  const Stopwatch watch;
  while (address.empty()) {
    INFO(said);
    REQUIRE(watch.took() < std::chrono::minutes(1));
    pollfd err{exporter->err(), POLLIN, 0};
    REQUIRE(poll(&err, 1, 60000) == 1);
    std::array<char, 4096> buffer{};
    const ssize_t n = ::read(exporter->err(), buffer.data(), buffer.size());
    REQUIRE(n > 0);
    said.append(buffer.data(), static_cast<std::size_t>(n));
    const std::size_t at = said.find("address=127.0.0.1:");
    if (at != std::string::npos && said.find('\n', at) != std::string::npos)
      address = said.substr(at + 8, said.find_first_of(" \n", at) - at - 8);
  }
  const std::string page = sh("curl -sS http://" + address + "/metrics");
  CHECK(page.find("node_textfile_scrape_error 0\n") != std::string::npos);
  CHECK(page.find("backproof_last_run_result{result=\"passed\",target=\"shop\"} 1\n") !=
        std::string::npos);
  CHECK(page.find("node_textfile_mtime_seconds{file=\"") != std::string::npos);
  exporter->kill_group();
}
