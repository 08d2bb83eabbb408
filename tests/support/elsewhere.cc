// SPDX-License-Identifier: Apache-2.0
#include "support/elsewhere.h"

#include "support/damage.h"
#include "support/program.h"

namespace backproof::test {
namespace {

std::string quoted(const std::string& script) {
  return "'''\n" + script + "'''\n";
}

}  // namespace

Elsewhere::Elsewhere() {
  for (const char* name : {"vault", "scratch", "state"})
    std::filesystem::create_directory(folder / name);
}

Path Elsewhere::lay(const std::string& name) const {
  const Path path = folder / "vault" / name;
  sh("mv " + make_shop(folder, "x.db").native() + " " + path.native());
  return path;
}

Path Elsewhere::write_config() const {
  return folder.write(
      "c.toml", "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = \"shop\"\n" +
                    target + "\n[target.source]\nkind = \"command\"\nlist = " + quoted(list) +
                    "fetch = " + quoted(fetch) + source + "\nenvironment = { VAULT = \"" +
                    (folder / "vault").native() + "\", MARK = \"" + folder.path().native() +
                    "\" }\nsecrets = { " + secrets + " }\n");
}

Output Elsewhere::call(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--config.file", write_config().native()});
  return program(arguments);
}

nlohmann::json Elsewhere::verify() const {
  const Output output = call({"verify", "--target", "shop", "--format", "json"});
  INFO(output.err);
  REQUIRE_FALSE(output.out.empty());
  CHECK(left().empty());
  // What was left would stay; what was killed may take a busy kernel a moment.
  const Stopwatch watch;
  while (!survivors().empty() && watch.took() < std::chrono::seconds(10)) continue;
  CHECK(survivors().empty());
  return nlohmann::json::parse(output.out);
}

std::string Elsewhere::survivors() const {
  return sh("for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qx 'MARK=" +
            folder.path().native() + "' && echo $p; done 2>/dev/null || true");
}

std::vector<std::string> Elsewhere::left() const {
  return left_in(folder / "scratch");
}

bool missing(const std::vector<std::string>& programs) {
  for (const std::string& program : programs) {
    if (!sh("command -v " + program + " || true").empty()) continue;
    WARN("SKIPPED: " << program << " is not installed");
    return true;
  }
  return false;
}

std::string stages_of(const nlohmann::json& run) {
  std::string names;
  for (const nlohmann::json& stage : run.at("stages"))
    names += (names.empty() ? "" : ",") + stage.at("stage").get<std::string>();
  return names;
}

}  // namespace backproof::test
