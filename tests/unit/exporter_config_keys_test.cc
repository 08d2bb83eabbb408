// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "exporter/config.h"
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("the reference names exactly the keys that the parser knows") {
  // The hint for a key that is near to nothing lists what is known.
  const auto known = [](const std::string& toml) {
    const std::string text = problems_of(toml);
    const std::string_view mark = "unknown key \"zzzzzzzzzz\"; hint: known keys: ";
    const std::size_t at = text.find(mark);
    REQUIRE(at != std::string::npos);
    const std::size_t start = at + mark.size();
    std::vector<std::string> keys;
    for (const auto key :
         text::split(std::string_view(text).substr(start, text.find('\n', start) - start), ','))
      keys.emplace_back(text::trim(key));
    std::sort(keys.begin(), keys.end());
    return keys;
  };
  const auto documented = [](std::string_view prefix) {
    std::vector<std::string> keys;
    for (const KeyDoc& doc : config_keys()) {
      if (!doc.key.starts_with(prefix)) continue;
      const std::string key(doc.key.substr(prefix.size()));
      if (key.find('.') == std::string::npos) keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  };
  std::vector<std::string> top = documented("");
  for (const char* table : {"retention", "target"})
    if (std::find(top.begin(), top.end(), table) == top.end()) top.emplace_back(table);
  std::sort(top.begin(), top.end());
  CHECK(known("zzzzzzzzzz = 1") == top);
  CHECK(known("retention.zzzzzzzzzz = 1") == documented("retention."));
  CHECK(known("[[target]]\nzzzzzzzzzz = 1") == documented("target."));
  CHECK(known("[[target]]\nselftest.zzzzzzzzzz = 1") == documented("target.selftest."));
  CHECK(known("[[target]]\ndecrypt.zzzzzzzzzz = 1") == documented("target.decrypt."));
  CHECK(known("[[target]]\ndrill.zzzzzzzzzz = 1") == documented("target.drill."));
  CHECK(known("[[target]]\ndrill.canary.zzzzzzzzzz = 1") == documented("target.drill.canary."));
  const std::vector<KeyDoc> docs = config_keys();
  const auto defaults = std::find_if(docs.begin(), docs.end(),
                                     [](const KeyDoc& doc) { return doc.key == "defaults"; });
  REQUIRE(defaults != docs.end());
  for (const std::string& key : known("defaults.zzzzzzzzzz = 1"))
    CHECK(has(std::string(defaults->meaning), '`' + key + '`'));
}

TEST_CASE("the defaults in the reference are the defaults") {
  std::string top, retention, target;
  for (const KeyDoc& doc : config_keys()) {
    if (doc.fallback.empty() || doc.fallback.starts_with('(')) continue;
    // A drill, its canary and a filter need more than what has a default.
    if (doc.key.starts_with("target.check.") || doc.key.starts_with("target.drill.") ||
        doc.key.starts_with("target.decrypt."))
      continue;
    const std::string value = " = " + std::string(doc.fallback) + '\n';
    const std::string key(doc.key.substr(doc.key.find('.') + 1));
    (doc.key.starts_with("target.")      ? target
     : doc.key.starts_with("retention.") ? retention
                                         : top) += key + value;
  }
  const ParsedConfig written = parse(top + "[retention]\n" + retention + with_target(target));
  const ParsedConfig silent = parse(with_target(""));
  const std::string drill =
      "drill = { backup_command = \"b\", canary = { table = \"c\", sqlite = "
      "\"/d\"";
  const ParsedConfig drilled = parse(
      with_target(drill + ", key = \"id\", time = \"written_at\" }, schedule = \"0 4 1 */3 *\", "
                          "command_timeout = \"1h\", guard = true }"));
  const ParsedConfig bare = parse(with_target(drill + " } }"));
  CHECK(shown(written.problems) == "");
  CHECK(written.config.state_dir == silent.config.state_dir);
  CHECK(written.config.max_parallel == silent.config.max_parallel);
  CHECK(written.config.inventory_interval == silent.config.inventory_interval);
  CHECK(written.config.retention.passed == silent.config.retention.passed);
  CHECK(written.config.retention.not_passed == silent.config.retention.not_passed);
  CHECK(written.config.retention.logs == silent.config.retention.logs);
  CHECK(written.config.retention.logs_per_target == silent.config.retention.logs_per_target);
  const Target& a = written.config.targets.at(0);
  const Target& b = silent.config.targets.at(0);
  CHECK(a.enabled == b.enabled);
  CHECK(a.engine == b.engine);
  CHECK(a.schedule->expression() == b.schedule->expression());
  CHECK(a.schedule->zone() == b.schedule->zone());
  CHECK(a.rpo == b.rpo);
  CHECK(a.rto == b.rto);
  CHECK(a.limits == b.limits);
  const DrillSpec& said = *drilled.config.targets.at(0).drill;
  const DrillSpec& meant = *bare.config.targets.at(0).drill;
  CHECK(said.schedule->expression() == meant.schedule->expression());
  CHECK(said.command_timeout == meant.command_timeout);
  CHECK(said.guard == meant.guard);
  CHECK(said.canary == meant.canary);
}

TEST_CASE("the reference is a Markdown table") {
  const std::string table = config_keys_markdown();
  CHECK(table.starts_with("| key | type | default | meaning |\n| --- |"));
  CHECK(has(table, "| `target.schedule` | string | `\"@weekly\"` | "));
  CHECK(has(table, "| `target.name` | string | required | "));
}
