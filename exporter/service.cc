// SPDX-License-Identifier: Apache-2.0
#include "exporter/service.h"

#include <malloc.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

#include "base/log.h"
#include "base/text.h"
#include "exporter/build_info.h"
#include "exporter/commands/command.h"
#include "exporter/control.h"
#include "exporter/http.h"
#include "exporter/routes.h"
#include "exporter/scheduled_drill.h"
#include "exporter/scheduled_selftest.h"
#include "exporter/service_start.h"
#include "exporter/signals.h"
#include "runner/scheduler.h"
#include "runner/side_schedule.h"

namespace backproof {
namespace {

Snapshot empty_snapshot(const Clock& clock) {
  Snapshot snapshot;
  snapshot.made = clock.now();
  snapshot.build = build_info();
  return snapshot;
}

// Everything that lives as long as the service, in the order in which it needs each other.
class Service {
 public:
  Service(Config config, std::unique_ptr<HistoryStore> history,
          std::unique_ptr<web::WebAccess> access, const Clock& clock)
      : config_(std::move(config)),
        access_(std::move(access)),
        clock_(clock),
        history_(std::move(history)),
        snapshot_(empty_snapshot(clock)),
        scheduler_(settings_of(config_), *history_, clock_,
                   worker_runner(config_.scratch_dir, clock_), snapshot_),
        side_schedule_(clock_, snapshot_, errands()) {}

  Result<void> start(std::vector<Plan> plans, const ServiceOptions& options) {
    TRY_ASSIGN(const std::uint64_t interrupted, history_->recover(clock_.now()));
    if (interrupted > 0)
      log::warn("closed runs that an earlier process left unfinished",
                {{"runs", std::to_string(interrupted)}});
    scheduler_.set_config_state({config_.file.native(), true, clock_.now()});
    TRY(scheduler_.configure(std::move(plans), config_.retention));
    const std::size_t threads = threads_for_connections();
    // History and targets are in the first snapshot before anybody can scrape it: counters must
    // not be seen to start at zero. So is the first listing of the sources, unless one of them
    // hangs: that has series of its own and keeps nobody from being watched.
    scheduler_.start();
    scheduler_.wait_for_listing(std::chrono::seconds(2));
    scheduler_.look();
    Handler routes =
        make_routes({snapshot_, *history_, ready_, clock_, access_.get(), options.telemetry_path,
                     [this](const std::string& target) { return scheduler_.verify_now(target); }});
    if (access_) routes = access_->guard(std::move(routes));
    TRY_ASSIGN(http_, HttpServer::start(options.listen_addresses, std::move(routes),
                                        access_ ? access_->tls() : nullptr, threads));
    for (const std::string& address : http_->addresses())
      log::info("Listening on", {{"address", address}});
    side_schedule_.start();
    TRY_ASSIGN(control_, ControlServer::start(config_.state_dir, [this](const Asked& asked) {
                 return answer(asked);
               }));
    ready_ = true;
    return {};
  }

  void reload() {
    ConfigResult result = load_config(config_.file, Passing::keep);
    Result<void> taken =
        Error{Cause::internal, text::plural(result.problems.size(), "problem"), ""};
    log_problems(config_.file, result);
    if (result.loaded)
      taken =
          scheduler_.configure(std::move(result.loaded->plans), result.loaded->config.retention);
    if (taken) last_reload_ = clock_.now();
    scheduler_.set_config_state({config_.file.native(), taken.has_value(), last_reload_});
    if (taken) {
      warn_of_fixed(config_, result.loaded->config);
      log::info("configuration reloaded",
                {{"targets", std::to_string(result.loaded->config.targets.size())}});
    } else {
      log::error("the old configuration is kept", {{"reason", taken.error().str()}});
    }
  }

  // False: a source that hangs holds a thread.
  bool stop() {
    ready_ = false;
    control_.reset();
    const bool stopped = side_schedule_.stop();
    const bool all_stopped = scheduler_.stop() && stopped;
    http_.reset();
    return all_stopped;
  }

 private:
  Result<std::string> answer(const Asked& asked) {
    if (asked.verb == "verify") return scheduler_.verify_now(asked.subject);
    if (asked.verb == "pending") return scheduler_.is_pending(asked.subject) ? "yes" : "no";
    if (asked.verb != "cancel") return Error{Cause::internal, "is not understood", ""};
    TRY(scheduler_.cancel(asked.subject));
    return "run " + asked.subject + " is being ended";
  }

  std::vector<SideSchedule::Errand> errands() {
    return {{selftest_due,
             [this](const Target& target, const std::stop_token& stop) {
               scheduler_.selftest_begins(target.name);
               run_scheduled_selftest(target, stop, config_, *history_, clock_);
               scheduler_.selftest_ended(target.name);
             }},
            {drill_due, [this](const Target& target, const std::stop_token& stop) {
               scheduler_.drill_begins(target.name);
               run_scheduled_drill(target, stop, config_, *history_, clock_);
               scheduler_.drill_ended(target.name);
             }}};
  }

  const Config config_;
  const std::unique_ptr<web::WebAccess> access_;  // null: everybody may ask
  const Clock& clock_;
  std::unique_ptr<HistoryStore> history_;
  Published<Snapshot> snapshot_;
  std::atomic<bool> ready_ = false;
  TimePoint last_reload_ = clock_.now();
  Scheduler scheduler_;
  SideSchedule side_schedule_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<ControlServer> control_;
};

}  // namespace

Result<void> serve(const ServiceOptions& options) {
  SignalWait signals;       // before the first thread
  mallopt(M_ARENA_MAX, 2);  // a heap for each thread would be mostly holes
  // A source that is away now must not leave the other targets unwatched: it has its own alert.
  ConfigResult read = load_config(options.config_file, Passing::keep);
  print_problems(options.config_file, read.problems);
  if (!read.loaded) return Error{Cause::internal, "the configuration is bad", "see above"};
  LoadedConfig& loaded = *read.loaded;
  TRY(check_telemetry_path(options.telemetry_path));
  TRY_ASSIGN(auto access, open_web_access(options.web_config_file));
  TRY_ASSIGN(const auto addresses, can_listen(options.listen_addresses));
  TRY_ASSIGN(auto history, open_history(loaded.config));
  TRY_ASSIGN(const Fd lock, lock_history(loaded.config.state_dir));
  TRY(make_folder(loaded.config.scratch_dir));
  log_start(loaded.config);
  log_web_access(access.get(), addresses);
  std::vector<Target>().swap(loaded.config.targets);  // the plans have them, maybe ten thousand
  Service service(std::move(loaded.config), std::move(history), std::move(access), system_clock());
  const Result<void> started = service.start(std::move(loaded.plans), options);
  if (started) {
    int number = signals.wait();
    for (; number == SIGHUP; number = signals.wait()) service.reload();
    log::info("stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
  }
  const bool stopped = service.stop();
  log::info("stopped");
  if (stopped) return started;
  // All is recorded; a thread that waits for a file server that hangs would never end.
  std::_Exit(started ? code_of(Exit::passed) : complain(started.error()));
}

}  // namespace backproof
