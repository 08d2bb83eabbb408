// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <iterator>
#include <new>

#include "base/digest.h"

namespace backproof::web {
namespace {

// Guesses that wait for their turn, and right passwords that are remembered: far more than there
// are users who ask at once.
constexpr std::size_t most_pending = 16, most_right = 256;

// An unknown user is compared with the hash of a known one, always the same for a name: its cost is
// that of some user, and asking twice tells nothing.
const std::string& hash_for(const Users& users, const std::string& user,
                            const std::string& stable_random) {
  const auto found = users.find(user);
  if (found != users.end()) return found->second;
  const auto some = static_cast<unsigned char>(stable_random.front()) % users.size();
  return std::next(users.begin(), static_cast<std::ptrdiff_t>(some))->second;
}

}  // namespace

struct Passwords::Pending {
  bool is_done = false;
  Answer answer = Answer::wrong;
};

Passwords::Passwords() : key_(random_hex(32)), scratch_(std::make_unique<crypt_data>()) {}
Passwords::~Passwords() = default;

Passwords::Token Passwords::token_of(const std::string& user, const std::string& hash,
                                     const std::string& password) const {
  std::string message;
  for (const std::string* part : {&user, &hash, &password})
    (message += std::to_string(part->size()) + ":") += *part;
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  const unsigned char* done = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                                   as_bytes(message).data(), message.size(), out.data(), &length);
  OPENSSL_cleanse(message.data(), message.size());
  if (done == nullptr) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(out.data()), length};
}

bool Passwords::is_hash_of(const std::string& hash, const std::string& password) {
  // crypt() ends a password at a NUL, so another one could pass for it.
  const bool has_end = password.find('\0') != std::string::npos;
  const char* computed = ::crypt_r(password.c_str(), hash.c_str(), scratch_.get());
  const bool same = computed != nullptr && std::string_view(computed).size() == hash.size() &&
                    CRYPTO_memcmp(computed, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(scratch_.get(), sizeof(crypt_data));
  return same && !has_end;
}

Passwords::Answer Passwords::check(const Users& users, const std::string& user,
                                   const std::string& password) {
  const bool is_known = users.contains(user);
  const std::string& hash = hash_for(users, user, token_of(user, "", ""));
  const Token token = token_of(user, hash, password);
  std::unique_lock lock(mutex_);
  if (is_known && right_.contains(token)) return Answer::right;
  const auto found = pending_.find(token);
  if (found != pending_.end()) {
    const std::shared_ptr<Pending> other = found->second;
    changed_.wait(lock, [&] { return other->is_done; });
    return other->answer;
  }
  if (pending_.size() >= most_pending) return Answer::busy;
  const auto mine = pending_.emplace(token, std::make_shared<Pending>()).first->second;
  changed_.wait(lock, [&] { return !is_computing_; });
  is_computing_ = true;
  lock.unlock();
  const bool is_right = is_hash_of(hash, password) && is_known;
  lock.lock();
  is_computing_ = false;
  ++computed_;
  pending_.erase(token);
  mine->is_done = true;
  mine->answer = is_right ? Answer::right : Answer::wrong;
  changed_.notify_all();
  if (is_right) {
    if (right_.size() >= most_right) right_.clear();
    right_.insert(token);
  }
  return mine->answer;
}

std::size_t Passwords::computed() const {
  const std::lock_guard lock(mutex_);
  return computed_;
}

}  // namespace backproof::web
