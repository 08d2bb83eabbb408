// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "engines/pg/plain_reader.h"
#include "support/support.h"

namespace backproof::test {

// Text as a stream that gives at most `step` bytes a read.
class TextSource : public ByteSource {
 public:
  TextSource(std::string_view text, std::size_t step) : text_(text), step_(step) {}
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

// Everything that a dump says, one line an event; rows that come in pieces are one event.
class Recorder : public DumpSink {
 public:
  std::vector<std::string> events;
  std::vector<DumpHeader> headers;
  std::vector<DumpEntry> entries;

  Result<void> header(const DumpHeader& header) override {
    headers.push_back(header);
    return add("header " + header.server_version + "|" + header.dump_version + "|" +
               header.database + "|" + header.encoding + "|" + header.locale + "|" +
               header.created);
  }
  Result<void> entry(const DumpEntry& entry) override {
    entries.push_back(entry);
    return add("entry " + entry.type + "|" + entry.schema + "|" + entry.name + "|" + entry.owner);
  }
  Result<void> statement(std::string_view sql, const DumpPlace& at) override {
    return add(std::to_string(at.number) + " " + std::string(sql));
  }
  Result<void> copy_begin(std::string_view sql, const DumpPlace& at) override {
    open_ = true;
    events.push_back(std::to_string(at.number) + " begin " + std::string(sql));
    return add("rows ");
  }
  Result<void> copy_rows(ByteView rows) override {
    REQUIRE(open_);
    events.back() += as_text(rows);
    return {};
  }
  Result<void> copy_end() override {
    open_ = false;
    return add("end");
  }
  Result<void> large_object_begin(std::uint32_t, const DumpPlace&) override { return {}; }
  Result<void> large_object_bytes(ByteView) override { return {}; }
  Result<void> large_object_end() override { return {}; }
  Result<void> connect(std::string_view database, const DumpPlace& at) override {
    return add(std::to_string(at.number) + " connect " + std::string(database));
  }

 private:
  Result<void> add(std::string event) {
    events.push_back(std::move(event));
    return {};
  }
  bool open_ = false;
};

struct Reading {
  Recorder recorder;
  Result<PlainEnd> end = Error{};

  std::string error() const {
    return end ? "" : std::string(name_of(end.error().cause)) + ": " + end.error().text;
  }
  bool operator==(const Reading& other) const {
    return recorder.events == other.recorder.events && error() == other.error();
  }
};

inline Reading read_in_steps(std::string_view text, std::size_t step) {
  TextSource source(text, step);
  FakeClock clock(at("2026-11-23T12:00:00Z"));
  Reading reading;
  reading.end = read_plain_dump(source, reading.recorder, RunContext{clock, [](auto, auto) {}});
  return reading;
}

// In one piece, and in pieces of some sizes, which must say the same.
inline Reading read_plain(std::string_view text) {
  Reading whole = read_in_steps(text, text.size() + 1);
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
    INFO("in pieces of " << step << " bytes");
    const Reading pieces = read_in_steps(text, step);
    CHECK(pieces.recorder.events == whole.recorder.events);
    CHECK(pieces.error() == whole.error());
  }
  return whole;
}

inline std::string plain_head() {
  return "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.18 (Debian "
         "15.18-0+deb12u1)\n\nSET client_encoding = 'UTF8';\n\n";
}
inline std::string plain_tail() {
  return "--\n-- PostgreSQL database dump complete\n--\n\n";
}
// A whole dump with `body` in it, whose first line is 9.
inline std::string plain_dump(std::string_view body) {
  return plain_head() + std::string(body) + plain_tail();
}

}  // namespace backproof::test
