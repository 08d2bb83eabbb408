// SPDX-License-Identifier: Apache-2.0
// The data of a directory archive: a file a table, a file a large object and lists of these.
#include "engines/pg/archive_folder.h"

#include <array>

#include "base/text.h"
#include "engines/pg/archive_data.h"

namespace backproof {
namespace {

struct Packed {
  std::string_view suffix;
  StreamCodec codec;
};
constexpr std::array<Packed, 3> packings{
    {{".gz", StreamCodec::gzip}, {".lz4", StreamCodec::lz4}, {".zst", StreamCodec::zstd}}};
constexpr std::size_t longest_line = 4096;

class FolderData final : public ArchiveData {
 public:
  FolderData(ArchiveFolder& folder, ArchiveEntries& entries)
      : files_(folder), list_file_(folder), entries_(entries) {}

  Result<const ArchiveEntry*> next(const ArchiveEntry& wanted) override {
    TRY(entries_.begin(wanted.id));
    name_ = wanted.member;
    list_.reset();
    return &wanted;
  }

  // The list stays open while its objects are read, so it has another reader than they.
  Result<std::uint32_t> next_object() override {
    if (!list_) {
      list_name_ = name_;
      TRY_ASSIGN(ByteSource* const bytes, list_file_.open(name_));
      list_ = std::make_unique<ArchiveInput>(*bytes);
    }
    TRY_ASSIGN(const bool over, list_->at_end());
    if (over) return std::uint32_t{0};
    TRY_ASSIGN(const std::string line, read_line());
    const std::size_t space = line.find(' ');
    const auto oid = text::parse_count(std::string_view(line).substr(0, space));
    if (space == std::string::npos || !oid || *oid == 0 || *oid > UINT32_MAX)
      return Error{
          Cause::damaged,
          "\"" + text::printable(list_name_, 100) + "\" has a line that names no large object", ""};
    name_ = line.substr(space + 1);
    if (name_.empty() || name_.find('/') != std::string::npos || name_ == "." || name_ == "..")
      return Error{Cause::hostile,
                   "large object " + std::to_string(*oid) + " is in \"" +
                       text::printable(name_, 100) + "\", which is no plain file name",
                   ""};
    // As pg_dump names it: else two could share a file.
    if (name_ != "blob_" + std::to_string(*oid) + ".dat")
      return Error{Cause::damaged,
                   "\"" + text::printable(list_name_, 100) + "\" says that large object " +
                       std::to_string(*oid) + " is in \"" + text::printable(name_, 100) + "\"",
                   ""};
    return static_cast<std::uint32_t>(*oid);
  }

  Result<ByteSource*> content() override { return files_.open(name_); }
  Result<void> finish(ArchiveEnd&) override { return {}; }

 private:
  Result<std::string> read_line() {
    std::string line;
    while (true) {
      TRY_ASSIGN(const unsigned char next, list_->byte());
      if (next == '\n') return line;
      if (line.size() == longest_line || next == 0)
        return Error{Cause::damaged,
                     "\"" + text::printable(list_name_, 100) + "\" is no list of large objects",
                     ""};
      line += static_cast<char>(next);
    }
  }

  ArchiveFile files_, list_file_;
  ArchiveEntries& entries_;
  std::string name_, list_name_;  // whose content comes; the list of large objects
  std::unique_ptr<ArchiveInput> list_;
};

}  // namespace

Result<ByteSource*> ArchiveFile::open(const std::string& name) {
  TRY_ASSIGN(raw_, folder_.open(name));
  if (raw_) return raw_.get();
  for (std::size_t i = 0; i < packings.size(); ++i) {
    TRY_ASSIGN(raw_, folder_.open(name + std::string(packings[i].suffix)));
    if (!raw_) continue;
    if (!inflate_ || packing_ != i) {
      TRY_ASSIGN(inflate_, StreamInflate::create(packings[i].codec, archive_window_limit));
      packing_ = i;
    }
    inflate_->start(*raw_);
    return inflate_.get();
  }
  return Error{Cause::incomplete,
               "the directory has no file \"" + text::printable(name, 100) + "\"",
               "it was not copied as a whole; all files of the directory belong to the backup"};
}

std::unique_ptr<ArchiveData> folder_archive_data(ArchiveFolder& folder, ArchiveEntries& entries) {
  return std::make_unique<FolderData>(folder, entries);
}

}  // namespace backproof
