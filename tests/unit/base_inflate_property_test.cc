// SPDX-License-Identifier: Apache-2.0
// Seeded properties: what the reference library reads is what Inflate reads, and nothing that was
// damaged ever comes out as whole.
#include "unit/base_inflate_streams.h"

namespace backproof::test {
namespace {

// Sanitizers make each stream ten times dearer.
#ifdef BACKPROOF_SANITIZED
constexpr int streams = 200, damages = 50;
#else
constexpr int streams = 4000, damages = 600;
#endif

}  // namespace

TEST_CASE("thousands of gzip streams of every level and strategy read as zlib reads them") {
  Random random(31);
  for (int i = 0; i < streams; ++i) {
    const std::size_t size = random.below(i % 50 == 0 ? 400000 : 6000);
    const std::string content = content_of(random, size);
    const GzipShape shape{.level = static_cast<int>(random.below(10)),
                          .strategy = static_cast<int>(random.below(5)),
                          .memory = 1 + static_cast<int>(random.below(9)),
                          .full_header = random.below(4) == 0};
    INFO("stream " << i << ": " << size << " bytes, level " << shape.level << ", strategy "
                   << shape.strategy);
    const std::string bytes = gzip_of(content, shape);
    const Answer answer = inflated(bytes, {}, 1 + random.below(100000));
    REQUIRE(answer.whole());
    REQUIRE(answer.content == content);
    REQUIRE(answer.layers.at(0).bytes_in == bytes.size());
  }
}

TEST_CASE("a gzip stream with a flipped bit is whole for Inflate only when it is for zlib") {
  Random random(32);
  for (int i = 0; i < streams; ++i) {
    const std::string content = content_of(random, 1 + random.below(3000));
    std::string bytes = gzip_of(content, {.level = static_cast<int>(random.below(10))});
    const std::size_t at = random.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    INFO("stream " << i << ", byte " << at);
    const Answer answer = inflated(bytes);
    if (answer.layers.empty()) continue;  // the magic was hit
    const auto expected = gunzip_by_zlib(bytes);
    REQUIRE(answer.whole() == expected.has_value());
    if (expected) REQUIRE(answer.content == *expected);
  }
}

TEST_CASE("a stream cut anywhere is truncated, for every codec") {
  Random random(33);
  for (const Maker& maker : makers()) {
    const std::string content = content_of(random, 30000);
    const std::string bytes = maker.make(content);
    for (int i = 0; i < damages; ++i) {
      const std::size_t size = 6 + random.below(bytes.size() - 6);
      INFO(name_of(maker.compression) << " cut to " << size << " of " << bytes.size());
      const Answer answer = inflated(bytes.substr(0, size), {}, 1 + random.below(40000));
      REQUIRE(answer.layers.size() == 1);
      REQUIRE(answer.cause() == Cause::truncated);
      REQUIRE_FALSE(answer.layers[0].whole);
      REQUIRE(content.starts_with(answer.content));
    }
  }
}

TEST_CASE("a flipped bit never gives a whole layer with other content, for every codec") {
  Random random(34);
  for (const Maker& maker : makers()) {
    const std::string content = content_of(random, 30000);
    const std::string bytes = maker.make(content);
    for (int i = 0; i < damages; ++i) {
      std::string bad = bytes;
      const std::size_t at = random.below(bytes.size());
      bad[at] = static_cast<char>(bad[at] ^ (1 << random.below(8)));
      INFO(name_of(maker.compression) << " flipped in byte " << at << " of " << bytes.size());
      const Answer answer = inflated(bad);
      if (answer.layers.empty()) {
        REQUIRE(answer.content == bad);  // no container any more
      } else if (answer.whole() && answer.layers[0].checksummed && answer.layers[0].trailing == 0) {
        REQUIRE(answer.content == content);
      }
    }
  }
}

TEST_CASE("noise behind any magic never crashes and never is whole") {
  Random random(35);
  for (const Maker& maker : makers()) {
    const std::string start = maker.make("x");
    for (int i = 0; i < damages; ++i) {
      const std::size_t kept = 6 + random.below(start.size() - 6);
      const Answer answer = inflated(start.substr(0, kept) + random.bytes(20 + random.below(4000)));
      INFO(name_of(maker.compression) << ", " << kept << " bytes kept: " << answer.content.size());
      REQUIRE_FALSE((answer.whole() && answer.layers.at(0).checksummed && answer.content != "x"));
    }
  }
}

TEST_CASE("random concatenations, padding and junk are counted exactly") {
  Random random(36);
  for (int i = 0; i < damages; ++i) {
    const auto all = makers();
    const Maker& maker = all.at(random.below(all.size()));
    std::string bytes, content;
    const std::uint64_t members = 1 + random.below(6);
    for (std::uint64_t m = 0; m < members; ++m) {
      const std::string part = content_of(random, random.below(5000));
      bytes += maker.make(part);
      content += part;
    }
    const std::size_t in = bytes.size();
    const bool zeros = random.below(2) == 0;
    const std::size_t extra = random.below(600);
    bytes += std::string(extra, zeros ? '\0' : '~');
    INFO(name_of(maker.compression) << ", " << members << " members, " << extra << " more");
    const Answer answer = inflated(bytes, {}, 1 + random.below(9000));
    REQUIRE(answer.whole());
    REQUIRE(answer.content == content);
    const Layer layer = answer.layers.at(0);
    REQUIRE(layer.members == members);
    REQUIRE(layer.bytes_in == in);
    REQUIRE(layer.trailing == extra);
    REQUIRE(layer.trailing_zeros == (zeros && extra > 0));
  }
}

}  // namespace backproof::test
