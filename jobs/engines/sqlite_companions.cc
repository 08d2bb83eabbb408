// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite_companions.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "engines/sqlite_journal.h"
#include "engines/sqlite_restoring.h"
#include "engines/sqlite_wal.h"

namespace backproof {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20U;
// SQLite's index of a log beside it: 32 KiB for every 4096 frames.
constexpr std::uintmax_t index_bytes_per_frame = 8, least_index_bytes = 64U << 10U;

void warn(Artefact& artefact, std::string text) {
  artefact.findings.push_back({Severity::warning, Cause::none, std::move(text)});
}
void fail(Artefact& artefact, Cause cause, std::string text) {
  artefact.findings.push_back({Severity::failure, cause, std::move(text)});
}

Result<Fd> copy_companion(int from, const Path& to, const Sandbox& sandbox) {
  TRY_ASSIGN(const FileFacts facts, facts_of(from));
  TRY(sandbox.reserve(facts.bytes));
  Fd out(::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) return errno_error(Cause::internal, "cannot create a file in the sandbox");
  std::vector<unsigned char> buffer(chunk_bytes);
  for (std::uintmax_t at = 0;;) {
    TRY_ASSIGN(const std::size_t n, read_at(from, buffer, at));
    if (n == 0) return out;
    TRY(write_all(out.get(), ByteView(buffer.data(), n)));
    at += n;
  }
}

void drop(const Path& copy) {
  std::error_code ignored;
  std::filesystem::remove(copy, ignored);
}

void judge_wal(Artefact& artefact, const WalFacts& wal, const SqliteHeader& header) {
  const std::string log = "the write-ahead log beside it ";
  const std::string frames = text::format_count(wal.frames) + " frames";
  if (!wal.header_ok)
    return fail(artefact, Cause::damaged, log + "has no valid header: what it held is lost");
  if (wal.page_size != header.page_size)
    return fail(artefact, Cause::damaged,
                log + "belongs to another database: its page size is " +
                    std::to_string(wal.page_size) + ", not " + std::to_string(header.page_size));
  if (wal.loses_commits())
    return fail(
        artefact, Cause::damaged,
        log + "breaks off at frame " + std::to_string(wal.valid_frames + 1) + " of " + frames);
  if (wal.frames > wal.committed_frames)
    warn(artefact, log + "ends in an uncommitted transaction: " +
                       text::format_count(wal.committed_frames) + " of " + frames + " count");
  if (wal.cut_bytes > 0)
    warn(artefact, log + "ends inside a frame, after " + text::plural(wal.cut_bytes, "byte") +
                       " of it: cut, or copied while it was written");
  const auto& last = wal.header;
  if (last && last->change_counter < header.change_counter)
    warn(artefact, log +
                       "is older than the database or belongs to another: its change counter is " +
                       std::to_string(last->change_counter) + ", the database's is " +
                       std::to_string(header.change_counter));
  else if (last && last->schema_cookie < header.schema_cookie)
    warn(artefact, log + "is older than the database or belongs to another: its schema is number " +
                       std::to_string(last->schema_cookie) + ", the database's is " +
                       std::to_string(header.schema_cookie));
}

Result<void> take_wal(Artefact& artefact, const Path& copy, const SqliteHeader& header,
                      const Sandbox& sandbox, Companions& companions) {
  companions.has_log = true;
  TRY_ASSIGN(const Fd log, copy_companion(artefact.wal, copy, sandbox));
  TRY_ASSIGN(const FileFacts facts, facts_of(log.get()));
  TRY_ASSIGN(const WalFacts wal, inspect_wal(log.get()));
  if (facts.bytes > 0) judge_wal(artefact, wal, header);
  if (wal.committed_frames == 0) {
    drop(copy);
    return {};
  }
  companions.replayed = true;
  companions.database = std::uintmax_t{wal.database_pages} * wal.page_size;
  companions.more_space += wal.frames * index_bytes_per_frame + least_index_bytes;
  return {};
}

Result<void> take_journal(Artefact& artefact, const Path& copy, const SqliteHeader& header,
                          const Sandbox& sandbox, Companions& companions) {
  TRY_ASSIGN(const Fd out, copy_companion(artefact.journal, copy, sandbox));
  TRY_ASSIGN(const JournalFacts journal, inspect_journal(out.get()));
  if (!journal.hot) {
    drop(copy);
    return {};
  }
  companions.replayed = true;
  const std::string what = "the rollback journal beside it ";
  if (!journal.damage.empty())
    fail(artefact, Cause::damaged, what + "is damaged: " + journal.damage);
  else if (journal.page_size != header.page_size)
    fail(artefact, Cause::damaged,
         what + "belongs to another database: its page size is " +
             std::to_string(journal.page_size) + ", not " + std::to_string(header.page_size));
  if (!journal.damage.empty() || journal.super_journal == 0) return {};
  // How it ended stands in a file that is not here. Without the name SQLite rolls it back, so that
  // at least a state between two transactions is examined.
  if (ftruncate(out.get(), static_cast<off_t>(journal.super_journal)) != 0)
    return errno_error(Cause::internal, "cannot shorten the copy of a journal");
  fail(artefact, Cause::unproven,
       what +
           "belongs to a transaction over several databases, and only the super-journal that "
           "it names could tell whether that was committed");
  return {};
}

}  // namespace

Result<Companions> take_companions(Artefact& artefact, const Path& file, const SqliteHeader& header,
                                   const Sandbox& sandbox) {
  Companions companions;
  if (artefact.wal >= 0)
    TRY(take_wal(artefact, Path(file.native() + "-wal"), header, sandbox, companions));
  if (artefact.journal >= 0)
    TRY(take_journal(artefact, Path(file.native() + "-journal"), header, sandbox, companions));
  return companions;
}

Result<void> replay_companions(const Path& file) {
  TRY_ASSIGN(sqlite::Connection db, open_for_restoring(file));
  sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  const auto failed = [&] {
    Error error = db.error("cannot replay the log beside the database");
    if (db.code() == sqlite::Code::other || db.code() == sqlite::Code::not_a_database)
      error.cause = Cause::damaged;
    return error;
  };
  if (!db.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE")) return failed();
  if (!db.integer("SELECT count(*) FROM sqlite_schema")) return failed();
  return {};
}

}  // namespace backproof
