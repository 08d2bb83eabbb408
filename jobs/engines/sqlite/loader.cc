// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/loader.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engines/sqlite/restoring.h"
#include "engines/sqlite/unistr.h"

namespace backproof {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20U;
// One statement in memory, of which SQLite holds up to three copies of a literal.
constexpr std::size_t longest_statement = 44U << 20U;
// Windows that decoders may take after the text's beginning; those of common tools are 8 MiB.
constexpr std::uintmax_t later_windows = 24U << 20U;
constexpr std::int64_t page_bytes = 4096;

// What the authorizer saw; outlives the connection it is registered with.
struct Refusals {
  std::string hostile;  // what was tried, empty = nothing
  std::vector<std::string> pragmas;
};

bool is_one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Functions by which SQL leaves its database; those of the sqlite3 shell are unknown to the
// library.
bool reaches_out(const std::string& function) {
  return is_one_of(text::lower(function), {"load_extension", "fts3_tokenizer", "readfile",
                                           "writefile", "edit", "fsdir", "lsmode"});
}

int authorize_pragma(Refusals& refusals, const std::string& name) {
  if (is_one_of(name, {"foreign_keys", "writable_schema", "encoding", "page_size", "auto_vacuum",
                       "user_version", "application_id", "legacy_file_format", "legacy_alter_table",
                       "defer_foreign_keys", "recursive_triggers"}))
    return SQLITE_OK;
  if (is_one_of(name, {"temp_store_directory", "data_store_directory"}))
    refusals.hostile = "PRAGMA " + name;
  if (std::find(refusals.pragmas.begin(), refusals.pragmas.end(), name) == refusals.pragmas.end() &&
      refusals.pragmas.size() < 20)
    refusals.pragmas.push_back(text::printable(name, 60));
  return SQLITE_IGNORE;
}

// SQLite's authorizer (https://sqlite.org/c3ref/set_authorizer.html): everything inside this one
// database is allowed, nothing that reaches another file.
int authorize(void* user, int action, const char* first, const char* second, const char*,
              const char*) {
  Refusals& refusals = *static_cast<Refusals*>(user);
  switch (action) {
    case SQLITE_ATTACH:
      // A plain VACUUM attaches a nameless database of its own.
      if (first == nullptr || *first == '\0') return SQLITE_DENY;
      refusals.hostile = "ATTACH or VACUUM INTO of another file";
      return SQLITE_DENY;
    case SQLITE_FUNCTION:
      if (second != nullptr && reaches_out(second)) {
        refusals.hostile = "the function " + text::lower(second);
        return SQLITE_DENY;
      }
      return SQLITE_OK;
    case SQLITE_PRAGMA:
      return first == nullptr ? SQLITE_DENY : authorize_pragma(refusals, text::lower(first));
    default:
      return SQLITE_OK;
  }
}

// Statements that make or drop what holds data; in all others a name may be a value that lost its
// quotes.
bool is_schema(const std::string& keyword) {
  return is_one_of(keyword, {"CREATE", "ALTER", "DROP"});
}

// What may follow a COMMIT: none of these adds data.
bool is_upkeep(const std::string& keyword) {
  return is_one_of(keyword, {"PRAGMA", "ANALYZE", "VACUUM", "REINDEX"});
}

class Loader {
 public:
  Loader(sqlite::Connection db, LoadedDump& loaded) : db_(std::move(db)), loaded_(loaded) {}

  Result<void> prepare(std::uintmax_t budget) {
    TRY(provide_unistr(db_));
    // The file is thrown away after a crash, so nothing needs a journal or a sync.
    TRY(
        db_.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
                "PRAGMA cache_size=-16384; PRAGMA cell_size_check=ON;"
                "PRAGMA max_page_count=" +
                std::to_string(std::min<std::uintmax_t>(budget / page_bytes + 1, 0xfffffffe))));
    sqlite3_set_authorizer(db_.handle(), authorize, &refusals_);
    return {};
  }

  // `sql` is followed by a NUL, so that SQLite compiles it where it is.
  Result<void> statement(std::string_view sql) {
    keyword_ = first_keyword(sql);
    // Blanks and comments make no statement; SQLite finds whatever else begins without a word.
    const bool counts = !keyword_.empty();
    if (counts) ++loaded_.statements;
    if (keyword_ == ".") return hostile("a dot command of the sqlite3 shell");
    if (keyword_ == "ROLLBACK") {
      loaded_.rolled_back = true;
      return {};
    }
    const bool idle = sqlite3_get_autocommit(db_.handle()) != 0;
    const auto names = is_schema(keyword_) ? sqlite::Names::shown : sqlite::Names::hidden;
    const Result<void> ran = db_.run({sql.data(), sql.size() + 1}, names);
    if (!refusals_.hostile.empty()) return hostile(refusals_.hostile);
    // The authorizer refuses VACUUM its second file; a fresh database needs none.
    const bool skipped = keyword_ == "VACUUM" && idle && db_.code() == sqlite::Code::denied;
    if (!ran && !skipped) return failed(ran.error());
    loaded_.began = loaded_.began || keyword_ == "BEGIN";
    if (keyword_ == "COMMIT" || keyword_ == "END")
      loaded_.committed = true;
    else if (counts && !is_upkeep(keyword_))
      loaded_.committed = false;
    return {};
  }

  const std::vector<std::string>& pragmas() const { return refusals_.pragmas; }

 private:
  std::string where() const { return "statement " + std::to_string(loaded_.statements); }

  Result<void> hostile(const std::string& what) const {
    return Error{Cause::hostile, where() + " is " + what + ", which no dump needs",
                 "find out who wrote this dump before you use it"};
  }

  Result<void> failed(const Error& error) const {
    const std::string text = where() + ": " + error.text;
    if (error.cause == Cause::space)
      return Error{Cause::space, text,
                   "it does not fit into the memory or the space of a verification: keep a "
                   "database file instead of SQL text, which has no such limit"};
    if (db_.code() == sqlite::Code::input_output) return Error{error.cause, text, error.hint};
    // SQLite's words, to be judged and not to be shown.
    const std::string_view message = sqlite3_errmsg(db_.handle());
    static constexpr std::string_view no_function = "no such function: ";
    const bool function = message.starts_with(no_function);
    if (function && reaches_out(std::string(message.substr(no_function.size()))))
      return hostile("the function " + text::lower(message.substr(no_function.size())));
    if (is_schema(keyword_) && (function || message.starts_with("no such module")))
      return Error{
          Cause::missing_tool, text,
          "it was written for a SQLite with more in it than " + std::string(sqlite3_libversion())};
    return Error{Cause::restore_error, text, error.hint};
  }

  Refusals refusals_;  // before db_: the connection calls into it until it is closed
  sqlite::Connection db_;
  LoadedDump& loaded_;
  std::string keyword_;  // of the last statement
};

// Runs every whole statement of `pending` and drops it from there.
Result<void> run_pending(std::string& pending, SqlSplitter& splitter, Loader& loader) {
  std::size_t begin = 0;
  while (true) {
    const auto end = splitter.end_of(std::string_view(pending).substr(begin));
    if (!end) break;
    const std::size_t behind = begin + *end;
    char next = '\0';
    if (behind < pending.size()) std::swap(next, pending[behind]);
    TRY(loader.statement(std::string_view(pending).substr(begin, *end)));
    if (behind < pending.size()) pending[behind] = next;
    begin = behind;
    splitter.restart();
  }
  pending.erase(0, begin);
  // Any length of blanks between statements takes no memory.
  if (splitter.nothing()) {
    pending.clear();
    splitter.restart();
  }
  if (splitter.dot_command()) return loader.statement(pending);
  if (pending.size() <= longest_statement) return {};
  return Error{Cause::space,
               "one statement of the dump is longer than " + text::format_size(longest_statement),
               "keep a database file instead of SQL text: it has no such limit"};
}

// What is left to SQLite beside a statement and the windows of the decoders in front of it.
std::int64_t heap_beside(ByteSource& content) {
  const std::uintmax_t windows = content.freeze_memory(later_windows);
  const auto others = static_cast<std::int64_t>(windows + longest_statement + chunk_bytes);
  return std::min(sqlite::heap_limit, sqlite::memory_limit - sqlite::own_memory - others);
}

}  // namespace

Result<LoadedDump> load_sqlite_dump(ByteSource& content, const Path& file, std::uintmax_t budget,
                                    const RunContext& context) {
  LoadedDump loaded;
  sqlite::bound_memory(heap_beside(content));
  TRY_ASSIGN(sqlite::Connection db, open_for_restoring(file));
  Loader loader(std::move(db), loaded);
  TRY(loader.prepare(budget));
  std::vector<unsigned char> buffer(chunk_bytes);
  std::string pending;
  pending.reserve(longest_statement + chunk_bytes);  // never more: growing would double it
  SqlSplitter splitter;
  std::uintmax_t done = 0;
  while (true) {
    TRY_ASSIGN(const std::size_t n, content.read(buffer));
    if (n == 0) break;
    const std::string_view text = as_text({buffer.data(), n});
    if (const std::size_t at = text.find('\0'); at != std::string_view::npos)
      return Error{
          Cause::damaged,
          "byte " + std::to_string(done + at) + " of the dump is NUL, which no SQL text holds", ""};
    pending += text;
    TRY(run_pending(pending, splitter, loader));
    done += n;
    context.progress(done, 0);
  }
  loaded.unfinished = !splitter.blank();
  loaded.ignored_pragmas = loader.pragmas();
  return loaded;
}

}  // namespace backproof
