// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/crew.h"

#include <algorithm>
#include <utility>

namespace backproof {

Result<std::unique_ptr<PgCrew>> PgCrew::open(const PgServer& server, const std::string& database,
                                             std::size_t members,
                                             const std::vector<std::string>& settings) {
  std::unique_ptr<PgCrew> crew(new PgCrew());
  for (std::size_t i = 0; i < members; ++i) {
    TRY_ASSIGN(pg::Connection connection,
               pg::Connection::open(server.conninfo, database, settings));
    crew->members_.push_back(std::make_unique<Member>(std::move(connection)));
  }
  for (const auto& member : crew->members_)
    member->thread = std::thread([crew = crew.get(), m = member.get()] { crew->serve(*m); });
  return crew;
}

PgCrew::~PgCrew() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& member : members_)
      if (member->work) member->connection.cancel();
  }
  changed_.notify_all();
  for (const auto& member : members_)
    if (member->thread.joinable()) member->thread.join();
}

void PgCrew::serve(Member& member) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ending_ || member.work; });
    if (!member.work) return;
    lock.unlock();
    const Result<void> done = perform(member, *member.work);
    lock.lock();
    member.work.reset();
    if (!done && !failed_) failed_ = done.error();
    changed_.notify_all();
  }
}

Result<void> PgCrew::perform(Member& member, const Work& work) {
  while (true) {
    std::string setting;
    {
      const std::lock_guard lock(mutex_);
      if (member.settings == settings_.size()) break;
      setting = settings_[member.settings++];
    }
    TRY(member.connection.run(setting));
  }
  return work(member.connection);
}

void PgCrew::add_setting(std::string sql) {
  const std::lock_guard lock(mutex_);
  settings_.push_back(std::move(sql));
}

void PgCrew::give(Work work) {
  std::unique_lock lock(mutex_);
  const auto idle = [&] {
    return std::find_if(members_.begin(), members_.end(), [](const auto& m) { return !m->work; });
  };
  changed_.wait(lock, [&] { return idle() != members_.end(); });
  (*idle())->work = std::move(work);
  changed_.notify_all();
}

bool PgCrew::has_idle() {
  const std::lock_guard lock(mutex_);
  return std::any_of(members_.begin(), members_.end(), [](const auto& m) { return !m->work; });
}

Result<void> PgCrew::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::none_of(members_.begin(), members_.end(),
                        [](const auto& m) { return m->work.has_value(); });
  });
  if (const auto failed = std::exchange(failed_, std::nullopt)) return *failed;
  return {};
}

bool PgCrew::has_failed() {
  const std::lock_guard lock(mutex_);
  return failed_.has_value();
}

}  // namespace backproof
