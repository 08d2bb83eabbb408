// SPDX-License-Identifier: Apache-2.0
#include "exporter/connection_threads.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/proc.h"

namespace backproof {
namespace {

// What lists, verifies, schedules and is asked by commands, all started after the counting.
constexpr std::size_t threads_of_the_service = 16;

std::uint64_t threads_here() {
  const auto stat = read_proc_stat("self");
  return stat ? stat->threads : 0;
}

}  // namespace

std::size_t threads_for_connections() {
  const std::uint64_t before = threads_here();
  std::size_t count = 0;
  {
    std::promise<void> end;
    std::vector<std::jthread> threads;
    const std::shared_future<void> ended = end.get_future().share();
    try {
      while (threads.size() < most_connection_threads * 4 / 3 + threads_of_the_service)
        threads.emplace_back([ended] { ended.wait(); });
    } catch (const std::system_error&) {
      log::warn("few threads are to be had: idle connections may delay scrapes",
                {{"threads", std::to_string(threads.size())},
                 {"hint", "raise the limit of tasks (ulimit -u, TasksMax, pids.max) to 1000"}});
    }
    count = threads.size();
    end.set_value();
  }
  // A thread that was joined counts for a moment more.
  constexpr std::chrono::seconds patience{1};
  const Stopwatch watch;
  while (threads_here() > before && watch.took() < patience) std::this_thread::yield();
  return std::max<std::size_t>(1, (count - std::min(count, threads_of_the_service)) * 3 / 4);
}

}  // namespace backproof
