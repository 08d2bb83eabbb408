// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace backproof {

struct ServiceOptions {
  Path config_file;
  std::vector<std::string> listen_addresses{"127.0.0.1:10432"};
  std::string telemetry_path = "/metrics";
  Path web_config_file;  // TLS, passwords and headers (exporter/web/config.h); empty: none
};

// Scheduler and exporter in one process, until SIGTERM or SIGINT. SIGHUP reads the configuration
// again and keeps the old one when the new one is bad. An Error means that it could not start;
// problems of the configuration are printed on stderr.
Result<void> serve(const ServiceOptions& options);

}  // namespace backproof
