// SPDX-License-Identifier: Apache-2.0
#include "support/config.h"

#include "support/catch.h"

namespace backproof::test {

std::string shown(const Problems& problems) {
  std::string out;
  for (const Problem& problem : problems) out += problem_text("c.toml", problem) + '\n';
  return out;
}

ParsedConfig parse(const std::string& toml) {
  return parse_config(toml, "/etc/backproof/c.toml");
}

std::string problems_of(const std::string& toml) {
  return shown(parse(toml).problems);
}

std::string with_target(const std::string& lines) {
  return "[[target]]\nname = \"crm\"\nsource = { kind = \"directory\", path = \"/backups\" }\n" +
         lines;
}

Target target_of(const std::string& lines) {
  const ParsedConfig parsed = parse(with_target(lines));
  INFO(shown(parsed.problems));
  REQUIRE(parsed.problems.empty());
  REQUIRE(parsed.config.targets.size() == 1);
  return parsed.config.targets[0];
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace backproof::test
