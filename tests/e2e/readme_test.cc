// SPDX-License-Identifier: Apache-2.0
// What the README says is what the program does: tables are compared, the tour is run.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "exporter/config.h"
#include "exporter/metrics/page.h"
#include "support/program.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const Path readme_file = Path(BACKPROOF_SOURCE_DIR) / "README.md";

std::string readme() {
  return read_file(readme_file).value();
}

// The text between <!-- NAME --> and <!-- end of NAME -->.
std::string section(const std::string& name) {
  const std::string text = readme(), open = "<!-- " + name + " -->\n",
                    close = "<!-- end of " + name + " -->";
  const std::size_t begin = text.find(open) + open.size(), end = text.find(close);
  REQUIRE(text.find(open) != std::string::npos);
  REQUIRE(end != std::string::npos);
  return text.substr(begin, end - begin);
}

// Compares, or with BACKPROOF_RENEW_README=1 writes it.
void demand_section(const std::string& name, const std::string& expected) {
  if (std::getenv("BACKPROOF_RENEW_README") != nullptr) {
    std::string text = readme();
    const std::string now = section(name);
    const std::size_t begin = text.find("<!-- " + name + " -->\n") + name.size() + 10;
    text.replace(begin, now.size(), expected);
    REQUIRE(write_atomic(readme_file, text));
  }
  CHECK(section(name) == expected);
}

std::string tour_script() {
  std::istringstream lines(section("tour"));
  std::string script, line;
  bool code = false;
  while (std::getline(lines, line)) {
    if (line.starts_with("```"))
      code = line == "```bash";
    else if (code)
      script += line + "\n";
  }
  return script;
}

}  // namespace

TEST_CASE("the README's configuration reference is that of the program") {
  demand_section("configuration", config_keys_markdown());
}

TEST_CASE("the README's metric table is that of the program") {
  demand_section("metrics", metrics::metric_table());
}

TEST_CASE("the README's tour runs as it stands") {
  const Folder folder;
  const std::string script = "cd " + folder.path().native() +
                             "\nPATH=" + Path(BACKPROOF_PROGRAM).parent_path().native() +
                             ":$PATH\n" + tour_script();
  const auto output =
      run({{"/bin/bash", "-euo", "pipefail", "-c", script}, {}, ""}, std::chrono::minutes(2));
  REQUIRE(output);
  INFO(script << output->out << output->err);
  CHECK(output->ended.ok());
  CHECK_FALSE(output->timed_out);
  for (const char* said :
       {"passed  ", "failed (truncated)", "exit code 1", "\"cause\": \"truncated\"", "1 target",
        "backproof_last_run_result{target=\"shop\",result=\"passed\"} 1", "\"status\":\"success\""})
    CHECK(output->out.find(said) != std::string::npos);
}

TEST_CASE("the README names no alert and no series that there is not") {
  const std::string text = readme(), table = metrics::metric_table();
  const std::string rules =
      read_file(Path(BACKPROOF_SOURCE_DIR) / "alerts/backproof.rules.yml").value();
  const auto names = [&](const std::string& start, const std::string& letters) {
    std::vector<std::string> found;
    for (std::size_t at = text.find("`" + start); at != std::string::npos;
         at = text.find("`" + start, at + 1)) {
      const std::size_t end = text.find_first_not_of(letters, at + 1);
      if (text[end] == '`') found.push_back(text.substr(at + 1, end - at - 1));
    }
    return found;
  };
  const std::string lower = "abcdefghijklmnopqrstuvwxyz_";
  for (const std::string& alert : names("Backproof", lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    INFO(alert);
    CHECK(rules.find("alert: " + alert + "\n") != std::string::npos);
  }
  for (const std::string& series : names("backproof_", lower)) {
    INFO(series);
    CHECK(table.find("| `" + series + "` |") != std::string::npos);
  }
}

TEST_CASE("the README leads a reader through files that exist, under 1,000 lines in all") {
  const std::string text = readme();
  std::size_t lines = 0;
  int files = 0;
  for (std::size_t at = text.find("[`"); at != std::string::npos; at = text.find("[`", at + 1)) {
    const std::string name = text.substr(at + 2, text.find('`', at + 2) - at - 2);
    if (!name.ends_with(".cc") && !name.ends_with(".h")) continue;
    const std::string content = read_file(Path(BACKPROOF_SOURCE_DIR) / name).value();
    lines += static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
    ++files;
  }
  CHECK(text.find("BENCH_") == std::string::npos);
  CHECK(files == 6);
  CHECK(lines < 1000);
}
