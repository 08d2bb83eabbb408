// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/pg_archive.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>

#include "engines/pg/archive_data.h"
#include "engines/pg/archive_tar.h"
#include "runner/damage/pg_toc.h"

namespace backproof::damage {
namespace {

// Rows of a table are changed in memory; a table that holds more is left alone.
constexpr std::size_t most_rows = 96U << 20U;
constexpr std::size_t tar_block = 512, piece_bytes = 64U << 10U;
constexpr std::string_view toc_name = "toc.dat";

class ViewSource final : public ByteSource {
 public:
  explicit ViewSource(std::string_view bytes) : left_(bytes) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    const std::size_t n = std::min(into.size(), left_.size());
    std::copy_n(left_.begin(), n, into.begin());
    left_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view left_;
};

Error too_large() {
  return not_applicable("its rows are too many to be changed in memory");
}

Result<std::string> unpacked(StreamCodec codec, std::string_view bytes) {
  TRY_ASSIGN(const auto inflate, StreamInflate::create(codec, archive_window_limit));
  ViewSource source(bytes);
  inflate->start(source);
  std::string out;
  std::vector<unsigned char> buffer(piece_bytes);
  while (true) {
    TRY_ASSIGN(const std::size_t n, inflate->read(buffer));
    if (n == 0) return out;
    if (out.size() + n > most_rows) return too_large();
    out.append(as_text({buffer.data(), n}));
  }
}

Result<std::string> packed(StreamCodec codec, std::string_view text) {
  TextSink out;
  const auto pack = packer(codec, out);
  TRY(pack->write(as_bytes(text)));
  TRY(pack->finish());
  return std::move(out.text);
}

std::optional<StreamCodec> codec_of(ArchiveCompression compression) {
  switch (compression) {
    case ArchiveCompression::none:
      return std::nullopt;
    case ArchiveCompression::gzip:
      return StreamCodec::zlib;
    case ArchiveCompression::lz4:
      return StreamCodec::lz4;
    case ArchiveCompression::zstd:
      return StreamCodec::zstd;
  }
  return std::nullopt;
}

// A dump whose rows lie packed somewhere; where, its form knows.
class Archive : public PgView {
 public:
  explicit Archive(Toc toc) : toc_(std::move(toc)) {}

  const std::vector<PgObject>& objects() const override { return toc_.objects; }

  Result<std::string_view> rows(std::size_t object) override {
    TRY_ASSIGN(rows_, unpack(toc_.entries[object]));
    return std::string_view(rows_);
  }

  const Toc& toc() const { return toc_; }

  // The edited rows of the change's table, packed as they were.
  Result<std::string> changed_rows(const PgChange& change) {
    TRY_ASSIGN(const std::string_view before, rows(*change.table));
    return pack(toc_.entries[*change.table], applied(before, change.rows));
  }

 protected:
  virtual Result<std::string> unpack(const TocEntry& entry) = 0;
  virtual Result<std::string> pack(const TocEntry& entry, std::string_view text) = 0;
  Toc toc_;

 private:
  std::string rows_;
};

Result<PgChange> planned(DamageKind kind, Archive& archive, Dice& dice) {
  return plan(kind == DamageKind::other_database ? DamageKind::empty_database : kind, archive,
              dice);
}

// Custom: blocks behind the table of contents, each with a type, its entry's id and pieces.
class Custom final : public Archive {
 public:
  static Result<Custom> open(std::string_view bytes) {
    TRY_ASSIGN(Toc toc, read_toc(bytes, ArchiveForm::custom));
    Custom custom(bytes, std::move(toc));
    TRY(custom.find_blocks());
    return custom;
  }

  Result<void> write(DamageKind kind, Dice& dice, ByteSink& into) {
    if (kind == DamageKind::cut_content) return cut(dice, into);
    TRY_ASSIGN(const PgChange change, planned(kind, *this, dice));
    const bool other = kind == DamageKind::other_database;
    TRY(into.write(as_bytes(toc_.written(change, other))));
    for (const Block& block : blocks_) {
      const std::size_t entry = entry_of(block.id);
      if (change.dropped.contains(entry)) continue;
      if (change.table == entry) {
        TRY_ASSIGN(const std::string rows, changed_rows(change));
        TRY(into.write(as_bytes(table_block(block.id, rows))));
      } else {
        TRY(into.write(as_bytes(bytes_.substr(block.begin, block.end - block.begin))));
      }
    }
    if (!other) return {};
    TRY_ASSIGN(const std::string rows, pack({}, pg_other_rows));
    return into.write(as_bytes(table_block(other_id, rows)));
  }

 private:
  struct Block {
    std::int64_t id;
    std::size_t begin, pieces, end;
  };

  Custom(std::string_view bytes, Toc toc) : Archive(std::move(toc)), bytes_(bytes) {}

  Result<void> find_blocks() {
    Cursor cursor(bytes_, toc_.end, toc_.int_size);
    const auto pass_pieces = [&]() -> Result<void> {
      while (true) {
        TRY_ASSIGN(const std::int64_t length, cursor.integer());
        if (length <= 0) return {};
        TRY(cursor.take(static_cast<std::size_t>(length)));
      }
    };
    while (cursor.at < bytes_.size()) {
      Block block{0, cursor.at, 0, 0};
      TRY_ASSIGN(const unsigned type, cursor.byte());
      if (type != 1 && type != 3) break;  // what is behind the archive
      TRY_ASSIGN(block.id, cursor.integer());
      block.pieces = cursor.at;
      if (type == 1) TRY(pass_pieces());
      while (type == 3) {
        TRY_ASSIGN(const std::int64_t oid, cursor.integer());
        if (oid == 0) break;
        TRY(pass_pieces());
      }
      block.end = cursor.at;
      blocks_.push_back(block);
    }
    return {};
  }

  std::size_t entry_of(std::int64_t id) const {
    const auto found = std::ranges::find(toc_.entries, id, &TocEntry::id);
    return static_cast<std::size_t>(found - toc_.entries.begin());
  }

  std::string table_block(std::int64_t id, std::string_view packed) const {
    std::string out = '\1' + toc_.integer(id);
    for (std::size_t at = 0; at < packed.size(); at += piece_bytes)
      out += toc_.text(packed.substr(at, piece_bytes));
    return out + toc_.integer(0);
  }

  Result<void> cut(Dice& dice, ByteSink& into) const {
    std::vector<std::size_t> ends{toc_.end};
    for (const Block& block : blocks_) ends.push_back(block.end);
    ends.pop_back();
    if (ends.empty()) return not_applicable("the archive holds no data");
    return into.write(as_bytes(bytes_.substr(0, ends[dice.below(ends.size())])));
  }

  Result<std::string> unpack(const TocEntry& entry) override {
    const auto block = std::ranges::find(blocks_, entry.id, &Block::id);
    if (block == blocks_.end()) return not_applicable("its data is not in the archive");
    if (block->end - block->begin > most_rows) return too_large();
    std::string all;
    Cursor cursor(bytes_, block->pieces, toc_.int_size);
    while (true) {
      TRY_ASSIGN(const std::string_view piece, cursor.text());
      if (piece.empty()) break;
      all += piece;
    }
    const auto codec = codec_of(toc_.compression);
    return codec ? unpacked(*codec, all) : Result<std::string>(std::move(all));
  }

  Result<std::string> pack(const TocEntry&, std::string_view text) override {
    const auto codec = codec_of(toc_.compression);
    return codec ? packed(*codec, text) : Result<std::string>(std::string(text));
  }

  std::string_view bytes_;
  std::vector<Block> blocks_;
};

// Tar and directory: a file for each entry's data, of a directory perhaps packed by itself.
class Files final : public Archive {
 public:
  static Result<Files> open(std::vector<FolderFile> files) {
    const auto toc = std::ranges::find(files, toc_name, &FolderFile::name);
    if (toc == files.end()) return Error{Cause::damaged, "the archive has no toc.dat", ""};
    TRY_ASSIGN(Toc read, read_toc(toc->content, ArchiveForm::tar));
    return Files(std::move(files), std::move(read));
  }

  // Every file of the damaged archive, in the order of those that are there.
  Result<void> write(DamageKind kind, Dice& dice, const WriteFile& write) {
    const bool other = kind == DamageKind::other_database;
    TRY_ASSIGN(const PgChange change,
               kind == DamageKind::cut_content ? cut(dice) : planned(kind, *this, dice));
    std::map<std::string_view, std::size_t> entries;
    for (std::size_t i = 0; i < toc_.entries.size(); ++i)
      if (const FolderFile* file = file_of(toc_.entries[i])) entries[file->name] = i;
    for (const FolderFile& file : files_) {
      const auto entry = entries.find(file.name);
      if (file.name == toc_name) {
        TRY(write(file.name, toc_.written(change, other)));
        if (other) TRY(write(std::string(other_member), pg_other_rows));
      } else if (entry == entries.end()) {
        TRY(write(file.name, file.content));
      } else if (change.table == entry->second) {
        TRY_ASSIGN(const std::string rows, changed_rows(change));
        TRY(write(file.name, rows));
      } else if (!change.dropped.contains(entry->second)) {
        TRY(write(file.name, file.content));
      }
    }
    return {};
  }

 private:
  Files(std::vector<FolderFile> files, Toc toc)
      : Archive(std::move(toc)), files_(std::move(files)) {}

  const FolderFile* file_of(const TocEntry& entry) const {
    if (!entry.has_data || entry.member.empty()) return nullptr;
    for (const std::string_view ending : {"", ".gz", ".lz4", ".zst"})
      for (const FolderFile& file : files_)
        if (file.name == std::string(entry.member) + std::string(ending)) return &file;
    return nullptr;
  }

  static std::optional<StreamCodec> codec_of_name(std::string_view name) {
    if (name.ends_with(".gz")) return StreamCodec::gzip;
    if (name.ends_with(".lz4")) return StreamCodec::lz4;
    if (name.ends_with(".zst")) return StreamCodec::zstd;
    return std::nullopt;
  }

  // A table's data ends at the end of a row.
  Result<PgChange> cut(Dice& dice) {
    for (const std::size_t i : dice.order_of(toc_.entries.size())) {
      const auto text =
          toc_.objects[i].copy.empty() ? Result<std::string_view>(too_large()) : rows(i);
      if (!text) continue;
      const auto at = line_to_cut_at(*text, dice);
      if (!at) continue;
      PgChange change;
      change.table = i;
      change.rows.push_back({*at, text->size() - *at});
      return change;
    }
    return not_applicable("no table has several rows whose end is marked");
  }

  Result<std::string> unpack(const TocEntry& entry) override {
    const FolderFile* file = file_of(entry);
    if (file == nullptr) return not_applicable("its data is not in the archive");
    if (file->content.size() > most_rows) return too_large();
    const auto codec = codec_of_name(file->name);
    return codec ? unpacked(*codec, file->content)
                 : Result<std::string>(std::string(file->content));
  }

  Result<std::string> pack(const TocEntry& entry, std::string_view text) override {
    const FolderFile* file = file_of(entry);
    const auto codec = file == nullptr ? std::nullopt : codec_of_name(file->name);
    return codec ? packed(*codec, text) : Result<std::string>(std::string(text));
  }

  std::vector<FolderFile> files_;
};

std::size_t padded(std::size_t bytes) {
  return (bytes + tar_block - 1) / tar_block * tar_block;
}

struct TarFiles {
  std::vector<FolderFile> files;
  std::map<std::string, std::string_view> headers;
};

Result<TarFiles> files_of_tar(std::string_view tar) {
  TarFiles found;
  for (std::size_t at = 0; at + tar_block <= tar.size() && tar[at] != '\0';) {
    const std::string_view block = tar.substr(at, tar_block);
    TRY_ASSIGN(const TarHeader header, parse_tar_header(as_bytes(block)));
    at += tar_block;
    if (header.bytes > tar.size() - at)
      return Error{Cause::damaged, "the tar ends inside of a member", ""};
    found.files.push_back({header.name, tar.substr(at, header.bytes)});
    found.headers[header.name] = block;
    at += padded(header.bytes);
  }
  return found;
}

// The header as it was for another length: size and checksum are octal digits (ustar).
std::string tar_header(std::string block, std::string_view name, std::size_t bytes) {
  constexpr std::size_t size_at = 124, size_bytes = 12, sum_at = 148, sum_bytes = 8, longest = 100;
  block.replace(0, longest, std::string(longest, '\0'));
  block.replace(0, name.size(), name);
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%011zo", bytes);
  block.replace(size_at, size_bytes, digits.data(), size_bytes);
  block.replace(sum_at, sum_bytes, sum_bytes, ' ');
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(digits.data(), digits.size(), "%06o", sum);
  return block.replace(sum_at, 7, digits.data(), 7);
}

Result<void> damage_tar(DamageKind kind, std::string_view tar, Dice& dice, ByteSink& into) {
  TRY_ASSIGN(const TarFiles found, files_of_tar(tar));
  if (kind == DamageKind::cut_content) {
    if (found.files.size() < 2) return not_applicable("the tar has one member only");
    // Behind a member that is neither the last nor restore.sql, which says nothing.
    const std::string_view last = found.files[dice.below(found.files.size() - 1)].content;
    const auto end = static_cast<std::size_t>(last.data() - tar.data());
    return into.write(as_bytes(tar.substr(0, end + padded(last.size()))));
  }
  TRY_ASSIGN(Files files, Files::open(found.files));
  const std::string first(found.headers.at(std::string(toc_name)));
  TRY(files.write(kind, dice, [&](const std::string& name, std::string_view content) {
    const auto header = found.headers.find(name);
    const std::string block = tar_header(
        header == found.headers.end() ? first : std::string(header->second), name, content.size());
    Result<void> done = into.write(as_bytes(block));
    if (done) done = into.write(as_bytes(content));
    return done ? into.write(as_bytes(std::string(padded(content.size()) - content.size(), '\0')))
                : done;
  }));
  return into.write(as_bytes(std::string(2 * tar_block, '\0')));
}

}  // namespace

Result<void> damage_pg_archive(DamageKind kind, std::string_view archive, Dice& dice,
                               ByteSink& into) {
  if (!is_custom_archive(as_bytes(archive))) return damage_tar(kind, archive, dice, into);
  TRY_ASSIGN(Custom custom, Custom::open(archive));
  return custom.write(kind, dice, into);
}

Result<void> damage_pg_folder(DamageKind kind, const std::vector<FolderFile>& files, Dice& dice,
                              const WriteFile& write) {
  TRY_ASSIGN(Files archive, Files::open(files));
  return archive.write(kind, dice, write);
}

}  // namespace backproof::damage
