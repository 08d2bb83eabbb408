// SPDX-License-Identifier: Apache-2.0
#include "model/manifest.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "backup/take.h"
#include "exporter/commands/command.h"
#include "exporter/commands/live.h"

namespace backproof {
namespace {

struct Arguments {
  LiveOptions live;
  std::string snapshot, output;
};

int run(const Arguments& arguments) {
  const auto live = arguments.live.database();
  if (!live) return complain(live.error());
  const RunContext context{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
  const auto manifest = read_manifest_of(*live, arguments.snapshot, context);
  if (!manifest) {
    complain(manifest.error());
    return code_of(Exit::failed);
  }
  if (arguments.output.empty()) {
    std::cout << to_json(*manifest) << std::flush;
  } else if (const auto done = write_manifest(*manifest, arguments.output); !done) {
    complain(done.error());
    return code_of(Exit::failed);
  }
  return code_of(std::cout ? Exit::passed : Exit::failed);
}

}  // namespace

extern const CommandKind manifest_command;
constinit const CommandKind manifest_command{
    "manifest", "say exactly what a live database holds, for a backup that another tool takes",
    true, [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      a->live.add_to(app);
      app.add_option("--snapshot", a->snapshot,
                     "snapshot of PostgreSQL that the backup is taken from, too: as "
                     "pg_export_snapshot() names it")
          ->type_name("ID");
      app.add_option("--output", a->output,
                     "file to write, which must not be there yet; without it, it is printed")
          ->type_name("FILE");
      app.footer("Exit code: 0 done, 1 the database could not be read, 64 usage.");
      return [a] { return run(*a); };
    }};

}  // namespace backproof
