// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "engines/engine.h"
#include "engines/sqlite/companions.h"
#include "engines/sqlite/header.h"
#include "engines/sqlite/options.h"

namespace backproof {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20U;

void warn(Artefact& artefact, std::string text) {
  artefact.findings.push_back({Severity::warning, Cause::none, std::move(text)});
}
void fail(Artefact& artefact, Cause cause, std::string text) {
  artefact.findings.push_back({Severity::failure, cause, std::move(text)});
}

// What came out of the container.
struct Written {
  std::uintmax_t bytes = 0;  // in all
  bool extra_zeros = true;   // whatever lies beyond `limit` is zero
};

// Content into `file`; what lies beyond `limit` bytes is looked at, not written: the header has
// said how large the database is, so a bomb behind it costs no space.
Result<Written> write_content(ByteSource& content, const Path& file, std::uintmax_t limit,
                              std::uintmax_t expected, const RunContext& context) {
  const Fd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) return errno_error(Cause::internal, "cannot create a file in the sandbox");
  std::vector<unsigned char> buffer(chunk_bytes);
  Written written;
  while (true) {
    TRY_ASSIGN(const std::size_t n, content.read(buffer));
    if (n == 0) return written;
    const std::size_t kept =
        written.bytes >= limit ? 0 : std::min<std::uintmax_t>(n, limit - written.bytes);
    const ByteView view(buffer.data(), n);
    TRY(write_all(out.get(), view.first(kept)));
    const ByteView rest = view.subspan(kept);
    written.extra_zeros =
        written.extra_zeros &&
        std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return c == 0; });
    written.bytes += n;
    context.progress(written.bytes, expected);
  }
}

// Size arithmetic: of what was written, or of what came out of a replay.
Result<void> judge_size(Artefact& artefact, const SqliteHeader& header, const Written& written) {
  const std::string said = text::plural(header.page_count, "page") + " of " +
                           std::to_string(header.page_size) + " bytes";
  if (!header.page_count_valid) {
    warn(artefact,
         "the header's page count is not maintained, so the file's length proves nothing");
    if (written.bytes % header.page_size != 0)
      return Error{Cause::truncated,
                   "the file ends inside a page: " + std::to_string(written.bytes) +
                       " bytes are no multiple of " + std::to_string(header.page_size),
                   ""};
    return {};
  }
  if (written.bytes < header.bytes())
    return Error{Cause::truncated,
                 "the header says " + said + ", which is " + std::to_string(header.bytes()) +
                     " bytes, but the file ends after " + std::to_string(written.bytes),
                 ""};
  if (written.bytes > header.bytes()) {
    const std::string extra = std::to_string(written.bytes - header.bytes());
    if (written.extra_zeros)
      warn(artefact, extra + " zero bytes follow the last page (preallocated or padded)");
    else
      fail(artefact, Cause::damaged, extra + " bytes follow the last of " + said);
  }
  return {};
}

Result<void> judge_replayed(Artefact& artefact, const Path& file) {
  TRY_ASSIGN(const Fd fd, open_readonly(file));
  TRY_ASSIGN(const FileFacts facts, facts_of(fd.get()));
  std::array<unsigned char, 100> head{};
  TRY_ASSIGN(const std::size_t n, read_at(fd.get(), head, 0));
  const auto header = parse_sqlite_header(ByteView(head).first(n));
  if (!header)
    return Error{Cause::damaged, "the log beside the database leaves it without a valid header",
                 ""};
  return judge_size(artefact, *header, {facts.bytes, false});
}

class SqliteFile : public Engine {
 public:
  explicit SqliteFile(Options& options) : settings_(sqlite_settings(options)) {}

  bool recognizes(ByteView head) const override { return is_sqlite_file(head); }

  Result<std::unique_ptr<Database>> restore(Artefact& artefact, Sandbox& sandbox,
                                            const RunContext& context) const override {
    if (artefact.head.size() < 100)
      return Error{Cause::truncated,
                   "the file ends inside the 100-byte header, after " +
                       text::plural(artefact.head.size(), "byte"),
                   ""};
    const auto header = parse_sqlite_header(artefact.head);
    if (!header)
      return Error{Cause::damaged, "the database header holds values that SQLite never writes", ""};
    artefact.format.server_version = header->library_version();
    const Path file = sandbox.folder() / "restored.sqlite";
    TRY_ASSIGN(const Companions beside, take_companions(artefact, file, *header, sandbox));
    const bool sized = !beside.replayed && header->page_count_valid;
    const std::uintmax_t expected = sized ? header->bytes() : artefact.bare ? artefact.bytes : 0;
    // A cut file may promise far more than it holds: what is there bounds the need for space.
    const std::uintmax_t there = artefact.bare ? std::min(expected, artefact.bytes) : expected;
    TRY(sandbox.reserve(std::max(there, beside.database) + beside.more_space));
    TRY_ASSIGN(const Written written,
               write_content(artefact.content, file, sized ? header->bytes() : UINTMAX_MAX,
                             expected, context));
    if (beside.replayed) {
      TRY(replay_companions(artefact, file, beside));
      TRY(judge_replayed(artefact, file));
    } else {
      if (header->wal_mode && !beside.has_log)
        warn(artefact,
             "the database is in WAL mode and no write-ahead log lies beside it: complete after "
             "a proper backup, but a plain copy of a running database has lost its newest changes");
      TRY(judge_size(artefact, *header, written));
    }
    return open_sqlite_database(file, settings_);
  }

 private:
  SqliteSettings settings_;
};

}  // namespace

extern const EngineKind sqlite_file_engine;
constinit const EngineKind sqlite_file_engine{
    "sqlite_file",
    "sqlite database",
    "a SQLite database file, with the -wal or -journal beside it",
    false,
    "integrity = \"pragma\"  # always ask PRAGMA integrity_check, never the faster proof by scans",
    [](Options& options) -> std::unique_ptr<Engine> {
      return std::make_unique<SqliteFile>(options);
    }};

}  // namespace backproof
