// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "exporter/config.h"
#include "exporter/manual/kinds.h"
#include "exporter/manual/pages.h"
#include "exporter/manual/roff.h"

namespace backproof::manual {
namespace {

constexpr std::string_view about =
    "One strict TOML file. Unknown keys, wrong types, duplicate names and unreadable paths are "
    "errors, all reported at once with file, line and a hint by `backproof check-config`. "
    "Durations are written like `90s`, `1h30m`, `16d`; sizes like `512MiB`, `20GB`; relative paths "
    "are relative to the file's folder. The service reads the file again on SIGHUP (`systemctl "
    "reload backproof`), and keeps the old configuration when the new one is bad.";

constexpr std::string_view example_text =
    "state_dir = \"/var/lib/backproof\"\n"
    "scratch_dir = \"/var/lib/backproof/scratch\"\n"
    "\n"
    "[[target]]\n"
    "name = \"shop\"\n"
    "source = { kind = \"directory\", path = \"/var/backups/shop\", pattern = \"*.dump\" }\n"
    "schedule = \"30 3 * * *\"\n"
    "rpo = \"26h\"\n"
    "\n"
    "[[target.check]]\n"
    "kind = \"row_count\"\n"
    "table = \"orders\"\n"
    "min = 1000\n";

std::string keys(bool of_targets) {
  constexpr std::string_view prefix = "target.";
  std::string out;
  for (const KeyDoc& doc : config_keys()) {
    if (doc.key.starts_with(prefix) != of_targets) continue;
    std::string tag = roff::bold(doc.key) + " (" + roff::prose(doc.type);
    if (doc.fallback == "(required)")
      tag += ", required";
    else if (doc.fallback.starts_with('('))
      tag += ", default: " + roff::prose(doc.fallback.substr(1, doc.fallback.size() - 2));
    else if (!doc.fallback.empty())
      tag += ", default: " + roff::bold(doc.fallback);
    out += roff::item(tag + ")", roff::prose(doc.meaning));
  }
  return out;
}

std::string page_of(const Kind& kind) {
  std::string out = roff::item(roff::bold(kind.name), roff::prose(kind.summary));
  for (const KnownOption& option : kind.options)
    out += ".br\n" + roff::bold(option.key) + roff::prose(shown(option).substr(option.key.size())) +
           '\n';
  if (!kind.example.empty()) out += ".RS\n" + roff::example(kind.example) + ".RE\n";
  return out;
}

}  // namespace

std::string_view config_example() {
  return example_text;
}

std::string config_page(std::string_view date) {
  std::string out = roff::header("BACKPROOF.TOML", 5, date);
  out += roff::section("NAME") + "backproof.toml \\- configuration of backproof\n";
  out += roff::section("DESCRIPTION") + roff::prose(about) + '\n';
  out += roff::section("\"KEYS OF THE FILE\"") + keys(false);
  out += roff::section("\"KEYS OF A TARGET\"") +
         roff::prose(
             "Each target is a table `[[target]]`, each of its checks a table "
             "`[[target.check]]`:") +
         '\n' + keys(true);
  for (const KindGroup& group : kind_groups()) {
    std::string title(group.name);
    for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out += roff::section(title) + "These are kinds of " + std::string(group.name) + ": " +
           roff::prose(group.meaning) + ".\n";
    for (const Kind& kind : group.kinds) out += page_of(kind);
  }
  out += roff::section("EXAMPLE") + "One target:\n" + roff::example(example_text);
  out += roff::section("\"SEE ALSO\"") + roff::bold("backproof") + "(8)\n";
  return out;
}

}  // namespace backproof::manual
