// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/companions.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "engines/sqlite/journal.h"
#include "engines/sqlite/restoring.h"
#include "engines/sqlite/wal.h"

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
}

// Nothing in a log names its database, but the first page of both tells how often they were
// changed: in a log each counter is the one before or one more, and a checkpoint copies pages as
// they are. A log that does not fit SQLite would apply all the same; what comes out then is no
// state that the database ever had, even where it is sound.
std::string what_does_not_fit(const WalFacts& wal, const SqliteHeader& header) {
  if (!header.wal_mode) return "the database is not in WAL mode";
  if (!wal.header || !wal.first_header) return "";
  const std::string now = ", the database's is " + std::to_string(header.change_counter);
  if (wal.header->change_counter < header.change_counter)
    return "its change counter is " + std::to_string(wal.header->change_counter) + now;
  if (wal.first_header->change_counter > header.change_counter + 1)
    return "its change counter begins at " + std::to_string(wal.first_header->change_counter) + now;
  if (wal.first_header->change_counter < header.change_counter && !wal.holds_first_page)
    return "the database's first page did not come out of it";
  if (wal.header->schema_cookie < header.schema_cookie)
    return "its schema is number " + std::to_string(wal.header->schema_cookie) +
           ", the database's is " + std::to_string(header.schema_cookie);
  if (wal.other_schema)
    return "it has another schema under the number " + std::to_string(header.schema_cookie);
  return "";
}

constexpr const char* foreign_log =
    "the write-ahead log beside it is of another time or of another database: ";

void judge_pairing(Artefact& artefact, const WalFacts& wal, const SqliteHeader& header) {
  if (const std::string why = what_does_not_fit(wal, header); !why.empty())
    return fail(artefact, Cause::unproven, foreign_log + why);
  if (wal.header && !wal.holds_first_page && !wal.same_schema)
    warn(artefact,
         "nothing but a change counter that fits ties the write-ahead log beside it to this "
         "database: it brings its own schema");
}

Result<void> take_wal(Artefact& artefact, const Path& copy, const SqliteHeader& header,
                      const Sandbox& sandbox, Companions& companions) {
  companions.has_log = true;
  TRY_ASSIGN(const Fd log, copy_companion(artefact.wal, copy, sandbox));
  TRY_ASSIGN(const FileFacts facts, facts_of(log.get()));
  const ByteView first_page =
      artefact.head.first(artefact.head.size() < header.page_size ? 0 : header.page_size);
  TRY_ASSIGN(const WalFacts wal, inspect_wal(log.get(), first_page));
  if (facts.bytes > 0) judge_wal(artefact, wal, header);
  if (wal.committed_frames == 0) {
    drop(copy);
    return {};
  }
  if (wal.page_size == header.page_size) {
    judge_pairing(artefact, wal, header);
    if (!wal.header) companions.untied_log = wal;
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
  warn(artefact, what + "was played back: the database was copied during a transaction");
  if (!journal.damage.empty())
    fail(artefact, Cause::damaged, what + "is damaged: " + journal.damage);
  else if (journal.page_size != header.page_size)
    fail(artefact, Cause::damaged,
         what + "belongs to another database: its page size is " +
             std::to_string(journal.page_size) + ", not " + std::to_string(header.page_size));
  if (!journal.damage.empty()) return {};
  if (journal.super_journal == 0) {
    // SQLite syncs a journal in parts, and none of them tells whether it is the last. Cut between
    // two of them it leaves a transaction that is undone by half, and maybe sound.
    if (!journal.proven_whole)
      fail(artefact, Cause::unproven,
           "nothing proves that " + what + "is whole: it ends with its last record");
    return {};
  }
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

Result<void> replay_companions(Artefact& artefact, const Path& file, const Companions& companions) {
  if (companions.untied_log) {
    TRY_ASSIGN(const Fd database, open_readonly(file));
    TRY_ASSIGN(const Fd log, open_readonly(Path(file.native() + "-wal")));
    TRY_ASSIGN(const std::uint32_t page,
               find_page_of_other_kind(log.get(), *companions.untied_log, database.get()));
    if (page != 0)
      fail(artefact, Cause::unproven,
           foreign_log + ("page " + std::to_string(page) + " is of another kind in it"));
  }
  // The decoders in front of the file still hold their windows.
  const auto windows = static_cast<std::int64_t>(artefact.content.freeze_memory(0));
  sqlite::bound_memory(
      std::min(sqlite::heap_limit, sqlite::memory_limit - sqlite::own_memory - windows));
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
