// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "backup/take.h"
#include "exporter/commands/command.h"
#include "exporter/commands/live.h"

namespace backproof {
namespace {

int run(const LiveOptions& options) {
  const auto live = options.database();
  if (!live) return complain(live.error());
  const RunContext context{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
  const auto lines = read_schema_of(*live, context);
  if (!lines) {
    complain(lines.error());
    return code_of(Exit::failed);
  }
  for (const std::string& line : *lines) std::cout << line << '\n';
  std::cout << std::flush;
  return code_of(std::cout ? Exit::passed : Exit::failed);
}

}  // namespace

extern const CommandKind schema_command;
constinit const CommandKind schema_command{
    "schema", "describe the schema of a live database, as the reference of the check schema", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto options = std::make_shared<LiveOptions>();
      options->add_to(app);
      app.footer("Exit code: 0 done, 1 the database could not be read, 64 usage.");
      return [options] { return run(*options); };
    }};

}  // namespace backproof
