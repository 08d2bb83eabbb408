// SPDX-License-Identifier: Apache-2.0
#include "exporter/manual/kinds.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"

namespace backproof {
namespace {

void print(const manual::KindGroup& group) {
  constexpr std::size_t name_width = 16;
  const std::string indent(name_width + 4, ' ');
  std::cout << group.name << ": " << group.meaning << '\n';
  for (const manual::Kind& kind : group.kinds) {
    std::cout << "  " << kind.name
              << std::string(name_width - std::min(name_width - 1, kind.name.size()), ' ')
              << kind.summary << '\n';
    for (const KnownOption& option : kind.options)
      std::cout << indent << manual::shown(option) << '\n';
    if (kind.example.empty()) continue;
    std::cout << indent << "for example:\n";
    for (const std::string_view line : text::split(kind.example, '\n'))
      std::cout << indent << "  " << line << '\n';
  }
}

struct Wanted {
  bool sources = false, engines = false, checks = false;

  bool includes(std::string_view group) const {
    if (!sources && !engines && !checks) return true;
    return group == "sources" ? sources : group == "engines" ? engines : checks;
  }
};

int run(const Wanted& wanted) {
  for (const manual::KindGroup& group : manual::kind_groups())
    if (wanted.includes(group.name)) print(group);
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
