// SPDX-License-Identifier: Apache-2.0
#include "base/inflate.h"

#include <lzma.h>

#include "unit/base_inflate_streams.h"

namespace backproof::test {

TEST_CASE("compression is told by magic bytes only") {
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    const std::string bytes = maker.make("content");
    CHECK(compression_of(as_bytes(bytes)) == maker.compression);
    CHECK(compression_of(as_bytes(maker.make(""))) == maker.compression);
    CHECK(compression_of(as_bytes(bytes.substr(0, 1))) == Compression::none);
    CHECK(compression_of(as_bytes("x" + bytes)) == Compression::none);
  }
  for (const char* text : {"", "B", "BZ", "BZh9", "BZh is how a sentence starts", "SQLite format 3",
                           "PGDMP", "PK\x03\x04", "7z\xbc\xaf\x27\x1c",
                           "\xfd"
                           "7zX"})
    CHECK(compression_of(as_bytes(text)) == Compression::none);
}

TEST_CASE("a leading skippable frame belongs to the codec of the frame behind it") {
  const std::string user = skippable_of("user data") + skippable_of("");
  CHECK(compression_of(as_bytes(user + zstd_of("x"))) == Compression::zstd);
  CHECK(compression_of(as_bytes(user + lz4_of("x"))) == Compression::lz4);
  CHECK(compression_of(as_bytes(user)) == Compression::zstd);
  CHECK(compression_of(as_bytes(user + gzip_of("x"))) == Compression::zstd);
  CHECK(compression_of(as_bytes(std::string_view(user).substr(0, 6))) == Compression::zstd);
}

TEST_CASE("a bare file has no layers and gives its own bytes") {
  Random random(2);
  for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 3000000UL}) {
    const std::string bytes = "-" + random.bytes(size);
    const Answer answer = inflated(bytes);
    CHECK(answer.whole());
    CHECK(answer.layers.empty());
    CHECK(answer.content == bytes);
    CHECK(answer.head == bytes.substr(0, 65536));
  }
}

TEST_CASE("an empty file has neither layers nor content") {
  const Answer answer = inflated("");
  CHECK(answer.whole());
  CHECK(answer.layers.empty());
  CHECK(answer.content.empty());
  CHECK(answer.head.empty());
}

TEST_CASE("every codec gives its content back, whatever the size of the reads") {
  Random random(3);
  for (const Maker& maker : makers()) {
    for (const std::size_t size : {1UL, 100UL, 65536UL, 70000UL, 2500000UL}) {
      INFO(name_of(maker.compression) << ", " << size << " bytes");
      const std::string content = content_of(random, size);
      const std::string bytes = maker.make(content);
      const Answer answer = inflated(bytes, {}, 1 + random.below(size));
      REQUIRE(answer.whole());
      REQUIRE(answer.content == content);
      CHECK(answer.head == content.substr(0, 65536));
      REQUIRE(answer.layers.size() == 1);
      const Layer& layer = answer.layers[0];
      CHECK(layer.compression == maker.compression);
      CHECK(layer.members == 1);
      CHECK(layer.bytes_in == bytes.size());
      CHECK(layer.bytes_out == size);
      CHECK(layer.trailing == 0);
      CHECK(layer.checksummed);
      CHECK_FALSE(layer.trailer);
    }
  }
}

TEST_CASE("a compressed nothing is a whole layer without content") {
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    const Answer answer = inflated(maker.make(""));
    CHECK(answer.whole());
    CHECK(answer.content.empty());
    REQUIRE(answer.layers.size() == 1);
    CHECK(answer.layers[0].members == 1);
    CHECK(answer.layers[0].bytes_out == 0);
  }
}

TEST_CASE("members, frames and streams one after the other are one content and are counted") {
  Random random(4);
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    std::string bytes, content;
    for (const std::size_t size : {100000UL, 0UL, 1UL, 300000UL, 17UL}) {
      const std::string part = content_of(random, size);
      bytes += maker.make(part);
      content += part;
    }
    const Answer answer = inflated(bytes, {}, 4000);
    CHECK(answer.whole());
    CHECK(answer.content == content);
    CHECK(answer.layers.at(0).members == 5);
    CHECK(answer.layers.at(0).bytes_in == bytes.size());
  }
}

TEST_CASE("a hundred thousand empty gzip members are read as what they are") {
  const std::string one = gzip_of("");
  std::string bytes;
  for (int i = 0; i < 100000; ++i) bytes += one;
  const Answer answer = inflated(bytes + gzip_of("end"));
  CHECK(answer.whole());
  CHECK(answer.content == "end");
  CHECK(answer.layers.at(0).members == 100001);
}

TEST_CASE("a gzip header with extra field, name, comment and checksum is read over") {
  const std::string bytes = gzip_of("content", {.full_header = true});
  const Answer answer = inflated(bytes + bytes);
  CHECK(answer.whole());
  CHECK(answer.content == "contentcontent");
}

TEST_CASE("skippable frames of zstd and lz4 are neither content nor trailing bytes") {
  const std::string user = skippable_of("user data") + skippable_of("");
  const std::string large = skippable_of(std::string(700000, 'u'));
  for (const auto& frame : {zstd_of("content"), lz4_of("content")}) {
    const Answer answer = inflated(user + frame + large + frame + user);
    CHECK(answer.whole());
    CHECK(answer.content == "contentcontent");
    CHECK(answer.layers.at(0).members == 2);
    CHECK(answer.layers.at(0).trailing == 0);
    CHECK(answer.layers.at(0).bytes_in == answer.bytes_read);
  }
  CHECK(inflated(user).whole());
  CHECK(inflated(user).content.empty());
  CHECK(inflated(large + zstd_of("content")).content == "content");
  // Too far off to be told from zstd's: refused, not an empty zstd layer.
  CHECK(inflated(large + lz4_of("content")).cause() == Cause::damaged);
}

TEST_CASE("padding between xz streams is part of the layer, at its end it is trailing zeros") {
  const std::string pad(8, '\0');
  const std::string one = xz_of("one"), two = xz_of("two");
  const Answer answer = inflated(one + pad + two + pad);
  CHECK(answer.whole());
  CHECK(answer.content == "onetwo");
  const Layer layer = answer.layers.at(0);
  CHECK(layer.members == 2);
  CHECK(layer.bytes_in == one.size() + pad.size() + two.size());
  CHECK(layer.trailing == pad.size());
  CHECK(layer.trailing_zeros);

  const Answer uneven = inflated(one + pad.substr(1) + two);
  CHECK(uneven.content == "one");
  CHECK(uneven.layers.at(0).trailing == 7 + two.size());
  CHECK_FALSE(uneven.layers.at(0).trailing_zeros);
}

TEST_CASE("every kind of xz check is verified, and none is reported as no checksum") {
  for (const int check : {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256}) {
    const Answer answer = inflated(xz_of("content", check));
    CHECK(answer.content == "content");
    CHECK(answer.layers.at(0).checksummed);
  }
  const Answer answer = inflated(xz_of("content", LZMA_CHECK_NONE));
  CHECK(answer.whole());
  CHECK_FALSE(answer.layers.at(0).checksummed);
}

TEST_CASE("a zstd or lz4 frame without a checksum is reported as not checksummed") {
  const Answer zstd = inflated(zstd_of("content") + zstd_of("content", false));
  CHECK(zstd.whole());
  CHECK_FALSE(zstd.layers.at(0).checksummed);
  CHECK(inflated(lz4_of("c", {.content_checksum = true})).layers.at(0).checksummed);
  CHECK(inflated(lz4_of("c", {.content_checksum = false, .block_checksums = true}))
            .layers.at(0)
            .checksummed);
  CHECK_FALSE(inflated(lz4_of("c", {.content_checksum = false})).layers.at(0).checksummed);
}

TEST_CASE("up to three layers are found, outermost first, whatever their kinds") {
  Random random(5);
  const std::string content = content_of(random, 70000);
  for (const Maker& outer : makers())
    for (const Maker& middle : makers())
      for (const Maker& inner : makers()) {
        const Answer answer = inflated(outer.make(middle.make(inner.make(content))));
        REQUIRE(answer.whole());
        REQUIRE(answer.content == content);
        REQUIRE(answer.layers.size() == 3);
        CHECK(answer.layers[0].compression == outer.compression);
        CHECK(answer.layers[1].compression == middle.compression);
        CHECK(answer.layers[2].compression == inner.compression);
      }
}

TEST_CASE("the SHA-256 is that of the file's own bytes, whole, bare, damaged or followed by junk") {
  Random random(8);
  const auto check = [](const std::string& bytes) {
    Sha256 expected;
    expected.update(as_bytes(bytes));
    CHECK(inflated(bytes).sha256 == expected.hex());
  };
  for (const Maker& maker : makers()) {
    const std::string bytes = maker.make(content_of(random, 800000));
    check(bytes);
    check(bytes.substr(0, bytes.size() / 2));
    check(bytes + random.bytes(600000));
    check("-" + bytes);
    std::string damaged = bytes;
    damaged[bytes.size() / 3] = static_cast<char>(damaged[bytes.size() / 3] ^ 4);
    check(damaged);
  }
}

TEST_CASE("a hash that is asked for early still covers the whole file") {
  Random random(6);
  const std::string bytes = gzip_of(content_of(random, 9000000), {.level = 1});
  const Fd fd = file_of(bytes);
  auto source = Inflate::open(fd.get(), {});
  REQUIRE(source);
  std::vector<unsigned char> part(1000);
  REQUIRE((*source)->read(part));
  Sha256 expected;
  expected.update(as_bytes(bytes));
  const auto sha256 = (*source)->sha256();
  REQUIRE(sha256);
  CHECK(*sha256 == expected.hex());
  CHECK((*source)->bytes_read() == bytes.size());
  CHECK_FALSE((*source)->read(part));
  CHECK_FALSE((*source)->sha256());
}

TEST_CASE("a source may be destroyed at any moment") {
  Random random(7);
  const std::string bytes = gzip_of(content_of(random, 12000000), {.level = 1});
  const Fd fd = file_of(bytes);
  std::vector<unsigned char> part(100000);
  for (int i = 0; i < 60; ++i) {
    auto source = Inflate::open(fd.get(), {});
    REQUIRE(source);
    for (std::uint64_t reads = random.below(60); reads > 0; --reads) REQUIRE((*source)->read(part));
  }
}

TEST_CASE("only a regular file is read") {
  const auto null = open_readonly("/dev/null");
  REQUIRE(null);
  const auto source = Inflate::open(null->get(), {});
  REQUIRE_FALSE(source);
  CHECK(source.error().cause == Cause::fetch);
  CHECK_FALSE(Inflate::open(-1, {}));
}

}  // namespace backproof::test
