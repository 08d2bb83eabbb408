// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "exporter/web/config.h"

struct crypt_data;

namespace backproof::web {

// Compares passwords with bcrypt hashes, one at a time in the whole process: a check takes tens of
// milliseconds of a processor, and guessing must not slow a scrape. A right password is remembered,
// under a keyed hash of itself, so it is dear only once. Thread-safe.
class Passwords {
 public:
  enum class Answer { right, wrong, busy };

  Passwords();
  Passwords(const Passwords&) = delete;
  Passwords& operator=(const Passwords&) = delete;
  ~Passwords();

  // Whether `users`, not empty, has this one with this password. An unknown user takes as long as a
  // known one. busy: more different guesses wait than are kept waiting. Those who ask the same at
  // the same time wait for one answer.
  Answer check(const Users& users, const std::string& user, const std::string& password);

  // How many hashes were computed so far, for tests.
  std::size_t computed() const;

 private:
  struct Pending;
  using Token = std::string;
  Token token_of(const std::string& user, const std::string& hash,
                 const std::string& password) const;
  bool is_hash_of(const std::string& hash, const std::string& password);

  const std::string key_;  // of this process alone
  mutable std::mutex mutex_;
  std::condition_variable changed_;  // with mutex_: something of what follows
  std::set<Token> right_;
  std::map<Token, std::shared_ptr<Pending>> pending_;
  bool is_computing_ = false;
  std::size_t computed_ = 0;
  const std::unique_ptr<crypt_data> scratch_;  // whoever set is_computing_
};

}  // namespace backproof::web
