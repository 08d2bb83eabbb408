// SPDX-License-Identifier: Apache-2.0
#include "exporter/service_start.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/log.h"
#include "base/text.h"
#include "exporter/build_info.h"
#include "exporter/commands/command.h"
#include "runner/look.h"
#include "runner/worker.h"

namespace backproof {

Result<Fd> lock_history(const Path& state_dir) {
  const Path file = state_dir / "serve.lock";
  Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return errno_error(Cause::internal, "cannot open " + text::printable(file.native()));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  return Error{Cause::internal,
               "another backproof serves the history in " + text::printable(state_dir.native()),
               "stop it, or give this one a state_dir of its own"};
}

Result<std::vector<ListenAddress>> can_listen(const std::vector<std::string>& addresses) {
  std::vector<ListenAddress> parsed;
  for (const std::string& address : addresses) {
    TRY_ASSIGN(parsed.emplace_back(), parse_listen_address(address));
  }
  TRY(try_listen(parsed));
  return parsed;
}

Result<std::unique_ptr<web::WebAccess>> open_web_access(const Path& file) {
  if (file.empty()) return nullptr;
  Problems problems;
  auto access = web::WebAccess::open(file, problems);
  print_problems(file, problems);
  if (access) return access;
  return Error{Cause::internal, "the web configuration is bad", "see above"};
}

void log_web_access(const web::WebAccess* access, const std::vector<ListenAddress>& addresses) {
  log::info(access != nullptr && access->tls() != nullptr ? "TLS is enabled." : "TLS is disabled.");
  for (const ListenAddress& address : addresses) {
    const std::string exposure = web::exposure(address, access);
    if (!exposure.empty())
      log::warn(exposure, {{"address", address.str()},
                           {"hint", "--web.config.file sets up TLS and passwords"}});
  }
}

void log_problems(const Path& file, const ConfigResult& result) {
  const auto& say = result.loaded ? log::warn : log::error;
  for (const Problem& problem : result.problems)
    say("bad configuration", {{"problem", problem_text(file, problem)}});
}

void log_start(const Config& config) {
  const BuildInfo build = build_info();
  log::info("Starting backproof",
            {{"version", build.version}, {"branch", build.branch}, {"revision", build.revision}});
  log::info("Build context", {{"compiler", build.compiler}});
  log::info("configuration loaded",
            {{"file", config.file.native()}, {"targets", std::to_string(config.targets.size())}});
}

SchedulerSettings settings_of(const Config& config) {
  SchedulerSettings settings;
  settings.workers = static_cast<unsigned>(config.max_parallel);
  settings.inventory_interval = config.inventory_interval;
  settings.scratch = config.scratch_dir;
  settings.looker = looker_in(config.scratch_dir);
  settings.sweep = [scratch = config.scratch_dir] { return sweep_sandboxes(scratch); };
  settings.sandbox_bytes = [scratch = config.scratch_dir](const std::string& run) {
    return sandbox_bytes(scratch, run);
  };
  settings.sandboxes = [scratch = config.scratch_dir] { return count_sandboxes(scratch); };
  return settings;
}

Runner worker_runner(const Path& scratch, const Clock& clock) {
  return [scratch, &clock](const Job& job, const std::stop_token& stop, const RunEvents& events) {
    return run_in_worker(job, "/proc/self/exe", scratch, clock, stop, events);
  };
}

void warn_of_fixed(const Config& now, const Config& next) {
  if (now.state_dir != next.state_dir || now.scratch_dir != next.scratch_dir ||
      now.max_parallel != next.max_parallel || now.inventory_interval != next.inventory_interval)
    log::warn(
        "state_dir, scratch_dir, max_parallel and inventory_interval change at the next start");
}

}  // namespace backproof
