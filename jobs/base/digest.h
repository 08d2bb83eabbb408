// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/file.h"

namespace backproof {

// SHA-256 (FIPS 180-4) of a stream of bytes. Not thread-safe; one per stream.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(ByteView bytes);
  // 64 lowercase hex digits; the object is used up.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Of a file from its start to its end, wherever the descriptor stands.
Result<std::string> sha256_of(int fd);

// A 128-bit non-cryptographic hash (XXH3). Sums of it, modulo 2^128, are a digest of a multiset:
// independent of order, and an element twice is not an element none.
struct Hash128 {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Hash128&) const = default;
  Hash128& operator+=(const Hash128& other);
};
Hash128 hash128(ByteView bytes);

// The same of bytes that come in pieces. Can be used again and again: hash() ends a stream.
class Hash128Stream {
 public:
  Hash128Stream();
  Hash128Stream(Hash128Stream&&) noexcept;
  Hash128Stream& operator=(Hash128Stream&&) noexcept;
  ~Hash128Stream();
  void update(ByteView bytes);
  Hash128 hash();

 private:
  struct State;
  std::unique_ptr<State> state_;  // made when it is first needed
};

// `n` random bytes of the kernel as lowercase hex.
std::string random_hex(std::size_t n);

}  // namespace backproof
