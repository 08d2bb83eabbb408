// SPDX-License-Identifier: Apache-2.0
#include <lzma.h>

#include "unit/base_inflate_streams.h"

namespace backproof::test {
namespace {

// Frames that say they have zeros, a few bytes each: 20,000 to one and more.
std::string zstd_bomb(std::size_t megabytes) {
  const std::string one = zstd_of(std::string(1U << 20U, '\0'));
  std::string bytes;
  for (std::size_t i = 0; i < megabytes; ++i) bytes += one;
  return bytes;
}

}  // namespace

TEST_CASE("content larger than the budget is cause space, at any layer") {
  for (const Maker& maker : makers()) {
    INFO(name_of(maker.compression));
    const std::string content(500000, 'x');
    CHECK(inflated(maker.make(content), {.budget = 500000}).whole());
    const Answer answer = inflated(maker.make(content), {.budget = 499999});
    CHECK(answer.cause() == Cause::space);
    CHECK_THAT(answer.error->text, Catch::Contains("499999"));
    CHECK(answer.content.size() <= 499999);
  }
  // The middle layer is the large one: its trailing zeros are never content of the inner one.
  const std::string middle = gzip_of("x") + std::string(3000000, '\0');
  CHECK(inflated(gzip_of(middle), {.budget = 4000000}).whole());
  CHECK(inflated(gzip_of(middle), {.budget = 2000000}).cause() == Cause::space);
}

TEST_CASE("a decompression bomb is hostile and stops at the ratio") {
  const std::string bytes = zstd_bomb(32);
  const InflateLimits limits{.max_ratio = 2000, .ratio_free = 4U << 20U};
  const Answer answer = inflated(bytes, limits);
  CHECK(answer.cause() == Cause::hostile);
  CHECK(answer.content.size() <= std::max<std::size_t>(4U << 20U, bytes.size() * 2000));
  // The same within what is free.
  CHECK(inflated(bytes, {.max_ratio = 2000, .ratio_free = 32U << 20U}).whole());
}

TEST_CASE("a bomb of two layers is hostile however modest each of them is") {
  const std::string inner = gzip_of(std::string(60U << 20U, '\0'), {.level = 1});
  const Answer answer = inflated(gzip_of(inner), {.max_ratio = 2000, .ratio_free = 16U << 20U});
  CHECK(answer.cause() == Cause::hostile);
  CHECK(answer.content.size() <= 16U << 20U);
}

TEST_CASE("gzip's own best ratio is not a bomb") {
  const Answer answer = inflated(gzip_of(std::string(100U << 20U, '\0')));
  CHECK(answer.whole());
  CHECK(answer.content.size() == 100U << 20U);
}

TEST_CASE("a bomb behind a file's start that is dense is hostile as well") {
  Random random(21);
  const std::string bytes = zstd_of(random.bytes(1000)) + zstd_bomb(64);
  CHECK(inflated(bytes, {.max_ratio = 1000, .ratio_free = 1U << 20U}).cause() == Cause::hostile);
}

TEST_CASE("a fourth layer is damaged, and the three above it are shown") {
  const std::string three = zstd_of(gzip_of(xz_of("content")));
  CHECK(inflated(three).whole());
  const Answer answer = inflated(lz4_of(three));
  CHECK(answer.cause() == Cause::damaged);
  CHECK_THAT(answer.error->text, Catch::Contains("more than 3 layers"));
  CHECK(answer.layers.size() == 3);
  CHECK(answer.content.empty());
  CHECK(inflated(three, {.max_layers = 2}).cause() == Cause::damaged);
}

TEST_CASE("a zstd frame with a window of 2 GiB is cause space and allocates none of it") {
  std::string bytes = zstd_of("content", true, 27);
  // The window descriptor follows magic and frame header descriptor: 2^10 times 2^exponent.
  bytes[5] = static_cast<char>((31 - 10) << 3);
  const Answer answer = inflated(bytes);
  CHECK(answer.cause() == Cause::space);
  CHECK_THAT(answer.error->text, Catch::Contains("needs a window of 2147483648 bytes"));
  CHECK(answer.layers.size() == 1);
}

TEST_CASE("a zstd window within the memory limit is read, one byte above is not") {
  const std::string bytes = zstd_of("content", true, 27);
  CHECK(inflated(bytes).whole());
  CHECK(inflated(bytes, {.memory = 1U << 27U}).whole());
  CHECK(inflated(bytes, {.memory = (1U << 27U) - 1}).cause() == Cause::space);
}

TEST_CASE(
    "the layers share one budget for their windows, and the second large one is cause space") {
  const std::string one = zstd_of("content", true, 27);
  CHECK(inflated(gzip_of(one)).whole());
  CHECK(inflated(bzip2_of(one)).whole());
  CHECK(inflated(lz4_of(one)).whole());
  const Answer answer = inflated(zstd_of(one, true, 27));
  CHECK(answer.cause() == Cause::space);
  CHECK_THAT(answer.error->text, Catch::Contains("needs a window of 134217728 bytes"));
  CHECK_THAT(answer.error->text, Catch::Contains("other layers hold 134217728"));
  CHECK_FALSE(answer.error->hint.empty());
  // The same across formats, in both directions.
  const std::string xz = xz_of("content", LZMA_CHECK_CRC64, 16U << 20U);
  CHECK(inflated(xz_of(xz, LZMA_CHECK_CRC64, 16U << 20U), {.memory = 40U << 20U}).whole());
  CHECK(inflated(xz_of(xz, LZMA_CHECK_CRC64, 16U << 20U), {.memory = 30U << 20U}).cause() ==
        Cause::space);
  CHECK(inflated(zstd_of(xz, true, 27)).cause() == Cause::space);
  CHECK(inflated(xz_of(one, LZMA_CHECK_CRC64, 16U << 20U)).cause() == Cause::space);
}

TEST_CASE("an xz dictionary beyond the memory limit is cause space with what it needs") {
  // The encoder would allocate a large one itself: 16 MiB against a limit of 8.
  const std::string bytes = xz_of("content", LZMA_CHECK_CRC64, 16U << 20U);
  CHECK(inflated(bytes).whole());
  const Answer answer = inflated(bytes, {.memory = 8U << 20U});
  CHECK(answer.cause() == Cause::space);
  CHECK_THAT(answer.error->text, Catch::Contains("needs 16"));
  CHECK_THAT(answer.error->text, Catch::Contains("the limit is 8388608"));
}

}  // namespace backproof::test
