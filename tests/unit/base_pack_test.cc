// SPDX-License-Identifier: Apache-2.0
#include "base/pack.h"

#include <fcntl.h>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Long enough for several pieces of every library, and for blocks that do not become smaller.
std::string content() {
  Random random(7);
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "line " + std::to_string(i % 977) + "\n";
  return text + random.bytes(300'000) + text;
}

std::string all_of(ByteSource& source) {
  std::string out;
  std::vector<unsigned char> buffer(100'000);
  while (true) {
    const auto n = source.read(buffer);
    INFO((n ? "" : n.error().str()));
    REQUIRE(n);
    if (*n == 0) return out;
    out.append(as_text(ByteView(buffer).first(*n)));
  }
}

void give(ByteSink& sink, std::string_view text) {
  while (!text.empty()) {
    REQUIRE(sink.write(as_bytes(text.substr(0, 70'001))));
    text.remove_prefix(std::min<std::size_t>(text.size(), 70'001));
  }
  REQUIRE(sink.finish());
}

class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : left_(text) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    const std::size_t n = std::min(into.size(), left_.size());
    std::copy_n(left_.begin(), n, into.begin());
    left_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view left_;
};

}  // namespace

TEST_CASE("what is packed into a container comes out of it, proven whole") {
  const Folder folder;
  for (const std::string& text : {content(), std::string("short"), std::string()})
    for (const Compression compression : {Compression::none, Compression::gzip, Compression::zstd,
                                          Compression::xz, Compression::bzip2, Compression::lz4}) {
      INFO(name_of(compression) << " of " << text.size());
      TextSink packed;
      give(*packer(compression, packed), text);
      const Path file = folder.write("packed", packed.text);
      const auto fd = open_readonly(file);
      REQUIRE(fd);
      const auto inflate = Inflate::open(fd->get(), {});
      REQUIRE(inflate);
      CHECK(all_of(**inflate) == text);
      const auto layers = (*inflate)->layers();
      REQUIRE(layers.size() == (compression == Compression::none ? 0 : 1));
      if (layers.empty()) continue;
      CHECK(layers[0].compression == compression);
      CHECK(layers[0].whole);
      CHECK(layers[0].checksummed);
      CHECK(layers[0].trailing == 0);
    }
}

TEST_CASE("containers inside of containers") {
  const Folder folder;
  TextSink packed;
  const auto outer = packer(Compression::gzip, packed);
  const auto inner = packer(Compression::zstd, *outer);
  give(*inner, content());
  REQUIRE(outer->finish());
  const auto fd = open_readonly(folder.write("packed", packed.text));
  const auto inflate = Inflate::open(fd->get(), {});
  CHECK(all_of(**inflate) == content());
  CHECK((*inflate)->layers().size() == 2);
}

TEST_CASE("what stands packed inside of an archive comes out of it") {
  for (const StreamCodec codec :
       {StreamCodec::zlib, StreamCodec::gzip, StreamCodec::lz4, StreamCodec::zstd}) {
    TextSink packed;
    give(*packer(codec, packed), content());
    const auto inflate = StreamInflate::create(codec, 140U << 20U);
    REQUIRE(inflate);
    TextSource source(packed.text);
    (*inflate)->start(source);
    CHECK(all_of(**inflate) == content());
  }
}
