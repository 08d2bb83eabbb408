// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "db/pg_connection.h"
#include "sandbox/pg_server.h"

namespace backproof {

// Several sessions of one database that work at the same time, each on a thread of its own, each
// with the settings that the dump has made so far. Used by one thread.
class PgCrew {
 public:
  using Work = std::function<Result<void>(pg::Connection&)>;

  static Result<std::unique_ptr<PgCrew>> open(const PgServer& server, const std::string& database,
                                              std::size_t members,
                                              const std::vector<std::string>& settings);
  PgCrew(const PgCrew&) = delete;
  PgCrew& operator=(const PgCrew&) = delete;
  // Cancels what still runs and waits for it.
  ~PgCrew();

  std::size_t size() const { return members_.size(); }
  // A statement that every member executes before its next work: SET ... and the like.
  void add_setting(std::string sql);
  // Hands work to a member, as soon as one is free. Its error is wait()'s.
  void give(Work work);
  // True when give() would not have to wait.
  bool has_idle();
  // Waits until nobody works; the first error since the last call.
  Result<void> wait();
  // An error was met and nobody asked for it yet.
  bool has_failed();

 private:
  struct Member {
    explicit Member(pg::Connection c) : connection(std::move(c)) {}
    pg::Connection connection;
    std::optional<Work> work;  // guarded by mutex_
    std::size_t settings = 0;  // how many of settings_ it has executed
    std::thread thread;
  };
  PgCrew() = default;
  void serve(Member& member);
  Result<void> perform(Member& member, const Work& work);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> settings_;  // guarded by mutex_
  std::optional<Error> failed_;        // guarded by mutex_
  bool ending_ = false;                // guarded by mutex_
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace backproof
