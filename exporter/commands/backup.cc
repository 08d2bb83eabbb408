// SPDX-License-Identifier: Apache-2.0
#include "backup/take.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/commands/live.h"
#include "exporter/progress_bar.h"
#include "runner/manifest_beside.h"

namespace backproof {
namespace {

struct Arguments {
  std::string target, config, output;
  LiveOptions live;
  bool quiet = false;
};

// What is backed up, and under which names.
struct Work {
  LiveDatabase database;
  Path output, manifest;
};

Result<Work> configured_work(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return Error{Cause::internal, "the configuration cannot be used", ""};
  TRY_ASSIGN(const Target* const target, target_named(*config, arguments.target));
  if (!target->backup)
    return Error{
        Cause::internal,
        "target " + text::quote_shell(arguments.target) + " does not say how to back it up",
        "add its backup table, or use --sqlite or --postgres"};
  const Path output = named_at(arguments.output.empty() ? target->backup->output : arguments.output,
                               system_clock().now());
  return Work{target->backup->database, output, manifest_path(output, target->manifest)};
}

Result<Work> named_work(const Arguments& arguments) {
  TRY_ASSIGN(LiveDatabase database, arguments.live.database());
  const Path output = named_at(arguments.output, system_clock().now());
  return Work{std::move(database), output, manifest_path(output, manifest_pattern)};
}

Result<void> check(const Arguments& arguments) {
  if (arguments.target.empty() != arguments.config.empty())
    return Error{Cause::internal, "a target and --config.file go together", ""};
  if (!arguments.target.empty() && arguments.live.any())
    return Error{Cause::internal, "both a target and a database are named", "name one of them"};
  if (arguments.target.empty() && arguments.output.empty())
    return Error{Cause::internal, "no name for the backup", "add --output PATH"};
  return {};
}

int run(const Arguments& arguments) {
  if (const auto good = check(arguments); !good) return complain(good.error());
  const Result<Work> work =
      arguments.target.empty() ? named_work(arguments) : configured_work(arguments);
  if (!work) return complain(work.error());
  if (work->output.empty())
    return complain({Cause::internal, "no name for the backup",
                     "add --output PATH, or backup.output to the target"});
  ProgressBar bar(!arguments.quiet, system_clock());
  const RunContext context{system_clock(), [&](std::uintmax_t done, std::uintmax_t total) {
                             bar.show({Stage::fetch, done, total});
                           }};
  const auto manifest = take_backup(work->database, work->output, work->manifest, context);
  bar.clear();
  if (!manifest) {
    complain(manifest.error());
    return code_of(Exit::failed);
  }
  if (arguments.quiet) return code_of(Exit::passed);
  std::uint64_t rows = 0;
  for (const TableFact& fact : manifest->tables) rows += fact.rows;
  std::cout << text::printable(work->output.native()) << ": " << text::format_size(manifest->bytes)
            << ", " << text::plural(manifest->tables.size(), "table") << ", "
            << text::format_count(rows) << (rows == 1 ? " row" : " rows")
            << "\nmanifest: " << text::printable(work->manifest.native()) << '\n';
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind backup_command;
constinit const CommandKind backup_command{
    "backup", "take a backup of a live database together with its manifest", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("TARGET", a->target, "a target whose configuration says how");
      app.add_option("--config.file", a->config, "configuration file, with TARGET")
          ->type_name("FILE");
      a->live.add_to(app);
      app.add_option(
             "--output", a->output,
             "name of the backup; {time} in it is the time; .sql at its end: SQL of pg_dump")
          ->type_name("FILE");
      app.add_flag("-q,--quiet", a->quiet, "print nothing but errors");
      app.footer("Exit code: 0 both files are there, 1 neither is, 64 usage.");
      return [a] { return run(*a); };
    }};

}  // namespace backproof
