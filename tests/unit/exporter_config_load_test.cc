// SPDX-License-Identifier: Apache-2.0
#include "exporter/config.h"
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("a source folder that is missing now does not prevent loading where that is wanted") {
  const Folder folder;
  const std::string good = R"(state_dir = "state"
[[target]]
name = "a"
source = { kind = "directory", path = "missing" }
)";
  const Path file = folder.write("c.toml", good);
  const ConfigResult refused = load_config(file);
  CHECK_FALSE(refused.loaded);
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems[0].passing);
  const ConfigResult kept = load_config(file, Passing::keep);
  CHECK(shown(kept.problems) == "");  // it is not even asked: it might hang
  REQUIRE(kept.loaded);
  REQUIRE(kept.loaded->plans.size() == 1);
  const Source& source = *kept.loaded->plans[0].source;
  CHECK_FALSE(source.list(TimePoint{}));
  std::filesystem::create_directory(folder / "missing");
  CHECK(source.list(TimePoint{}));
  CHECK(shown(load_config(file).problems) == "");

  // Beside any other problem it prevents loading as that does.
  std::filesystem::remove(folder / "missing");
  const Path bad = folder.write("bad.toml", good + "rto = \"soon\"\n");
  const ConfigResult both = load_config(bad, Passing::keep);
  CHECK_FALSE(both.loaded);
  CHECK(both.problems.size() == 1);
  CHECK(load_config(bad).problems.size() == 2);
}

TEST_CASE("reading the file alone asks neither folders nor kinds") {
  const Folder folder;
  folder.write("plain", "");
  const Path file = folder.write("c.toml", R"(state_dir = "plain"
[[target]]
name = "a"
source = { kind = "directory", path = "missing", patern = "*" }
)");
  const ReadConfig read = read_config(file);
  CHECK(shown(read.problems) == "");
  REQUIRE(read.config);
  CHECK(read.config->history_file() == folder / "plain" / "history.sqlite");
  CHECK(read.config->targets.size() == 1);
  CHECK_FALSE(load_config(file, Passing::keep).loaded);

  const ReadConfig wrong = read_config(folder.write("wrong.toml", "target = []"));
  CHECK_FALSE(wrong.config);
  CHECK(wrong.problems.size() == 1);
  CHECK(read_config(folder / "none.toml").problems.size() == 1);
}
