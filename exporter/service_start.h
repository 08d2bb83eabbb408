// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "exporter/config.h"
#include "exporter/listen_address.h"
#include "exporter/web/access.h"
#include "runner/scheduler.h"

// What a service makes sure of, and says, before it changes anything.
namespace backproof {

// One service a history: two would verify everything twice.
Result<Fd> lock_history(const Path& state_dir);

// A service that cannot listen must not have touched its history.
Result<std::vector<ListenAddress>> can_listen(const std::vector<std::string>& addresses);

// Null without a file. Problems are printed on stderr.
Result<std::unique_ptr<web::WebAccess>> open_web_access(const Path& file);

void log_start(const Config& config);
// As errors; as warnings where it was loaded all the same.
void log_problems(const Path& file, const ConfigResult& result);
void log_web_access(const web::WebAccess* access, const std::vector<ListenAddress>& addresses);

// What the configuration says of the scheduler.
SchedulerSettings settings_of(const Config& config);

// Runs each job in a worker of this program. The clock outlives it.
Runner worker_runner(const Path& scratch, const Clock& clock);

// Logs what of a new configuration only a restart can bring about.
void warn_of_fixed(const Config& now, const Config& next);

}  // namespace backproof
