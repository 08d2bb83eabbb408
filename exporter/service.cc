// SPDX-License-Identifier: Apache-2.0
#include "exporter/service.h"

#include <atomic>
#include <csignal>
#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "exporter/build_info.h"
#include "exporter/commands/command.h"
#include "exporter/http.h"
#include "exporter/routes.h"
#include "exporter/signals.h"
#include "runner/scheduler.h"
#include "runner/worker.h"

namespace backproof {
namespace {

Result<void> make_folder(const Path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return Error{Cause::internal,
               "cannot create " + text::printable(folder.native()) + ": " + error.message(),
               "create it for the user that backproof runs as"};
}

Snapshot empty_snapshot(const Clock& clock) {
  Snapshot snapshot;
  snapshot.made = clock.now();
  snapshot.build = build_info();
  return snapshot;
}

SchedulerSettings settings_of(const Config& config) {
  return {static_cast<unsigned>(config.max_parallel), config.inventory_interval, config.retention,
          config.scratch_dir};
}

Runner worker_runner(const Path& scratch, const Clock& clock) {
  return [scratch, &clock](const Job& job, std::stop_token stop, const RunEvents& events) {
    return run_in_worker(job, "/proc/self/exe", scratch, clock, std::move(stop), events);
  };
}

void log_start(const Config& config) {
  const BuildInfo build = build_info();
  log::info("Starting backproof", {{"version", build.version}, {"revision", build.revision}});
  log::info("Build context", {{"compiler", build.compiler}});
  log::info("configuration loaded",
            {{"file", config.file.native()}, {"targets", std::to_string(config.targets.size())}});
}

// What only a restart can change.
void warn_of_fixed(const Config& now, const Config& next) {
  if (now.state_dir != next.state_dir || now.scratch_dir != next.scratch_dir ||
      now.max_parallel != next.max_parallel || now.inventory_interval != next.inventory_interval)
    log::warn(
        "state_dir, scratch_dir, max_parallel and inventory_interval change at the next start");
}

// Everything that lives as long as the service, in the order in which it needs each other.
class Service {
 public:
  Service(Config config, std::unique_ptr<HistoryStore> history, const Clock& clock)
      : config_(std::move(config)),
        clock_(clock),
        history_(std::move(history)),
        snapshot_(empty_snapshot(clock)),
        scheduler_(settings_of(config_), *history_, clock_,
                   worker_runner(config_.scratch_dir, clock_), snapshot_) {}

  Result<void> start(std::vector<Plan> plans, const std::vector<std::string>& addresses) {
    TRY_ASSIGN(const std::uint64_t interrupted, history_->recover(clock_.now()));
    if (interrupted > 0)
      log::warn("closed runs that an earlier process left unfinished",
                {{"runs", std::to_string(interrupted)}});
    const std::uint64_t leftovers = sweep_sandboxes(config_.scratch_dir);
    scheduler_.set_leftovers(leftovers);
    scheduler_.set_config_state({config_.file.native(), true, clock_.now()});
    TRY(scheduler_.configure(std::move(plans)));
    // History and targets are in the first snapshot before anybody can scrape it: counters must
    // not be seen to start at zero. The first listing of the sources is in it, too.
    scheduler_.tick();
    ready_ = true;
    TRY_ASSIGN(http_,
               HttpServer::start(addresses, make_routes({snapshot_, *history_, ready_, clock_})));
    for (const std::string& address : http_->addresses())
      log::info("Listening on", {{"address", address}});
    scheduler_.start();
    return {};
  }

  void reload() {
    ConfigResult result = load_config(config_.file);
    Result<void> taken =
        Error{Cause::internal, text::plural(result.problems.size(), "problem"), ""};
    for (const Problem& problem : result.problems)
      log::error("bad configuration", {{"problem", problem_text(config_.file, problem)}});
    if (result.loaded) taken = scheduler_.configure(std::move(result.loaded->plans));
    if (taken) {
      warn_of_fixed(config_, result.loaded->config);
      last_reload_ = clock_.now();
      log::info("configuration reloaded",
                {{"targets", std::to_string(result.loaded->config.targets.size())}});
    } else {
      log::error("the old configuration is kept", {{"reason", taken.error().str()}});
    }
    scheduler_.set_config_state({config_.file.native(), taken.has_value(), last_reload_});
    scheduler_.tick();
  }

  void stop() {
    scheduler_.stop();
    http_.reset();
  }

 private:
  const Config config_;
  const Clock& clock_;
  std::unique_ptr<HistoryStore> history_;
  Published<Snapshot> snapshot_;
  std::atomic<bool> ready_ = false;
  TimePoint last_reload_ = clock_.now();
  Scheduler scheduler_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace

Result<void> serve(const ServiceOptions& options) {
  SignalWait signals;  // before the first thread
  std::optional<LoadedConfig> loaded = load_or_complain(options.config_file);
  if (!loaded) return Error{Cause::internal, "the configuration is bad", "see above"};
  TRY(make_folder(loaded->config.state_dir));
  TRY(make_folder(loaded->config.scratch_dir));
  TRY_ASSIGN(auto history, HistoryStore::open(loaded->config.history_file()));
  log_start(loaded->config);
  Service service(std::move(loaded->config), std::move(history), system_clock());
  TRY(service.start(std::move(loaded->plans), options.listen_addresses));
  while (true) {
    const int number = signals.wait();
    if (number == SIGHUP) {
      service.reload();
      continue;
    }
    log::info("stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
    service.stop();
    log::info("stopped");
    return {};
  }
}

}  // namespace backproof
