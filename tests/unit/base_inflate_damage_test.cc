// SPDX-License-Identifier: Apache-2.0
// Damages by name: each is one way in which a container arrives bad.
#include <lzma.h>

#include "unit/base_inflate_streams.h"

namespace backproof::test {
namespace {

std::string flipped(std::string bytes, std::size_t at, unsigned bit = 0) {
  bytes.at(at) = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
  return bytes;
}

std::string content(std::size_t bytes = 300000) {
  Random random(11);
  return content_of(random, bytes);
}

}  // namespace

TEST_CASE("a gzip stream cut in the middle is truncated") {
  const std::string bytes = gzip_of(content());
  const Answer answer = inflated(bytes.substr(0, bytes.size() / 2));
  CHECK(answer.cause() == Cause::truncated);
  CHECK_THAT(answer.error->text, Catch::StartsWith("gzip member 1 is cut off"));
  CHECK_FALSE(answer.layers.at(0).whole);
  CHECK_FALSE(answer.content.empty());
  CHECK(content().starts_with(answer.content));
}

TEST_CASE("a gzip stream cut in its trailer is truncated") {
  const std::string bytes = gzip_of(content());
  for (std::size_t missing = 1; missing <= 8; ++missing) {
    INFO(missing);
    const Answer answer = inflated(bytes.substr(0, bytes.size() - missing));
    CHECK(answer.cause() == Cause::truncated);
    CHECK(answer.content == content());
    CHECK_FALSE(answer.layers.at(0).whole);
  }
}

TEST_CASE("a gzip stream cut in its header is truncated") {
  const std::string bytes = gzip_of("content", {.full_header = true});
  for (std::size_t size = 2; size < 350; ++size)
    REQUIRE(inflated(bytes.substr(0, size)).cause() == Cause::truncated);
}

TEST_CASE("a second gzip member cut anywhere is truncated, at the border it is not noticed") {
  const std::string one = gzip_of("one"), both = one + gzip_of("two", {.full_header = true});
  for (std::size_t size = one.size() + 1; size < both.size(); ++size) {
    const Answer answer = inflated(both.substr(0, size));
    REQUIRE(answer.cause() == Cause::truncated);
    REQUIRE_THAT(answer.error->text, Catch::StartsWith("gzip member 2"));
  }
  const Answer border = inflated(one);
  CHECK(border.whole());
  CHECK(border.layers.at(0).members == 1);
}

TEST_CASE("a gzip trailer with a wrong CRC32 is reported beside the whole content") {
  const std::string bytes = gzip_of(content());
  const Answer answer = inflated(flipped(bytes, bytes.size() - 6));
  CHECK_FALSE(answer.error);
  CHECK(answer.content == content());
  const Layer layer = answer.layers.at(0);
  CHECK_FALSE(layer.whole);
  REQUIRE(layer.trailer);
  CHECK(layer.trailer->cause == Cause::damaged);
  CHECK_THAT(layer.trailer->text, Catch::StartsWith("gzip member 1 has content with CRC32 0x"));
  CHECK_THAT(layer.trailer->text, !Catch::Contains("modulo"));
}

TEST_CASE("a gzip trailer with a wrong length is reported beside the whole content") {
  const std::string bytes = gzip_of(content());
  const Answer answer = inflated(flipped(bytes, bytes.size() - 4) + std::string(512, '\0'));
  CHECK_FALSE(answer.error);
  CHECK(answer.content == content());
  const Layer layer = answer.layers.at(0);
  CHECK_FALSE(layer.whole);
  REQUIRE(layer.trailer);
  CHECK(layer.trailer->text ==
        "gzip member 1 has 300000 bytes (modulo 2^32) where its trailer says 300001");
  CHECK(layer.trailing == 512);
  CHECK(layer.trailing_zeros);
}

TEST_CASE("a wrong trailer in a gzip member that others follow is damaged") {
  const std::string one = gzip_of("one");
  for (const std::string& rest : {gzip_of("two"), std::string("junk"), std::string("\0\0x", 3)}) {
    const Answer answer = inflated(flipped(one, one.size() - 1) + rest);
    CHECK(answer.cause() == Cause::damaged);
    CHECK_FALSE(answer.layers.at(0).whole);
  }
}

TEST_CASE("a bit flipped inside a gzip stream is never a whole layer") {
  const std::string bytes = gzip_of(content());
  const Answer answer = inflated(flipped(bytes, bytes.size() / 2, 3));
  CHECK_FALSE(answer.whole());
}

TEST_CASE("a gzip header that disagrees with its checksum is damaged") {
  const std::string bytes = gzip_of("content", {.full_header = true});
  for (const std::size_t at : {5UL, 40UL, 320UL}) {
    INFO(at);
    const Answer answer = inflated(flipped(bytes, at));
    CHECK(answer.cause() == Cause::damaged);
  }
}

TEST_CASE("a gzip member of an unknown method or with reserved flags is damaged") {
  const std::string bytes = gzip_of("content");
  CHECK(inflated(flipped(bytes, 2)).cause() == Cause::damaged);
  CHECK(inflated(flipped(bytes, 3, 5)).cause() == Cause::damaged);
  CHECK(inflated(std::string("\x1f\x8b and then some text")).cause() == Cause::damaged);
}

TEST_CASE("bytes after the last member are counted and do not spoil the content") {
  const std::string junk = "<html><body>502 Bad Gateway</body></html>\n";
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    const std::string bytes = maker.make(content());
    const Answer answer = inflated(bytes + junk);
    CHECK_FALSE(answer.error);
    CHECK(answer.content == content());
    const Layer layer = answer.layers.at(0);
    CHECK(layer.whole);
    CHECK(layer.members == 1);
    CHECK(layer.bytes_in == bytes.size());
    CHECK(layer.trailing == junk.size());
    CHECK_FALSE(layer.trailing_zeros);
  }
}

TEST_CASE("zero padding after the last member is told from other trailing bytes") {
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    const std::string bytes = maker.make("content");
    const std::string zeros(700001, '\0');
    const Layer padded = inflated(bytes + zeros).layers.at(0);
    CHECK(padded.whole);
    CHECK(padded.trailing == zeros.size());
    CHECK(padded.trailing_zeros);
    const Layer other = inflated(bytes + zeros + "x").layers.at(0);
    CHECK(other.whole);
    CHECK(other.trailing == zeros.size() + 1);
    CHECK_FALSE(other.trailing_zeros);
  }
}

TEST_CASE("a stream of any codec without its last byte is truncated") {
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    const std::string bytes = maker.make(content());
    const Answer answer = inflated(bytes.substr(0, bytes.size() - 1));
    CHECK(answer.cause() == Cause::truncated);
    CHECK_FALSE(answer.layers.at(0).whole);
  }
}

TEST_CASE("a skippable frame that is cut is truncated") {
  for (const std::string& frame : {zstd_of("content"), lz4_of("content")}) {
    const std::string bytes = frame + skippable_of("user data");
    for (std::size_t size = frame.size() + 1; size < bytes.size(); ++size)
      REQUIRE(inflated(bytes.substr(0, size)).cause() == Cause::truncated);
  }
}

TEST_CASE("a wrong content checksum of zstd, lz4, xz or bzip2 is damaged") {
  const std::string zstd = zstd_of(content()), lz4 = lz4_of(content());
  CHECK(inflated(flipped(zstd, zstd.size() - 1)).cause() == Cause::damaged);
  CHECK(inflated(flipped(lz4, lz4.size() - 1)).cause() == Cause::damaged);
  const std::string blocks =
      lz4_of(content(), {.content_checksum = false, .block_checksums = true});
  CHECK(inflated(flipped(blocks, blocks.size() / 2)).cause() == Cause::damaged);
  // Behind the signature of bzip2's first block stands its CRC.
  CHECK(inflated(flipped(bzip2_of("content"), 10)).cause() == Cause::damaged);
  for (const int check : {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256}) {
    // The check stands before the index and the footer of 12 bytes.
    const std::string xz = xz_of("content", check);
    CHECK(inflated(flipped(xz, xz.size() - 24)).cause() == Cause::damaged);
  }
}

TEST_CASE("a wrong index or footer of xz is damaged") {
  const std::string xz = xz_of(content());
  for (std::size_t from_end = 1; from_end <= 20; ++from_end)
    CHECK(inflated(flipped(xz, xz.size() - from_end)).cause() == Cause::damaged);
}

TEST_CASE("a frame that needs a dictionary says so") {
  std::string zstd = zstd_of("content");
  zstd[4] = static_cast<char>(zstd[4] | 1);  // a dictionary id of one byte
  zstd.insert(6, "\x2a");
  const Answer answer = inflated(zstd);
  CHECK(answer.cause() == Cause::missing_tool);
  CHECK_THAT(answer.error->text, Catch::Contains("needs dictionary 42"));
  CHECK(inflated(flipped(lz4_of("content"), 4)).cause() == Cause::missing_tool);
}

TEST_CASE("damage in an inner layer is found through the outer ones") {
  const std::string inner = gzip_of(content());
  const Answer cut = inflated(zstd_of(inner.substr(0, inner.size() - 9)));
  CHECK(cut.cause() == Cause::truncated);
  CHECK_THAT(cut.error->text, Catch::StartsWith("gzip"));
  CHECK_FALSE(cut.layers.at(1).whole);
  const std::string outer = zstd_of(inner);
  const Answer half = inflated(outer.substr(0, outer.size() / 2));
  CHECK(half.cause() == Cause::truncated);
  CHECK_THAT(half.error->text, Catch::StartsWith("zstd"));
}

TEST_CASE("trailing bytes of each layer are its own") {
  const std::string inner = gzip_of("content");
  const Answer answer = inflated(bzip2_of(inner + "junk") + std::string(10, '\0'));
  CHECK(answer.whole());
  CHECK(answer.content == "content");
  CHECK(answer.layers.at(0).trailing == 10);
  CHECK(answer.layers.at(0).trailing_zeros);
  CHECK(answer.layers.at(1).trailing == 4);
  CHECK_FALSE(answer.layers.at(1).trailing_zeros);
}

TEST_CASE("a half gzip stream with a whole one behind it is never a whole layer") {
  // `pigz f || gzip f`: the first left half a file behind, the second went on after it.
  const std::string half = gzip_of(content()).substr(0, 5000);
  CHECK_FALSE(inflated(half + gzip_of(content())).whole());
}

}  // namespace backproof::test
