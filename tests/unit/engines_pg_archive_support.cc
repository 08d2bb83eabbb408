// SPDX-License-Identifier: Apache-2.0
#include "engines_pg_archive_support.h"

#include <algorithm>
#include <cstring>
#include <regex>

#include "base/text.h"
#include "engines/pg/archive_statements.h"

namespace backproof::test {
namespace {

std::string str(std::string_view sql) {
  return std::string(text::trim(sql));
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

const RunContext& context() {
  static const FakeClock clock(at("2026-01-01T00:00:00Z"));
  static const RunContext run{clock, [](std::uintmax_t, std::uintmax_t) {}};
  return run;
}

}  // namespace

Result<void> RecordingSink::header(const DumpHeader& header) {
  head = header;
  return {};
}

Result<void> RecordingSink::entry(const DumpEntry& entry) {
  entries.push_back(entry.type + " " + (entry.schema.empty() ? "" : entry.schema + ".") +
                    entry.name + " owner " + entry.owner + " in " + entry.section);
  return {};
}

Result<void> RecordingSink::statement(std::string_view sql, const DumpPlace& at) {
  script.push_back(str(sql));
  places.push_back(at.str());
  return {};
}

Result<void> RecordingSink::copy_begin(std::string_view sql, const DumpPlace& at) {
  script.push_back(str(sql));
  script.emplace_back("rows ");
  places.push_back(at.str());
  ++open;
  return {};
}

Result<void> RecordingSink::copy_rows(ByteView rows) {
  script.back() += as_text(rows);
  largest_piece = std::max(largest_piece, rows.size());
  return {};
}

Result<void> RecordingSink::copy_end() {
  --open;
  return {};
}

Result<void> RecordingSink::large_object_begin(std::uint32_t oid, const DumpPlace& at) {
  script.push_back("object " + std::to_string(oid) + " ");
  places.push_back(at.str());
  ++open;
  return {};
}

Result<void> RecordingSink::large_object_bytes(ByteView bytes) {
  script.back() += as_text(bytes);
  return {};
}

Result<void> RecordingSink::large_object_end() {
  --open;
  return {};
}

Result<void> RecordingSink::connect(std::string_view, const DumpPlace&) {
  return Error{Cause::internal, "an archive connects nowhere", ""};
}

Result<std::size_t> TextSource::read(std::span<unsigned char> into) {
  const std::size_t n = std::min({into.size(), step_, text_.size()});
  std::memcpy(into.data(), text_.data(), n);
  text_.remove_prefix(n);
  return n;
}

Result<std::unique_ptr<ByteSource>> MemoryFolder::open(std::string_view name) {
  const auto found = files.find(name);
  if (found == files.end()) return std::unique_ptr<ByteSource>();
  return std::unique_ptr<ByteSource>(std::make_unique<TextSource>(found->second));
}

Result<ArchiveEnd> read_text(std::string_view archive, DumpSink& sink, std::size_t step) {
  TextSource source(archive, step);
  return read_archive(source, sink, context());
}

Result<ArchiveEnd> read_folder(ArchiveFolder& folder, DumpSink& sink) {
  return read_archive_folder(folder, sink, context());
}

namespace {

// Puts one statement of pg_restore's text into a script.
void add_statement(std::vector<std::string>& script, const std::string& one) {
  constexpr std::string_view opens = "SELECT pg_catalog.lo_open('";
  constexpr std::string_view writes = "SELECT pg_catalog.lowrite(0, '\\x";
  if (one == "BEGIN;" || one == "COMMIT;" || one.starts_with("SELECT pg_catalog.lo_close(0)"))
    return;
  if (one.starts_with(opens))
    script.push_back("object " + std::to_string(std::stoul(one.substr(opens.size()))) + " ");
  else if (one.starts_with(writes))
    script.back() += from_hex(one.substr(writes.size(), one.rfind('\'') - writes.size()));
  else
    script.push_back(one);
}

}  // namespace

std::vector<std::string> script_of(std::string_view text) {
  std::vector<std::string> script;
  PgSqlScanner scanner;
  while (!text.empty()) {
    // Comments, empty lines and the commands of psql.
    if (text.starts_with("--") || text.starts_with("\\") || text.starts_with("\n")) {
      text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
      continue;
    }
    scanner.restart();
    REQUIRE(scanner.scan(text, true) == PgSqlScanner::Stop::end);
    add_statement(script, str(text.substr(0, scanner.at())));
    text.remove_prefix(scanner.at());
    if (!script.back().starts_with("COPY ") || !script.back().ends_with(" FROM stdin;")) continue;
    text.remove_prefix(1);
    const std::size_t end = text.starts_with("\\.\n") ? 0 : text.find("\n\\.\n") + 1;
    script.push_back("rows " + std::string(text.substr(0, end)));
    text.remove_prefix(end + 3);
  }
  return script;
}

std::vector<std::string> comparable(std::vector<std::string> script) {
  static const std::regex simple("\"([a-z_][a-z0-9_]*)\"");
  static const std::regex kind("^ALTER (VIEW|SEQUENCE|MATERIALIZED VIEW)( [\\s\\S]* OWNER TO )");
  for (std::string& line : script) {
    if (line.starts_with("rows ") || line.starts_with("object ")) continue;
    line = std::regex_replace(line, simple, "$1");
    if (line.starts_with("ALTER ")) line = std::regex_replace(line, kind, "ALTER TABLE$2");
  }
  return script;
}

std::string test_data(std::string_view name) {
  const Path path = Path(BACKPROOF_SOURCE_DIR) / "tests/unit/data" / name;
  auto read = read_file(path);
  INFO(path.string());
  REQUIRE(read);
  return *read;
}

}  // namespace backproof::test
