// SPDX-License-Identifier: Apache-2.0
#include "exporter/service.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "exporter/commands/command.h"

namespace backproof {
namespace {

int run(const ServiceOptions& options) {
  const Result<void> served = serve(options);
  return served ? code_of(Exit::passed) : complain(served.error());
}

}  // namespace

extern const CommandKind serve_command;
constinit const CommandKind serve_command{
    "serve", "verify on schedule and serve /metrics, status pages and the status API", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto options = std::make_shared<ServiceOptions>();
      app.add_option("--config.file", options->config_file, "configuration file")
          ->type_name("FILE")
          ->required();
      app.add_option("--web.listen-address", options->listen_addresses,
                     "address to listen on, may be repeated; \":10432\" is every interface")
          ->type_name("ADDRESS")
          ->capture_default_str();
      app.add_option("--web.telemetry-path", options->telemetry_path,
                     "path under which the metrics are served")
          ->type_name("PATH")
          ->capture_default_str();
      app.add_option("--web.config.file", options->web_config_file,
                     "TLS, client certificates, passwords and headers, in the format of "
                     "Prometheus' exporters; read again when it changes")
          ->type_name("FILE");
      app.footer("SIGHUP reloads the configuration; SIGTERM stops within seconds.");
      return [options] { return run(*options); };
    },
    true};

}  // namespace backproof
