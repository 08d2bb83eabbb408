// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_toc.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_set>
#include <utility>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::uint64_t text_limit = 64U << 20U, toc_limit = 128U << 20U;
constexpr unsigned oldest_minor = 12, newest_minor = 16;
// What a version brought.
constexpr unsigned access_methods = 14, compression_byte = 15, relation_kinds = 16;

constexpr std::array<std::string_view, 6> named_by_drop{
    "AGGREGATE", "FUNCTION", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "PROCEDURE"};

Error damaged(std::string text) {
  return {Cause::damaged, std::move(text), ""};
}

bool all_digits(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

class Reader {
 public:
  Reader(ArchiveInput& input, ArchiveForm form) : input_(input), form_(form) {}

  Result<ArchiveToc> read() {
    TRY(read_header());
    TRY_ASSIGN(const std::int64_t count, input_.integer());
    if (count < 0)
      return damaged("the table of contents has " + std::to_string(count) + " entries");
    for (std::int64_t i = 0; i < count; ++i) {
      if (auto done = read_entry(); !done)
        return done.error().while_doing("reading item " + std::to_string(i + 1) + " of " +
                                        std::to_string(count) + " of the table of contents");
    }
    return std::move(toc_);
  }

 private:
  Result<void> read_header();
  Result<void> read_version();
  Result<void> read_compression();
  Result<void> read_created();
  Result<void> read_entry();
  Result<void> read_texts(ArchiveEntry& entry);
  Result<void> read_dependencies(ArchiveEntry& entry);
  Result<void> read_place(ArchiveEntry& entry);

  Result<void> charge(std::uint64_t bytes) {
    charged_ += bytes;
    if (charged_ <= toc_limit) return {};
    return Error{Cause::space,
                 "the table of contents needs more than " + text::format_size(toc_limit), ""};
  }

  // Nothing where the archive says so, which is not the same as empty.
  Result<std::optional<std::string>> maybe_text() {
    TRY_ASSIGN(const std::int64_t length, input_.integer());
    if (length == -1) return std::optional<std::string>();
    if (length < 0) return damaged("a text of " + std::to_string(length) + " bytes");
    if (static_cast<std::uint64_t>(length) > text_limit) {
      // Too long for us only where it is there: else its length is what is wrong.
      TRY(input_.skip(static_cast<std::uint64_t>(length)));
      return Error{Cause::space,
                   "a text of " + text::format_count(static_cast<std::uint64_t>(length)) +
                       " bytes, the limit is " + text::format_size(text_limit),
                   ""};
    }
    TRY(charge(static_cast<std::uint64_t>(length)));
    std::string read;
    // No length is believed: what is allocated follows what arrives.
    auto left = static_cast<std::size_t>(length);
    while (left > 0) {
      const std::size_t have = read.size();
      read.resize(have + std::min(left, std::max<std::size_t>(have, 64U << 10U)));
      auto at = std::span(reinterpret_cast<unsigned char*>(read.data()), read.size()).subspan(have);
      left -= at.size();
      while (!at.empty()) {
        TRY_ASSIGN(const std::size_t n, input_.read(at));
        if (n == 0) return input_.cut();
        at = at.subspan(n);
      }
    }
    if (read.find('\0') != std::string::npos) return damaged("a text with a zero byte in it");
    return std::optional<std::string>(std::move(read));
  }

  Result<std::string> text() {
    TRY_ASSIGN(auto read, maybe_text());
    return read ? *std::move(read) : std::string();
  }

  // What only digits may be in, and nobody needs.
  Result<void> skip_oid() {
    TRY_ASSIGN(const std::string oid, text());
    if (!all_digits(oid)) return damaged("an OID that is no number");
    return {};
  }

  Result<std::int64_t> number(std::int64_t least, std::int64_t most, std::string_view what) {
    TRY_ASSIGN(const std::int64_t value, input_.integer());
    if (value < least || value > most)
      return damaged(std::string(what) + " is " + std::to_string(value) + ", which cannot be");
    return value;
  }

  ArchiveInput& input_;
  const ArchiveForm form_;
  ArchiveToc toc_;
  std::unordered_set<std::int64_t> ids_;
  std::uint64_t charged_ = 0;
};

Result<void> Reader::read_version() {
  for (const char expected : std::string_view("PGDMP")) {
    TRY_ASSIGN(const unsigned char found, input_.byte());
    if (found != static_cast<unsigned char>(expected))
      return damaged("the archive does not begin with PGDMP");
  }
  TRY_ASSIGN(const unsigned major, input_.byte());
  TRY_ASSIGN(const unsigned minor, input_.byte());
  TRY(input_.byte());  // the revision, which changes nothing
  toc_.header.minor = minor;
  const std::string version = std::to_string(major) + "." + std::to_string(minor);
  if (major > 1 || (major == 1 && minor > newest_minor))
    return Error{Cause::version,
                 "the archive has version " + version + ", the newest known is 1.16",
                 "a newer backproof may know it; pg_dump in plain format works with any"};
  if (major < 1 || minor < oldest_minor)
    return Error{Cause::version,
                 "the archive has version " + version + ", the oldest known is 1.12",
                 "take the backup with pg_dump 9.0 or newer"};
  return {};
}

Result<void> Reader::read_compression() {
  ArchiveCompression& compression = toc_.header.compression;
  if (toc_.header.minor >= compression_byte) {
    TRY_ASSIGN(const unsigned char code, input_.byte());
    if (code > static_cast<unsigned char>(ArchiveCompression::zstd))
      return damaged("the archive has compression " + std::to_string(code) +
                     ", which does not exist");
    compression = static_cast<ArchiveCompression>(code);
    return {};
  }
  TRY_ASSIGN(const std::int64_t level, number(-1, 9, "the compression level"));
  compression = level == 0 ? ArchiveCompression::none : ArchiveCompression::gzip;
  return {};
}

Result<void> Reader::read_created() {
  TRY_ASSIGN(const std::int64_t second, number(0, 61, "the second of its creation"));
  TRY_ASSIGN(const std::int64_t minute, number(0, 59, "the minute of its creation"));
  TRY_ASSIGN(const std::int64_t hour, number(0, 23, "the hour of its creation"));
  TRY_ASSIGN(const std::int64_t day, number(1, 31, "the day of its creation"));
  TRY_ASSIGN(const std::int64_t month, number(0, 11, "the month of its creation"));
  TRY_ASSIGN(const std::int64_t year, number(0, 8099, "the year of its creation"));
  TRY(number(-1, 1, "the daylight saving of its creation"));
  std::array<char, 32> written{};
  std::snprintf(written.data(), written.size(), "%04d-%02d-%02d %02d:%02d:%02d",
                static_cast<int>(year + 1900), static_cast<int>(month + 1), static_cast<int>(day),
                static_cast<int>(hour), static_cast<int>(minute), static_cast<int>(second));
  toc_.header.created = written.data();
  return {};
}

Result<void> Reader::read_header() {
  TRY(read_version());
  TRY_ASSIGN(const unsigned char int_size, input_.byte());
  TRY_ASSIGN(const unsigned char off_size, input_.byte());
  if (int_size < 1 || int_size > 32 || off_size < 1 || off_size > 32)
    return damaged("the archive has numbers of " + std::to_string(int_size) + " and " +
                   std::to_string(off_size) + " bytes");
  input_.set_int_size(int_size);
  toc_.header.off_size = off_size;
  TRY_ASSIGN(const unsigned char form, input_.byte());
  const unsigned expected = form_ == ArchiveForm::custom ? 1 : 3;
  if (form != expected)
    return damaged("the archive says that it has form " + std::to_string(form) + ", not " +
                   std::to_string(expected));
  TRY(read_compression());
  TRY(read_created());
  TRY_ASSIGN(toc_.header.database, text());
  TRY_ASSIGN(toc_.header.server_version, text());
  TRY_ASSIGN(toc_.header.dump_version, text());
  return {};
}

Result<void> Reader::read_entry() {
  ArchiveEntry entry;
  TRY(charge(sizeof entry));
  TRY_ASSIGN(entry.id, number(1, INT32_MAX, "the id"));
  if (!ids_.insert(entry.id).second)
    return damaged("id " + std::to_string(entry.id) + " is there twice");
  TRY_ASSIGN(const std::int64_t has_data, number(0, 1, "whether it has data"));
  entry.has_data = has_data == 1;
  TRY(skip_oid());
  TRY(skip_oid());
  TRY(read_texts(entry));
  TRY(read_dependencies(entry));
  TRY(read_place(entry));
  toc_.entries.push_back(std::move(entry));
  return {};
}

Result<void> Reader::read_texts(ArchiveEntry& entry) {
  TRY_ASSIGN(entry.tag, text());
  TRY_ASSIGN(entry.type, text());
  if (entry.type.empty()) return damaged("it has no type");
  TRY_ASSIGN(const std::int64_t section, number(1, 4, "its section"));
  entry.section = static_cast<ArchiveSection>(section - 1);
  TRY_ASSIGN(entry.definition, text());
  TRY_ASSIGN(entry.drop, text());
  entry.droppable = !entry.drop.empty();
  if (std::ranges::find(named_by_drop, entry.type) == named_by_drop.end())
    entry.drop = std::string();
  TRY_ASSIGN(entry.copy, text());
  TRY_ASSIGN(entry.schema, text());
  TRY_ASSIGN(entry.tablespace, maybe_text());
  if (toc_.header.minor >= access_methods) {
    TRY_ASSIGN(entry.access_method, maybe_text());
  }
  if (toc_.header.minor >= relation_kinds) {
    TRY_ASSIGN(const std::int64_t kind, number(0, 127, "its kind of relation"));
    entry.partitioned = kind == 'p';
  }
  TRY_ASSIGN(entry.owner, text());
  TRY_ASSIGN(const std::string with_oids, text());
  if (with_oids == "true")
    return Error{Cause::version,
                 "it is a table WITH OIDS, which PostgreSQL 12 and later cannot have",
                 "ALTER TABLE ... SET WITHOUT OIDS on the server, then take the backup again"};
  if (with_oids != "false") return damaged("it does not say whether it has OIDs");
  return {};
}

Result<void> Reader::read_dependencies(ArchiveEntry& entry) {
  while (true) {
    TRY_ASSIGN(const auto dependency, maybe_text());
    if (!dependency) return {};
    const auto id = text::parse_count(*dependency);
    if (!id || *id > INT32_MAX) return damaged("it depends on something that is no number");
    if (entry.first_dependency == 0) entry.first_dependency = static_cast<std::int64_t>(*id);
  }
}

// Where its data is, as its form says it.
Result<void> Reader::read_place(ArchiveEntry& entry) {
  if (form_ == ArchiveForm::tar) {
    TRY_ASSIGN(entry.member, text());
    if (entry.member.empty() == entry.has_data)
      return damaged("it has " + std::string(entry.has_data ? "data" : "no data") + " but " +
                     (entry.has_data ? "no" : "a") + " file for it");
    if (entry.member.find('/') != std::string::npos || entry.member == "." || entry.member == "..")
      return Error{Cause::hostile,
                   "its data is in \"" + text::printable(entry.member, 100) +
                       "\", which is no plain file name",
                   ""};
    return {};
  }
  constexpr unsigned not_set = 1, set = 2, no_data = 3;
  TRY_ASSIGN(const unsigned flag, input_.byte());
  TRY_ASSIGN(const std::uint64_t offset, input_.magnitude(toc_.header.off_size));
  if (flag < not_set || flag > no_data)
    return damaged("its data is placed by flag " + std::to_string(flag));
  if ((flag == no_data) == entry.has_data)
    return damaged("it contradicts itself on whether it has data");
  if (flag == set) entry.data_at = offset;
  return {};
}

}  // namespace

std::string_view name_of(ArchiveSection section) {
  switch (section) {
    case ArchiveSection::none:
      return "";
    case ArchiveSection::pre_data:
      return "pre-data";
    case ArchiveSection::data:
      return "data";
    case ArchiveSection::post_data:
      return "post-data";
  }
  return "";
}

std::string ArchiveEntry::str() const {
  return "entry " + std::to_string(id) + " (" + text::printable(type, 60) + " " +
         (schema.empty() ? "" : text::printable(schema, 100) + ".") + text::printable(tag, 200) +
         ")";
}

Result<ArchiveToc> read_archive_toc(ArchiveInput& input, ArchiveForm form) {
  return Reader(input, form).read();
}

}  // namespace backproof
