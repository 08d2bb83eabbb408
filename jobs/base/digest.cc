// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <openssl/evp.h>
#include <sys/random.h>
#include <xxhash.h>

#include <cerrno>
#include <cstdlib>
#include <new>
#include <string_view>
#include <vector>

namespace backproof {
namespace {

std::string hex_of(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

// SHA-256 is always there and cannot fail on input; what is left is memory.
void must(bool ok) {
  if (!ok) throw std::bad_alloc();
}

}  // namespace

// A library context of its own: the default one reads openssl.cnf at its first use, which a jail
// may forbid and a host's configuration may bend.
struct Sha256::State {
  State() {
    must(context != nullptr);
    algorithm.reset(EVP_MD_fetch(context.get(), "SHA256", nullptr));
    must(algorithm != nullptr && stream != nullptr);
    must(EVP_DigestInit_ex2(stream.get(), algorithm.get(), nullptr) == 1);
  }

  struct Free {
    void operator()(OSSL_LIB_CTX* p) const { OSSL_LIB_CTX_free(p); }
    void operator()(EVP_MD* p) const { EVP_MD_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  };
  // Destroyed in reverse: the stream before its algorithm before its context.
  std::unique_ptr<OSSL_LIB_CTX, Free> context{OSSL_LIB_CTX_new()};
  std::unique_ptr<EVP_MD, Free> algorithm;
  std::unique_ptr<EVP_MD_CTX, Free> stream{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(ByteView bytes) {
  must(EVP_DigestUpdate(state_->stream.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  must(EVP_DigestFinal_ex(state_->stream.get(), digest.data(), nullptr) == 1);
  state_.reset();
  return hex_of(digest);
}

Result<std::string> sha256_of(int fd) {
  Sha256 sum;
  std::vector<unsigned char> buffer(1U << 20U);
  std::uintmax_t offset = 0;
  while (true) {
    TRY_ASSIGN(const std::size_t n, read_at(fd, buffer, offset));
    if (n == 0) return sum.hex();
    sum.update({buffer.data(), n});
    offset += n;
  }
}

Hash128& Hash128::operator+=(const Hash128& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
  return *this;
}

Hash128 hash128(ByteView bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

struct Hash128Stream::State {
  State() {
    must(state != nullptr);
    XXH3_128bits_reset(state.get());
  }
  struct Free {
    void operator()(XXH3_state_t* p) const { XXH3_freeState(p); }
  };
  std::unique_ptr<XXH3_state_t, Free> state{XXH3_createState()};
};

Hash128Stream::Hash128Stream() = default;
Hash128Stream::Hash128Stream(Hash128Stream&&) noexcept = default;
Hash128Stream& Hash128Stream::operator=(Hash128Stream&&) noexcept = default;
Hash128Stream::~Hash128Stream() = default;

void Hash128Stream::update(ByteView bytes) {
  if (!state_) state_ = std::make_unique<State>();
  XXH3_128bits_update(state_->state.get(), bytes.data(), bytes.size());
}

Hash128 Hash128Stream::hash() {
  if (!state_) return hash128({});
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->state.get());
  XXH3_128bits_reset(state_->state.get());
  return {hash.low64, hash.high64};
}

std::string random_hex(std::size_t n) {
  std::vector<unsigned char> bytes(n);
  for (std::size_t have = 0; have < n;) {
    const ssize_t got = getrandom(bytes.data() + have, n - have, 0);
    // A name that can be guessed is worse than no program.
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  return hex_of(bytes);
}

}  // namespace backproof
