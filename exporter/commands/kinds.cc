// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "checks/check.h"
#include "engines/engine.h"
#include "exporter/commands/command.h"
#include "sources/source.h"

namespace backproof {
namespace {

// "min (integer, 1 unless given)", as the code asked for it.
std::string shown(const KnownOption& option) {
  std::string text = option.key + " (" + option.type;
  if (option.is_required) text += ", required";
  if (!option.fallback.empty()) text += ", " + option.fallback + " unless given";
  return text + ")";
}

template <typename Kind>
void print(std::string_view title, const std::vector<const Kind*>& kinds) {
  constexpr std::size_t name_width = 16;
  const std::string indent(name_width + 4, ' ');
  std::cout << title << '\n';
  for (const Kind* kind : kinds) {
    std::cout << "  " << kind->name
              << std::string(name_width - std::min(name_width - 1, kind->name.size()), ' ')
              << kind->summary << '\n';
    Problems missing;
    const Table nothing;
    Options options(nothing, 0, "", missing);
    (void)kind->make(options);
    for (const KnownOption& option : options.known()) std::cout << indent << shown(option) << '\n';
    if (kind->example.empty()) continue;
    std::cout << indent << "for example:\n";
    for (const std::string_view line : text::split(kind->example, '\n'))
      std::cout << indent << "  " << line << '\n';
  }
}

struct Wanted {
  bool sources = false, engines = false, checks = false;
};

int run(const Wanted& wanted) {
  const bool all = !wanted.sources && !wanted.engines && !wanted.checks;
  if (all || wanted.sources) print("sources: where backups appear", all_sources());
  if (all || wanted.engines)
    print("engines: what can be restored, told apart by content", all_engines());
  if (all || wanted.checks) print("checks: what a restored database is asked", all_checks());
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind kinds_command;
constinit const CommandKind kinds_command{
    "kinds", "list the sources, engines and checks with their options", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto wanted = std::make_shared<Wanted>();
      app.add_flag("--sources", wanted->sources, "only the sources");
      app.add_flag("--engines", wanted->engines, "only the engines");
      app.add_flag("--checks", wanted->checks, "only the checks");
      return [wanted] { return run(*wanted); };
    }};

}  // namespace backproof
