// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <set>

#include "support/support.h"

namespace backproof::test {
namespace {

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(as_bytes(text));
  return hash.hex();
}

}  // namespace

TEST_CASE("SHA-256 gives the examples of FIPS 180-4") {
  CHECK(sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_of(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 does not depend on how a stream is cut into updates") {
  Random random(1);
  const std::string text = random.bytes(100000);
  Sha256 hash;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view part = rest.substr(0, 1 + random.below(5000));
    hash.update(as_bytes(part));
    rest.remove_prefix(part.size());
  }
  Sha256 moved = std::move(hash);
  CHECK(moved.hex() == sha256_of(text));
}

TEST_CASE("a 128-bit hash is that of XXH3 and tells near texts apart") {
  // XXH3_128bits of no bytes with seed 0.
  CHECK(hash128({}) == Hash128{0x6001c324468d497fULL, 0x99aa06d3014798d8ULL});
  CHECK(hash128(as_bytes("row 1")) == hash128(as_bytes("row 1")));
  CHECK_FALSE(hash128(as_bytes("row 1")) == hash128(as_bytes("row 2")));
}

TEST_CASE("sums of 128-bit hashes carry, and do not depend on the order") {
  Hash128 sum{UINT64_MAX, 1};
  sum += Hash128{1, 0};
  CHECK(sum == Hash128{0, 2});
  sum = {UINT64_MAX, UINT64_MAX};
  sum += Hash128{2, 0};
  CHECK(sum == Hash128{1, 0});

  const Hash128 a = hash128(as_bytes("a")), b = hash128(as_bytes("b"));
  Hash128 ab = a, ba = b, aab = a;
  ab += b;
  ba += a;
  aab += a;
  aab += b;
  CHECK(ab == ba);
  CHECK_FALSE(aab == ab);
  CHECK_FALSE(aab == b);  // twice is not none
}

TEST_CASE("random hex has two digits a byte and does not repeat") {
  CHECK(random_hex(0).empty());
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = random_hex(16);
    CHECK(text.size() == 32);
    CHECK(text.find_first_not_of("0123456789abcdef") == std::string::npos);
    seen.insert(text);
  }
  CHECK(seen.size() == 1000);
  CHECK(random_hex(1000).size() == 2000);
}

}  // namespace backproof::test
