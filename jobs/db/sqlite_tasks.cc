// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_tasks.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "db/sqlite_connect.h"

namespace backproof {
namespace {

Result<void> work(const Path& file, const std::vector<SqliteTask>& tasks,
                  std::atomic<std::size_t>& next) {
  return guarded(Cause::internal, "examining the database", [&]() -> Result<void> {
    TRY_ASSIGN(sqlite::Connection connection, connect_readonly(file));
    for (std::size_t i = next++; i < tasks.size(); i = next++) tasks[i](connection);
    return {};
  });
}

}  // namespace

Result<void> do_tasks(const Path& file, unsigned threads, const std::vector<SqliteTask>& tasks) {
  const std::size_t workers =
      std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(tasks.size(), 1));
  std::atomic<std::size_t> next{0};
  std::vector<Result<void>> done(workers);
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < workers; ++i)
      others.emplace_back([&, i] { done[i] = work(file, tasks, next); });
    done[0] = work(file, tasks, next);
  }
  for (const Result<void>& result : done) TRY(result);
  return {};
}

}  // namespace backproof
