// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/web/access.h"
#include "model/start.h"

namespace backproof {
namespace {

std::string next_time(const Target& target, const Schedule& schedule) {
  return text::format_time(next_start(target, schedule, system_clock().now()).at);
}

std::string next_times(const Target& target) {
  if (!target.enabled) return "disabled";
  std::string out =
      target.schedule ? "next run " + next_time(target, *target.schedule) : "only by hand";
  if (target.selftest) out += ", next self-test " + next_time(target, *target.selftest);
  if (target.drill && target.drill->schedule)
    out += ", next drill " + next_time(target, *target.drill->schedule);
  return out;
}

struct Files {
  Path config, web_config;  // empty: not to be checked
};

int check_config(const Path& file) {
  const auto loaded = load_or_complain(file);
  if (!loaded) return code_of(Exit::usage);
  std::cout << text::printable(file.native()) << ": ok, "
            << text::plural(loaded->config.targets.size(), "target") << '\n';
  for (const Target& target : loaded->config.targets)
    std::cout << "  " << text::printable(target.name) << ": " << next_times(target) << '\n';
  return code_of(Exit::passed);
}

int check_web_config(const Path& file) {
  Problems problems;
  const auto access = web::WebAccess::open(file, problems);
  print_problems(file, problems);
  if (!access) return code_of(Exit::usage);
  std::cout << text::printable(file.native()) << ": ok, "
            << (access->tls() != nullptr ? "TLS, " : "no TLS, ")
            << (access->asks_for_credentials() ? "only with credentials" : "everybody may read")
            << '\n';
  return code_of(Exit::passed);
}

int run(const Files& files) {
  if (files.config.empty() && files.web_config.empty())
    return complain({Cause::internal, "no file to check", "name a configuration file"});
  int code = code_of(Exit::passed);
  if (!files.config.empty()) code = std::max(code, check_config(files.config));
  if (!files.web_config.empty()) code = std::max(code, check_web_config(files.web_config));
  return code;
}

}  // namespace

extern const CommandKind check_config_command;
constinit const CommandKind check_config_command{
    "check-config", "check a configuration file and say when each target runs next", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto files = std::make_shared<Files>();
      app.add_option("FILE", files->config, "the configuration file")->type_name("FILE");
      app.add_option("--web.config.file", files->web_config,
                     "the web configuration of serve, with the certificates that it names")
          ->type_name("FILE");
      return [files] { return run(*files); };
    }};

}  // namespace backproof
