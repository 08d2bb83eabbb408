// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engines/pg/archive_reader.h"
#include "support/support.h"

namespace backproof::test {

// Writes down what it is told, each thing a line or more of text.
class RecordingSink : public DumpSink {
 public:
  Result<void> header(const DumpHeader& header) override;
  Result<void> entry(const DumpEntry& entry) override;
  Result<void> statement(std::string_view sql, const DumpPlace& at) override;
  Result<void> copy_begin(std::string_view sql, const DumpPlace& at) override;
  Result<void> copy_rows(ByteView rows) override;
  Result<void> copy_end() override;
  Result<void> large_object_begin(std::uint32_t oid, const DumpPlace& at) override;
  Result<void> large_object_bytes(ByteView bytes) override;
  Result<void> large_object_end() override;
  Result<void> connect(std::string_view database, const DumpPlace& at) override;

  DumpHeader head;
  std::vector<std::string> entries;  // "TABLE public.users owner postgres in pre-data"
  // "SELECT 1;", "COPY t (a) FROM stdin;", "rows 1\n2\n", "object 16400 bytes"
  std::vector<std::string> script;
  std::vector<std::string> places;  // of each line of script that has one
  std::size_t largest_piece = 0;
  int open = 0;  // copies and large objects that did not end
};

// The bytes of a text, given in parts of `step` bytes.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text, std::size_t step = 65536) : text_(text), step_(step) {}
  Result<std::size_t> read(std::span<unsigned char> into) override;

 private:
  std::string_view text_;
  std::size_t step_;
};

class MemoryFolder : public ArchiveFolder {
 public:
  Result<std::unique_ptr<ByteSource>> open(std::string_view name) override;
  std::map<std::string, std::string, std::less<>> files;
};

Result<ArchiveEnd> read_text(std::string_view archive, DumpSink& sink, std::size_t step = 65536);
Result<ArchiveEnd> read_folder(ArchiveFolder& folder, DumpSink& sink);

// The text that pg_restore writes, as RecordingSink::script: with its large objects put together,
// and without the transactions around them.
std::vector<std::string> script_of(std::string_view text);
// Without the quotes around names that need none, which pg_restore does not write, and with the
// ALTER TABLE ... OWNER TO that pg_restore before 16 writes for views and sequences too.
std::vector<std::string> comparable(std::vector<std::string> script);

// A file of tests/unit/data.
std::string test_data(std::string_view name);

// Writes archives as pg_dump does.
struct WrittenEntry {
  int id = 0;
  std::string type = {}, tag = {};
  int section = 2;  // 1 none, 2 pre-data, 3 data, 4 post-data
  std::string definition = {}, drop = {}, copy = {}, schema = {}, owner = {};
  std::optional<std::string> tablespace = {}, access_method = {};
  char kind = '\0';
  std::vector<int> dependencies = {};
  std::optional<std::string> data = {};                             // of a table
  std::vector<std::pair<std::uint32_t, std::string>> objects = {};  // of BLOBS
  bool is_objects() const { return type == "BLOBS"; }
  bool has_data() const { return data.has_value() || is_objects(); }
};

enum class Packing { none, zlib, lz4, zstd };

struct ArchiveWriter {
  unsigned minor = 14;
  unsigned int_size = 4, off_size = 8;
  Packing packing = Packing::none;
  bool offsets = true;       // false: written to a pipe
  std::size_t piece = 4096;  // bytes in a piece of data
  std::vector<WrittenEntry> entries;

  // With the three settings that every archive has in front.
  static ArchiveWriter usual(unsigned minor = 14);
  std::string custom() const;
  std::string tar() const;
  MemoryFolder folder() const;

  std::string number(std::int64_t value) const;
  std::string text(const std::optional<std::string>& value) const;
  std::string header(int form) const;
  // Where the data of the entries is, for custom archives.
  std::string toc(bool custom, const std::map<int, std::uint64_t>& places) const;
  std::string pieces(const std::string& content) const;
};

std::string tar_member(const std::string& name, const std::string& content);
std::string packed(Packing packing, const std::string& content);

}  // namespace backproof::test
