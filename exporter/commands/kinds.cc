// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "base/text.h"
#include "checks/check.h"
#include "engines/engine.h"
#include "exporter/commands/command.h"
#include "sources/source.h"

namespace backproof {
namespace {

template <typename Kind>
void print(std::string_view title, const std::vector<const Kind*>& kinds) {
  std::cout << title << '\n';
  for (const Kind* kind : kinds) {
    std::cout << "  " << kind->name
              << std::string(16 - std::min<std::size_t>(15, kind->name.size()), ' ')
              << kind->summary << '\n';
    if (kind->example.empty()) continue;
    for (const std::string_view line : text::split(kind->example, '\n'))
      std::cout << std::string(20, ' ') << line << '\n';
  }
}

int run() {
  print("sources: where backups appear", all_sources());
  print("engines: what can be restored, told apart by content", all_engines());
  print("checks: what a restored database is asked", all_checks());
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind kinds_command;
constinit const CommandKind kinds_command{
    "kinds", "list the sources, engines and checks with their options", true,
    [](CLI::App&) -> std::function<int()> { return run; }};

}  // namespace backproof
