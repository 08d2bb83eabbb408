// SPDX-License-Identifier: Apache-2.0
#include "support/config.h"

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

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace backproof::test
