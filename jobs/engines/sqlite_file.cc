// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <vector>

#include "base/sqlite.h"
#include "base/text.h"
#include "engines/engine.h"
#include "engines/sqlite_header.h"
#include "engines/sqlite_options.h"

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

Result<void> copy_companion(int from, const Path& to) {
  const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) return errno_error(Cause::internal, "cannot create a file in the sandbox");
  std::vector<unsigned char> buffer(chunk_bytes);
  for (std::uintmax_t at = 0;;) {
    TRY_ASSIGN(const std::size_t n, read_at(from, buffer, at));
    if (n == 0) return {};
    TRY(write_all(out.get(), ByteView(buffer.data(), n)));
    at += n;
  }
}

// Lets SQLite replay what stood beside the file, on the private copy, and judges the log itself,
// because SQLite takes a broken one for an empty one without a word.
Result<void> replay_companions(Artefact& artefact, const Path& file, const SqliteHeader& header) {
  if (artefact.wal >= 0) {
    TRY_ASSIGN(const FileFacts size, facts_of(artefact.wal));
    TRY_ASSIGN(const WalFacts wal, inspect_wal(artefact.wal));
    const std::string frames = std::to_string(wal.frames) + " frames";
    if (size.bytes > 0 && !wal.header_ok)
      fail(artefact, Cause::damaged,
           "the write-ahead log beside it has no valid header: what it held is lost");
    else if (wal.header_ok && wal.page_size != header.page_size)
      fail(artefact, Cause::damaged,
           "the write-ahead log beside it belongs to another database: its page size is " +
               std::to_string(wal.page_size) + ", not " + std::to_string(header.page_size));
    else if (wal.frames > wal.valid_frames + 1)
      fail(artefact, Cause::damaged,
           "the write-ahead log beside it breaks off at frame " +
               std::to_string(wal.valid_frames + 1) + " of " + frames);
    else if (wal.frames > wal.committed_frames)
      warn(artefact, "the write-ahead log beside it ends in an uncommitted transaction: " +
                         std::to_string(wal.committed_frames) + " of " + frames + " count");
    TRY(copy_companion(artefact.wal, Path(file.native() + "-wal")));
  }
  if (artefact.journal >= 0)
    TRY(copy_companion(artefact.journal, Path(file.native() + "-journal")));
  TRY_ASSIGN(sqlite::Connection db, sqlite::Connection::open(file.native()));
  const auto failed = [&] {
    Error error = db.error("cannot replay the log beside the database");
    return error.cause == Cause::internal ? Error{Cause::damaged, error.text, error.hint} : error;
  };
  if (!db.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE")) return failed();
  if (!db.integer("SELECT count(*) FROM sqlite_schema")) return failed();
  return {};
}

// Size arithmetic of a file that has no log beside it.
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
    const bool alone = artefact.wal < 0 && artefact.journal < 0;
    const bool sized = alone && header->page_count_valid;
    const std::uintmax_t expected = sized ? header->bytes() : artefact.bare ? artefact.bytes : 0;
    // A cut file may promise far more than it holds: what is there bounds the need for space.
    TRY(sandbox.reserve(artefact.bare ? std::min(expected, artefact.bytes) : expected));
    const Path file = sandbox.folder() / "restored.sqlite";
    TRY_ASSIGN(const Written written,
               write_content(artefact.content, file, sized ? header->bytes() : UINTMAX_MAX,
                             expected, context));
    if (alone) {
      if (header->wal_mode)
        warn(artefact,
             "the database is in WAL mode and no write-ahead log lies beside it: complete after "
             "a proper backup, but a plain copy of a running database has lost its newest changes");
      TRY(judge_size(artefact, *header, written));
    } else {
      TRY(replay_companions(artefact, file, *header));
    }
    return open_sqlite_database(file, settings_);
  }

 private:
  SqliteSettings settings_;
};

}  // namespace

extern const EngineKind sqlite_file_engine;
constinit const EngineKind sqlite_file_engine{
    "sqlite_file", "sqlite database", "a SQLite database file, with the -wal or -journal beside it",
    "integrity = \"pragma\"  # always ask PRAGMA integrity_check, never the faster proof by scans",
    [](Options& options) -> std::unique_ptr<Engine> {
      return std::make_unique<SqliteFile>(options);
    }};

}  // namespace backproof
