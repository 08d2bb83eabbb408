// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_reader.h"

#include "engines/pg/archive_folder.h"
#include "engines/pg/archive_tar.h"
#include "engines/pg/archive_teller.h"

namespace backproof {
namespace {

constexpr std::size_t tar_block = 512;
constexpr std::string_view magic = "PGDMP";
constexpr const char* toc_member = "toc.dat";

// A table of contents that is a file of its own.
Result<ArchiveToc> read_toc_file(ByteSource& file) {
  ArchiveInput input(file);
  auto toc = read_archive_toc(input, ArchiveForm::tar);
  if (!toc) return toc.error().while_doing(toc_member);
  auto over = input.at_end();
  if (!over) return over.error().while_doing(toc_member);
  if (!*over)
    return Error{Cause::damaged,
                 std::string(toc_member) + ": there are bytes behind the table of contents", ""};
  return toc;
}

Result<ArchiveEnd> read_custom(ArchiveInput& input, DumpSink& sink, const RunContext& context) {
  TRY_ASSIGN(const ArchiveToc toc, read_archive_toc(input, ArchiveForm::custom));
  ArchiveEntries entries(toc);
  TRY_ASSIGN(const auto data, custom_archive_data(input, entries));
  return ArchiveTeller(toc, entries, *data, sink, context).tell();
}

Result<ArchiveEnd> read_tar(ArchiveInput& input, DumpSink& sink, const RunContext& context) {
  ArchiveTar tar(input);
  TRY_ASSIGN(const bool there, tar.next());
  if (!there || tar.name() != toc_member)
    return Error{Cause::damaged, "the tar does not begin with toc.dat", ""};
  TRY_ASSIGN(const ArchiveToc toc, read_toc_file(tar));
  ArchiveEntries entries(toc);
  const auto data = tar_archive_data(tar, input, entries);
  return ArchiveTeller(toc, entries, *data, sink, context).tell();
}

}  // namespace

bool is_custom_archive(ByteView head) {
  return as_text(head).starts_with(magic);
}

bool is_tar_archive(ByteView head) {
  if (head.size() < tar_block) return false;
  const auto header = parse_tar_header(head.first(tar_block));
  const std::string_view toc = as_text(head.subspan(tar_block)).substr(0, magic.size());
  return header && header->name == toc_member && magic.starts_with(toc);
}

Result<ArchiveEnd> read_archive(ByteSource& content, DumpSink& sink, const RunContext& context) {
  ArchiveInput input(content);
  TRY_ASSIGN(const ByteView head, input.peek(tar_block + magic.size()));
  if (is_tar_archive(head)) return read_tar(input, sink, context);
  return read_custom(input, sink, context);
}

Result<ArchiveEnd> read_archive_folder(ArchiveFolder& folder, DumpSink& sink,
                                       const RunContext& context) {
  ArchiveFile file(folder);
  TRY_ASSIGN(ByteSource* const content, file.open(toc_member));
  TRY_ASSIGN(const ArchiveToc toc, read_toc_file(*content));
  ArchiveEntries entries(toc);
  const auto data = folder_archive_data(folder, entries);
  return ArchiveTeller(toc, entries, *data, sink, context).tell();
}

}  // namespace backproof
