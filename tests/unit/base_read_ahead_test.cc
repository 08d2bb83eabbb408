// SPDX-License-Identifier: Apache-2.0
#include "base/read_ahead.h"

#include <algorithm>
#include <string>

#include "support/catch.h"

using namespace backproof;

namespace {

// `content` in pieces of 1000 bytes, then its end or an error.
class Pieces : public ByteSource {
 public:
  Pieces(std::string content, bool fails) : content_(std::move(content)), fails_(fails) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    const std::size_t n =
        std::min<std::size_t>({into.size(), std::size_t{1000}, content_.size() - at_});
    if (n == 0 && fails_) return Error{Cause::damaged, "it ends badly", ""};
    std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(at_), n, into.begin());
    at_ += n;
    return n;
  }

 private:
  std::string content_;
  std::size_t at_ = 0;
  bool fails_;
};

std::string sample() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + ",";
  return text;
}

Result<std::string> read_all(ByteSource& source) {
  std::string all;
  std::vector<unsigned char> buffer(777);
  while (true) {
    TRY_ASSIGN(const std::size_t n, source.read(buffer));
    if (n == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer.data()), n);
  }
}

}  // namespace

TEST_CASE("what is read ahead is what the source gives") {
  Pieces source(sample(), false);
  ReadAhead ahead(source);
  const auto all = read_all(ahead);
  REQUIRE(all);
  CHECK(*all == sample());
  std::vector<unsigned char> more(10);
  CHECK(*ahead.read(more) == 0);
}

TEST_CASE("an error comes after the content before it, and stays") {
  Pieces source("short", true);
  ReadAhead ahead(source);
  std::vector<unsigned char> buffer(100);
  CHECK(*ahead.read(buffer) == 5);
  for (int i = 0; i < 2; ++i) {
    const auto failed = ahead.read(buffer);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().cause == Cause::damaged);
  }
}

TEST_CASE("reading ahead may be given up in the middle") {
  Pieces source(sample(), false);
  ReadAhead ahead(source);
  std::vector<unsigned char> buffer(100);
  CHECK(*ahead.read(buffer) == 100);
}
