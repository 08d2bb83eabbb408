// SPDX-License-Identifier: Apache-2.0
// Any text, in pieces of any size: a plain dump must say the same as at once, and end the same way.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engines/pg/plain_reader.h"

namespace {

using namespace backproof;

class Pieces : public ByteSource {
 public:
  Pieces(std::string_view text, std::size_t step) : text_(text), step_(step) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    const std::size_t n = std::min({into.size(), step_, text_.size()});
    std::memcpy(into.data(), text_.data(), n);
    text_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view text_;
  std::size_t step_;
};

class Log : public DumpSink {
 public:
  std::string text;
  Result<void> header(const DumpHeader& header) override {
    return add('h', header.server_version + header.database + header.encoding + header.locale);
  }
  Result<void> entry(const DumpEntry& entry) override {
    return add('e', entry.type + "|" + entry.schema + "|" + entry.name + "|" + entry.owner);
  }
  Result<void> statement(std::string_view sql, const DumpPlace& at) override {
    if (sql.empty() || sql.back() != ';') std::abort();
    return add('s', at.str() + std::string(sql));
  }
  Result<void> copy_begin(std::string_view sql, const DumpPlace& at) override {
    return add('b', at.str() + std::string(sql));
  }
  Result<void> copy_rows(ByteView rows) override {
    if (rows.empty()) std::abort();
    text += as_text(rows);
    return {};
  }
  Result<void> copy_end() override { return add('f', ""); }
  Result<void> large_object_begin(std::uint32_t, const DumpPlace&) override { return {}; }
  Result<void> large_object_bytes(ByteView) override { return {}; }
  Result<void> large_object_end() override { return {}; }
  Result<void> connect(std::string_view database, const DumpPlace& at) override {
    return add('c', at.str() + std::string(database));
  }
  Result<void> add(char kind, const std::string& what) {
    text += '\0';
    text += kind + what;
    return {};
  }
};

class Still : public Clock {
 public:
  TimePoint now() const override { return {}; }
  Duration elapsed() const override { return {}; }
};

std::string log_of(std::string_view text, std::size_t step) {
  const Still clock;
  Pieces source(text, step);
  Log log;
  const auto end = read_plain_dump(source, log, RunContext{clock, [](auto, auto) {}});
  return log.text + '\0' +
         (end ? std::to_string(end->marked) + std::to_string(end->lines) : end.error().str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  is_plain_dump(as_bytes(text));
  if (log_of(text, size) != log_of(text, 1 + data[size - 1] % 7U)) std::abort();
  return 0;
}
