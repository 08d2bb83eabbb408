// SPDX-License-Identifier: Apache-2.0
// The data of a custom archive: blocks one after the other behind the table of contents, each
// with its type, its entry's id and its content in pieces that have a length (pg_backup_custom.c).
#include "engines/pg/archive_data.h"

#include <algorithm>

namespace backproof {
namespace {

constexpr unsigned table_block = 1, objects_block = 3;

// Content in pieces: length, bytes, length, bytes, ..., 0.
class Pieces final : public ByteSource {
 public:
  explicit Pieces(ArchiveInput& input) : input_(input) {}

  void start() { ended_ = false; }

  Result<std::size_t> read(std::span<unsigned char> into) override {
    std::size_t given = 0;
    while (given < into.size() && !ended_) {
      if (left_ == 0) {
        TRY_ASSIGN(const std::int64_t length, input_.integer());
        if (length < 0)
          return Error{Cause::damaged, "a piece of its data has length " + std::to_string(length),
                       ""};
        left_ = static_cast<std::uint64_t>(length);
        ended_ = length == 0;
        continue;
      }
      const auto part = into.subspan(given);
      TRY_ASSIGN(const std::size_t n,
                 input_.read(part.first(std::min<std::uint64_t>(left_, part.size()))));
      if (n == 0) return input_.cut();
      given += n;
      left_ -= n;
    }
    return given;
  }

 private:
  ArchiveInput& input_;
  std::uint64_t left_ = 0;  // of the piece
  bool ended_ = true;
};

class CustomData final : public ArchiveData {
 public:
  CustomData(ArchiveInput& input, ArchiveEntries& entries, std::unique_ptr<StreamInflate> inflate)
      : input_(input), entries_(entries), pieces_(input), inflate_(std::move(inflate)) {}

  Result<const ArchiveEntry*> next(const ArchiveEntry& wanted) override {
    const std::uint64_t at = input_.offset();
    TRY_ASSIGN(const bool over, input_.at_end());
    if (over) return input_.cut().while_doing("before the data of " + wanted.str());
    TRY_ASSIGN(const unsigned type, input_.byte());
    if (type != table_block && type != objects_block)
      return Error{Cause::damaged,
                   "at " + std::to_string(at) + " is a block of type " + std::to_string(type) +
                       " where the data of " + wanted.str() + " is due",
                   ""};
    TRY_ASSIGN(const std::int64_t id, input_.integer());
    TRY_ASSIGN(const ArchiveEntry* const entry, entries_.begin(id));
    if ((type == objects_block) != holds_objects(*entry))
      return Error{Cause::damaged, "the data of " + entry->str() + " is of the wrong type", ""};
    if (entry->data_at && *entry->data_at != at)
      return Error{Cause::damaged,
                   "the data of " + entry->str() + " is at " + std::to_string(at) +
                       ", the table of contents says " + std::to_string(*entry->data_at),
                   ""};
    return entry;
  }

  Result<std::uint32_t> next_object() override {
    TRY_ASSIGN(const std::int64_t oid, input_.integer());
    // pg_dump writes an unsigned number of 32 bits as if it had a sign.
    if (oid < INT32_MIN || oid > UINT32_MAX)
      return Error{Cause::damaged, "a large object has OID " + std::to_string(oid), ""};
    return static_cast<std::uint32_t>(oid);
  }

  Result<ByteSource*> content() override {
    pieces_.start();
    if (!inflate_) return &pieces_;
    inflate_->start(pieces_);
    return inflate_.get();
  }

  Result<void> finish(ArchiveEnd& end) override { return read_trailing(input_, end); }

 private:
  ArchiveInput& input_;
  ArchiveEntries& entries_;
  Pieces pieces_;
  std::unique_ptr<StreamInflate> inflate_;  // null: not compressed
};

Result<std::unique_ptr<StreamInflate>> inflate_for(ArchiveCompression compression) {
  switch (compression) {
    case ArchiveCompression::none:
      break;
    case ArchiveCompression::gzip:  // which is what pg_dump calls zlib here
      return StreamInflate::create(StreamCodec::zlib, archive_window_limit);
    case ArchiveCompression::lz4:
      return StreamInflate::create(StreamCodec::lz4, archive_window_limit);
    case ArchiveCompression::zstd:
      return StreamInflate::create(StreamCodec::zstd, archive_window_limit);
  }
  return std::unique_ptr<StreamInflate>();
}

}  // namespace

Result<std::unique_ptr<ArchiveData>> custom_archive_data(ArchiveInput& input,
                                                         ArchiveEntries& entries) {
  TRY_ASSIGN(auto inflate, inflate_for(entries.header().compression));
  return std::unique_ptr<ArchiveData>(
      std::make_unique<CustomData>(input, entries, std::move(inflate)));
}

}  // namespace backproof
