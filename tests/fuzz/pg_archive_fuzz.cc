// SPDX-License-Identifier: Apache-2.0
// Archives of pg_dump from any bytes: never crashes, keeps the contract of its sink, and says the
// same however the bytes come.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/digest.h"
#include "engines/pg/archive_reader.h"

namespace {

using namespace backproof;

void require(bool holds) {
  if (!holds) std::abort();
}

class Bytes : public ByteSource {
 public:
  Bytes(ByteView bytes, std::size_t step) : rest_(bytes), step_(step) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    const std::size_t n = std::min({into.size(), step_, rest_.size()});
    if (n > 0) std::memcpy(into.data(), rest_.data(), n);
    rest_ = rest_.subspan(n);
    return n;
  }

 private:
  ByteView rest_;
  std::size_t step_;
};

// Hashes what it is told, and checks the order of calls.
class Checked : public DumpSink {
 public:
  Result<void> header(const DumpHeader&) override {
    require(!begun_);
    begun_ = true;
    return {};
  }
  Result<void> entry(const DumpEntry& entry) override {
    return in_order(begun_ && !open_ && !entry.type.empty());
  }
  Result<void> statement(std::string_view sql, const DumpPlace&) override {
    hash_.update(as_bytes(sql));
    return in_order(begun_ && !open_ && !sql.empty());
  }
  Result<void> copy_begin(std::string_view, const DumpPlace&) override { return opens(); }
  Result<void> copy_rows(ByteView rows) override { return bytes(rows); }
  Result<void> copy_end() override { return closes(); }
  Result<void> large_object_begin(std::uint32_t oid, const DumpPlace&) override {
    require(oid != 0);
    return opens();
  }
  Result<void> large_object_bytes(ByteView rows) override { return bytes(rows); }
  Result<void> large_object_end() override { return closes(); }
  Result<void> connect(std::string_view, const DumpPlace&) override { return in_order(false); }

  bool open() const { return open_; }
  std::string hex() { return hash_.hex(); }

 private:
  static Result<void> in_order(bool holds) {
    require(holds);
    return {};
  }
  Result<void> opens() {
    require(begun_ && !open_);
    open_ = true;
    return {};
  }
  Result<void> closes() {
    require(open_);
    open_ = false;
    return {};
  }
  Result<void> bytes(ByteView rows) {
    require(open_ && !rows.empty());
    hash_.update(rows);
    return {};
  }

  Sha256 hash_;
  bool begun_ = false, open_ = false;
};

class Still : public Clock {
 public:
  TimePoint now() const override { return {}; }
  Duration elapsed() const override { return {}; }
};

// What was told, and how it ended.
std::string told(ByteView bytes, std::size_t step) {
  const Still clock;
  const RunContext context{clock, [](std::uintmax_t, std::uintmax_t) {}};
  Bytes source(bytes, step);
  Checked sink;
  const auto end = read_archive(source, sink, context);
  if (!end) {
    require(end.error().cause != Cause::internal);
    return end.error().text;
  }
  require(!sink.open() && end->data_entries <= end->entries && end->trailing <= bytes.size());
  return sink.hex();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  require(told(bytes, SIZE_MAX) == told(bytes, 1 + hash128(bytes).low % 700));
  return 0;
}
