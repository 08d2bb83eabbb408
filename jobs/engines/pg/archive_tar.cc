// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_tar.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t block_bytes = 512;
constexpr unsigned many_sets = 16;  // the version that brought several BLOBS entries
constexpr std::size_t size_at = 124, sum_at = 148, type_at = 156, magic_at = 257, prefix_at = 345;

Error damaged(std::string text) {
  return {Cause::damaged, std::move(text), ""};
}

// Octal digits up to a blank or a zero byte, or, where the first bit is set, a number of 8 bits a
// byte. Nothing where it is neither.
std::optional<std::uint64_t> number(ByteView field) {
  std::uint64_t value = 0;
  if ((field[0] & 0x80U) != 0) {
    for (std::size_t i = 0; i < field.size(); ++i) {
      if (value >> 55U != 0) return {};
      value = value << 8U | (i == 0 ? field[0] & 0x7fU : field[i]);
    }
    return value;
  }
  std::size_t digits = 0;
  std::size_t i = 0;
  for (; i < field.size() && field[i] == ' '; ++i) {
  }
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i, ++digits)
    value = value << 3U | (field[i] - static_cast<unsigned>('0'));
  if (digits == 0 || (i < field.size() && field[i] != ' ' && field[i] != 0)) return {};
  return value;
}

bool has_magic(ByteView block) {
  using namespace std::string_view_literals;
  const std::string_view magic = as_text(block.subspan(magic_at, 8));
  return magic == "ustar\00000"sv || magic == "ustar  \0"sv || magic == "ustar00\0"sv;
}

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](unsigned char b) { return b == 0; });
}

class TarData final : public ArchiveData {
 public:
  TarData(ArchiveTar& tar, ArchiveInput& input, ArchiveEntries& entries)
      : tar_(tar), input_(input), entries_(entries) {}

  Result<const ArchiveEntry*> next(const ArchiveEntry& wanted) override {
    TRY_ASSIGN(const bool there, tar_.next());
    if (!there || tar_.name() == "restore.sql")
      return Error{
          Cause::incomplete,
          "there is no member \"" + text::printable(wanted.member, 100) + "\" for " + wanted.str(),
          ""};
    objects_.clear();
    fresh_ = true;
    set_ = entries_.next_objects();
    if (oid_of_member() && set_ == nullptr)
      return damaged("there is a large object " + tar_.name() + " without an entry for it");
    if (oid_of_member() || (set_ != nullptr && is_list())) return entries_.begin(set_->id);
    TRY_ASSIGN(set_, entries_.begin(tar_.name()));
    return set_;
  }

  // Objects come first, then the member that lists them.
  Result<std::uint32_t> next_object() override {
    if (!fresh_) {
      TRY_ASSIGN(const bool there, tar_.next());
      if (!there)
        return Error{Cause::incomplete, "there is no list of its large objects behind them", ""};
    }
    fresh_ = false;
    if (const auto oid = oid_of_member()) {
      objects_.push_back(*oid);
      return *oid;
    }
    if (!is_list())
      return damaged("there is a member \"" + text::printable(tar_.name(), 100) +
                     "\" among large objects");
    TRY(compare_list());
    return std::uint32_t{0};
  }

  Result<ByteSource*> content() override { return &tar_; }

  Result<void> finish(ArchiveEnd& end) override {
    while (true) {
      TRY_ASSIGN(const bool there, tar_.next());
      if (!there) break;
      // For people who unpack the tar: it says nothing new.
      if (tar_.name() != "restore.sql") TRY(entries_.begin(tar_.name()));
      TRY(tar_.skip());
    }
    return read_trailing(input_, end);
  }

 private:
  std::optional<std::uint32_t> oid_of_member() const {
    std::string_view name = tar_.name();
    if (!name.starts_with("blob_") || !name.ends_with(".dat")) return {};
    name = name.substr(5, name.size() - 9);
    const auto oid = text::parse_count(name);
    if (!oid || *oid == 0 || *oid > UINT32_MAX) return {};
    return static_cast<std::uint32_t>(*oid);
  }

  // The member that pg_dump lists the objects of a set in; its name is not in the table of
  // contents.
  bool is_list() const {
    return tar_.name() == (entries_.header().minor < many_sets
                               ? "blobs.toc"
                               : "blobs_" + std::to_string(set_->id) + ".toc");
  }

  Result<void> compare_list() {
    ArchiveInput list(tar_);
    for (const std::uint32_t oid : objects_) {
      const std::string number = std::to_string(oid);
      for (const char c : number + " blob_" + number + ".dat\n") {
        TRY_ASSIGN(const unsigned char found, list.byte());
        if (found != static_cast<unsigned char>(c)) return disagrees();
      }
    }
    TRY_ASSIGN(const bool over, list.at_end());
    return over ? Result<void>() : disagrees();
  }
  Error disagrees() const {
    return damaged("the large objects are not those that \"" + tar_.name() + "\" lists");
  }

  ArchiveTar& tar_;
  ArchiveInput& input_;
  ArchiveEntries& entries_;
  const ArchiveEntry* set_ = nullptr;  // whose members we are in
  std::vector<std::uint32_t> objects_;
  bool fresh_ = false;  // the member at hand was not looked at by next_object()
};

}  // namespace

Result<TarHeader> parse_tar_header(ByteView block) {
  std::uint64_t sum = 8 * std::uint64_t{' '};
  for (std::size_t i = 0; i < block_bytes; ++i)
    if (i < sum_at || i >= sum_at + 8) sum += block[i];
  if (number(block.subspan(sum_at, 8)) != sum || !has_magic(block))
    return damaged("there is a header that disagrees with its checksum");
  const unsigned char type = block[type_at];
  if (type != '0' && type != 0)
    return damaged("there is a member of type " + std::to_string(type) + ", no regular file");
  const auto bytes = number(block.subspan(size_at, 12));
  if (!bytes) return damaged("there is a header without a size");
  const std::string_view field = as_text(block.first(100));
  TarHeader header{std::string(field.substr(0, field.find('\0'))), *bytes};
  if (block[prefix_at] != 0 || header.name.empty() || header.name.find('/') != std::string::npos)
    return damaged("there is a member \"" + text::printable(header.name, 100) +
                   "\", which is no plain file name");
  return header;
}

Result<void> ArchiveTar::read_block(std::span<unsigned char> block) {
  while (!block.empty()) {
    TRY_ASSIGN(const std::size_t n, input_.read(block));
    if (n == 0) return input_.cut();
    block = block.subspan(n);
  }
  return {};
}

Result<bool> ArchiveTar::next() {
  std::array<unsigned char, block_bytes> block{};
  TRY(read_block(block));
  if (all_zero(block)) {
    TRY(read_block(block));
    if (!all_zero(block)) return damaged("there is a header behind one block of zeros");
    return false;
  }
  TRY_ASSIGN(TarHeader header, parse_tar_header(block));
  name_ = std::move(header.name);
  left_ = header.bytes;
  padding_ = (block_bytes - header.bytes % block_bytes) % block_bytes;
  return true;
}

Result<std::size_t> ArchiveTar::read(std::span<unsigned char> into) {
  if (left_ > 0) {
    TRY_ASSIGN(const std::size_t n,
               input_.read(into.first(std::min<std::uint64_t>(left_, into.size()))));
    if (n == 0) return input_.cut();
    left_ -= n;
    return n;
  }
  if (padding_ > 0) {
    std::array<unsigned char, block_bytes> rest{};
    const auto padding = std::span(rest).first(padding_);
    padding_ = 0;
    TRY(read_block(padding));
    if (!all_zero(padding)) return damaged("the padding of a member is not zero");
  }
  return std::size_t{0};
}

Result<void> ArchiveTar::skip() {
  std::vector<unsigned char> dropped(64U << 10U);
  std::size_t n = 1;
  while (n > 0) {
    TRY_ASSIGN(n, read(dropped));
  }
  return {};
}

std::unique_ptr<ArchiveData> tar_archive_data(ArchiveTar& tar, ArchiveInput& input,
                                              ArchiveEntries& entries) {
  return std::make_unique<TarData>(tar, input, entries);
}

}  // namespace backproof
