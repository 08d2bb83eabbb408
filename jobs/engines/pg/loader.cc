// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/loader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "db/pg_own_database.h"
#include "engines/pg/binary_columns.h"
#include "engines/pg/sql_statements.h"
#include "engines/pg/text_order.h"
#include "engines/pg/words.h"

namespace backproof {
namespace {

// Several sessions may fill a table at the same time when nothing happens row by row but storing
// it; and while it has no index it may be unlogged meanwhile.
constexpr const char* copy_target = R"(
SELECT c.oid, c.relkind = 'r', c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relhasindex
  AND NOT c.relhastriggers AND NOT c.relhasrules AND NOT EXISTS (
    SELECT FROM pg_constraint o JOIN pg_depend d
      ON d.classid = 'pg_constraint'::regclass AND d.objid = o.oid
    WHERE o.conrelid = c.oid AND d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384)
FROM pg_class c WHERE c.oid = to_regclass($1))";

// A table with its TOAST table and that one's index.
constexpr const char* set_persistence = R"(
UPDATE pg_class SET relpersistence = $1 WHERE oid IN (
  SELECT unnest(ARRAY[c.oid, c.reltoastrelid, i.indexrelid])
  FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.reltoastrelid AND c.reltoastrelid <> 0
  WHERE c.oid = ANY ($2::oid[])))";

// Kinds of objects that have no name in the catalog to look for: that they are made can be seen in
// the dump only, where each has its statement.
constexpr std::array<std::string_view, 14> without_name{"ACL",
                                                        "CAST",
                                                        "COMMENT",
                                                        "DEFAULT",
                                                        "DEFAULT ACL",
                                                        "MATERIALIZED VIEW DATA",
                                                        "PUBLICATION TABLE",
                                                        "ROW SECURITY",
                                                        "SECURITY LABEL",
                                                        "SEQUENCE OWNED BY",
                                                        "SEQUENCE SET",
                                                        "TRANSFORM",
                                                        "USER MAPPING",
                                                        "PUBLICATION TABLES IN SCHEMA"};

bool one_of(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

int major_of(const std::string& version) {
  const auto dot = version.find_first_of(". ");
  const auto major = text::parse_count(version.substr(0, dot));
  return major && *major < 1000 ? static_cast<int>(*major) : 0;
}

// Of the server that the dump came from and of the pg_dump that wrote it: its SQL is for both.
int needed_major(const DumpHeader& header) {
  return std::max(major_of(header.server_version), major_of(header.dump_version));
}

}  // namespace

PgLoader::PgLoader(StartServer start, std::size_t sessions)
    : start_(std::move(start)), sessions_(sessions) {}

PgLoader::~PgLoader() = default;

Error PgLoader::at_place(const Error& error, const DumpPlace& at) const {
  const std::string what =
      entry_.type.empty() ? "" : entry_.type + " " + text::printable(entry_.name) + " ";
  return error.while_doing(what + "at " + at.str());
}

Result<void> PgLoader::header(const DumpHeader& header) {
  if (facts_.server_version.empty() && !preliminary_) facts_ = header;
  const int needed = needed_major(header);
  if (!started_) {
    TRY_ASSIGN(loaded_.server, start_(needed));
    started_ = true;
  }
  if (needed > loaded_.server.major)
    return Error{Cause::version,
                 "a part of the dump is of PostgreSQL " + std::to_string(needed) +
                     ", the server is " + loaded_.server.version,
                 loaded_.server.throw_away
                     ? "install postgresql-" + std::to_string(needed)
                     : "leave sandbox.server out, or name a server that is new enough"};
  if (made_) return {};
  const bool globals = preliminary_ && header.server_version.empty() && loaded_.server.throw_away;
  return globals ? use("postgres") : make_database(header);
}

Result<void> PgLoader::make_database(const DumpHeader& header) {
  const PgServer& server = loaded_.server;
  TRY_ASSIGN(pg::Connection first, pg::Connection::open(server.conninfo, server.entry));
  const auto make = [&] { return create_database(first, server.database, header, loaded_.notes); };
  const std::size_t notes = loaded_.notes.size();
  TRY(server.throw_away ? make() : pg::make_own(first, server.database, make));
  if (!header.locale_options.empty() && loaded_.notes.size() == notes)
    in_order_.insert(server.database);
  made_ = true;
  return use(server.database);
}

Result<void> PgLoader::use(const std::string& name) {
  crew_.reset();
  post_data_.emplace();
  session_.reset();
  rows_of_.clear();
  TRY_ASSIGN(PgSession session, PgSession::open(loaded_.server, name));
  session_ = std::make_unique<PgSession>(std::move(session));
  auto& all = loaded_.databases;
  const auto known =
      std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.restored.name == name; });
  current_ = static_cast<std::size_t>(known - all.begin());
  if (known == all.end()) all.push_back({{name, {}, {}}, {}, ""});
  return {};
}

Result<void> PgLoader::entry(const DumpEntry& entry) {
  end_entry();
  // In comments a blank can be a line break, so that two tables can have the same name there.
  if (entry.type == "TABLE DATA" && entry.name.find(' ') == std::string::npos &&
      !rows_of_.emplace(entry.schema, entry.name).second)
    return Error{
        Cause::damaged,
        "the dump has the rows of " + text::printable(entry.schema + "." + entry.name) + " twice",
        "parts of it were stored twice, or two dumps in one file"};
  entry_ = entry;
  has_content_ = false;
  ++entries_;
  has_ownerless_ = has_ownerless_ || (entry.type == "TABLE" && entry.owner.empty());
  // Between two databases of a pg_dumpall stands the head of the next, with its encoding.
  if (database().inventory.add(entry)) database().encoding = session_->main().client_encoding();
  return {};
}

// In a dump that uses COPY even an empty table has its block; one with --inserts says nothing of
// it.
void PgLoader::end_entry() {
  if (has_content_) return;
  const std::string name =
      text::printable(entry_.schema.empty() ? entry_.name : entry_.schema + "." + entry_.name);
  if (entry_.type == "TABLE DATA")
    without_rows_.push_back(name);
  else if (one_of(without_name, entry_.type))
    without_statement_.push_back(entry_.type + " " + name);
}

Result<void> PgLoader::statement(std::string_view sql, const DumpPlace& at) {
  ++loaded_.statements;
  has_content_ = has_content_ ||
                 (entry_.type == "TABLE DATA" ? PgWords(sql).take("INSERT") : !is_setting(sql));
  if (is_setting(sql)) {
    // pg_dump says again what is so already.
    const auto& made = session_->settings();
    if (!made.empty() && made.back() == sql) return {};
  } else if (session_->main().is_idle() && post_data_->gather(entry_, entries_, sql, at)) {
    return {};
  }
  TRY(settle());
  return execute(std::string(sql), at);
}

Result<void> PgLoader::execute(const std::string& sql, const DumpPlace& at) {
  const bool clearing = entry_.type.empty() && !facts_.server_version.empty();
  const Result<void> done = session_->execute(sql, clearing);
  for (std::string& role : session_->take_roles()) loaded_.roles_made.push_back(std::move(role));
  std::vector<std::string> notes = session_->take_notes();
  // Without a note its locale is the dump's.
  if (done && notes.empty())
    if (std::string made = created_database(sql).name; !made.empty())
      in_order_.insert(std::move(made));
  std::move(notes.begin(), notes.end(), std::back_inserter(loaded_.notes));
  if (!done)
    return at_place(knows_order() ? done.error() : in_some_order(session_->main(), done.error()),
                    at);
  if (crew_ && is_setting(sql)) crew_->add_setting(sql);
  // A trigger or a rule that was there before the rows can leave them out.
  if (session_->main().stored_nothing() && entry_.type == "TABLE DATA" &&
      sql.find("ON CONFLICT DO NOTHING") == std::string::npos)
    return at_place({Cause::damaged, "the server stored no row for an INSERT, and no error", ""},
                    at);
  return {};
}

Result<PgCrew*> PgLoader::crew() {
  if (!crew_) {
    TRY_ASSIGN(crew_, PgCrew::open(loaded_.server, database().restored.name, sessions_, {}));
    for (const std::string& setting : session_->settings()) crew_->add_setting(setting);
  }
  return crew_.get();
}

// Waits for rows and post-data work that goes on.
Result<void> PgLoader::settle() {
  if (crew_) TRY(crew_->wait());
  if (!unlogged_.empty()) {
    TRY(session_->aside().query(set_persistence, {"p", "{" + text::join(unlogged_, ",") + "}"}));
    unlogged_.clear();
  }
  if (post_data_->empty()) return {};
  TRY_ASSIGN(PgCrew* const members, crew());
  return post_data_->run(*members, *session_);
}

Result<void> PgLoader::settle_preliminary() {
  if (session_) TRY(settle());
  TRY(all_said());
  entry_ = {};
  has_content_ = true;
  rows_of_.clear();
  return {};
}

Result<PgCopy::Target> PgLoader::target_of(const std::string& sql, const SqlCopyIn& copy) {
  PgCopy::Target target{sql, std::string(copy.table), "", false, knows_order(), {}};
  // An unqualified name means what the dump's search_path makes of it.
  if (!is_qualified(copy.table)) return target;
  TRY_ASSIGN(const pg::Rows rows, session_->aside().query(copy_target, {target.table}));
  if (rows.empty()) return target;
  target.oid = rows[0][0].value_or("");
  // Where more is done for each statement or row, one COPY stays one; so it does where rows may
  // end at other bytes than newlines.
  target.divisible = rows[0][2] == "t" && watch_;
  if (rows[0][1] == "t" && watch_) counted_copy_ = target.oid;
  if (!target.divisible) return target;
  target.grown = [this, columns = copy.columns,
                  oid = target.oid]() -> Result<std::vector<PgBinaryType>> {
    if (loaded_.server.throw_away) {
      unlogged_.push_back(oid);
      TRY(session_->aside().query(set_persistence, {"u", "{" + oid + "}"}));
    }
    return binary_columns(session_->aside(), oid, columns);
  };
  return target;
}

Result<void> PgLoader::copy_begin(std::string_view sql, const DumpPlace& at) {
  ++loaded_.statements;
  ++copies_;
  has_content_ = true;
  copy_at_ = at;
  const std::string statement(sql);
  if (!post_data_->empty()) TRY(settle());
  if (crew_ && crew_->has_failed()) TRY(settle());
  const SqlCopyIn copy = read_copy_in(statement).value_or(SqlCopyIn());
  watch_.reset();
  if (copy.as_text && !has_double_bytes(session_->main().client_encoding())) watch_.emplace();
  direct_copy_ = !session_->main().is_idle();
  if (direct_copy_) {
    counted_copy_ = watch_ && is_qualified(copy.table) ? copy.table : "";
    const Result<void> begun = session_->main().copy_begin(statement);
    return begun ? begun : at_place(begun.error(), at);
  }
  counted_copy_.clear();
  TRY_ASSIGN(PgCopy::Target target, target_of(statement, copy));
  TRY_ASSIGN(PgCrew* const members, crew());
  // What a trigger or a foreign key looks at, where rows come behind their schema, must be there.
  if (!target.divisible) TRY(members->wait());
  post_data_->forget();
  copy_.emplace(*members, std::move(target), at,
                [this, ours = !counted_copy_.empty(), &rows = database().restored.rows](
                    const std::string& oid, std::uint64_t taken) {
                  const std::lock_guard lock(rows_mutex_);
                  if (!oid.empty() && !ours) rows[oid] += taken;
                });
  return {};
}

Result<void> PgLoader::copy_rows(ByteView rows) {
  if (watch_)
    if (const auto seen = watch_->see(rows); !seen) return at_place(seen.error(), copy_at_);
  if (!direct_copy_) return copy_->rows(rows);
  const Result<void> put = session_->main().copy_put(rows);
  return put ? put : at_place(put.error(), copy_at_);
}

Result<void> PgLoader::copy_end() {
  if (direct_copy_) {
    const auto ended = session_->main().copy_end();
    if (!ended) return at_place(ended.error(), copy_at_);
    if (!counted_copy_.empty()) given_to_[counted_copy_] += watch_->rows();
    return {};
  }
  TRY(copy_->end());
  copy_.reset();
  if (counted_copy_.empty()) return {};
  const std::lock_guard lock(rows_mutex_);
  database().restored.rows[counted_copy_] += watch_->rows();
  return {};
}

Result<void> PgLoader::large_object_begin(std::uint32_t oid, const DumpPlace& at) {
  TRY(settle());
  copy_at_ = at;
  const auto opened = session_->main().large_object_open(oid);
  return opened ? opened : at_place(opened.error(), at);
}

Result<void> PgLoader::large_object_bytes(ByteView bytes) {
  const auto written = session_->main().large_object_write(bytes);
  return written ? written : at_place(written.error(), copy_at_);
}

Result<void> PgLoader::large_object_end() {
  const auto closed = session_->main().large_object_close();
  return closed ? closed : at_place(closed.error(), copy_at_);
}

Result<void> PgLoader::connect(std::string_view name, const DumpPlace& at) {
  TRY(settle());
  keep_proven();
  end_entry();
  entry_ = {};
  if (!loaded_.server.throw_away)
    return at_place({Cause::isolation,
                     "the dump makes or enters databases of its own, which it may do on a "
                     "throw-away server only",
                     ""},
                    at);
  const Result<void> used = use(std::string(name));
  return used ? used : at_place(used.error(), at);
}

void PgLoader::keep_proven() {
  database().restored.proven_foreign_keys = post_data_->proven();
  // Tables that a transaction had made, which nobody else could see then.
  for (const auto& [table, given] : std::exchange(given_to_, {})) {
    const auto rows = session_->aside().query(copy_target, {table});
    if (rows && !rows->empty() && rows->front()[1] == "t")
      database().restored.rows[rows->front()[0].value_or("")] += given;
  }
}

// What was announced has come.
Result<void> PgLoader::all_said() {
  end_entry();
  if (copies_ > 0 && !without_rows_.empty())
    return Error{Cause::incomplete,
                 "the dump announces the rows of " + text::plural(without_rows_.size(), "table") +
                     " and does not hold them: " + without_rows_.front(),
                 "a part of it is missing"};
  if (!without_statement_.empty())
    return Error{Cause::incomplete,
                 "the dump names " + text::plural(without_statement_.size(), "object") +
                     " and has no statement for it: " + without_statement_.front(),
                 "a part of it is missing"};
  return {};
}

Result<PgLoaded> PgLoader::finish() {
  TRY(settle());
  keep_proven();
  TRY(all_said());
  if (has_ownerless_)
    loaded_.notes.emplace_back(
        "the dump says no owners (pg_dump --no-owner): what was theirs alone, and rights that "
        "--no-acl leaves out, are lost in a recovery");
  crew_.reset();
  session_.reset();
  // The one that was made for a dump that then made its own, and where only globals went.
  auto& all = loaded_.databases;
  const auto is_filled = [](const auto& d) { return d.inventory.size() > 0; };
  if (std::any_of(all.begin(), all.end(), is_filled))
    std::erase_if(all, [&](const auto& d) { return !is_filled(d); });
  std::sort(loaded_.roles_made.begin(), loaded_.roles_made.end());
  return std::move(loaded_);
}

}  // namespace backproof
