// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "db/pg_database.h"
#include "engines/pg/copy.h"
#include "engines/pg/crew.h"
#include "engines/pg/dump.h"
#include "engines/pg/inventory.h"
#include "engines/pg/post_data.h"
#include "engines/pg/row_watch.h"
#include "engines/pg/session.h"
#include "engines/pg/sql_statements.h"
#include "model/run.h"
#include "sandbox/pg_server.h"

namespace backproof {

// One database that a dump has filled.
struct PgLoadedDatabase {
  PgRestored restored;
  PgInventory inventory;
  std::string encoding;  // in which the dump names its objects, as the server calls it
};

struct PgLoaded {
  PgServer server;
  std::vector<PgLoadedDatabase> databases;
  std::vector<std::string> roles_made;  // that the dump names and does not create
  std::vector<std::string> notes;       // what else had to be arranged
  std::uint64_t statements = 0;
};

// Makes databases of a dump. Statements are executed in the dump's order, with these exceptions:
// rows of COPY are written by several sessions while the dump is read on, and what follows them
// waits; the indexes and constraints of one stretch of the dump are made side by side
// (post_data.h). One thread, and sessions of its own.
class PgLoader : public DumpSink {
 public:
  // Gives the server, once it is known which version wrote the dump; 0 where it does not say.
  using StartServer = std::function<Result<PgServer>(int least_major)>;
  // `sessions` work side by side.
  PgLoader(StartServer start, std::size_t sessions);
  ~PgLoader() override;

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

  // Until set back, what is read comes before the dump: of globals, which belong to no database,
  // nothing is learned about the database to make.
  void set_preliminary(bool preliminary) { preliminary_ = preliminary; }
  // At the end of each dump that comes before: waits for what it has begun, whose errors are its.
  Result<void> settle_preliminary();
  // What the dump said of itself so far.
  const DumpHeader& facts() const { return facts_; }
  // After the whole dump was read: waits for everything that still goes on.
  Result<PgLoaded> finish();

 private:
  Result<void> make_database(const DumpHeader& header);
  Result<void> use(const std::string& database);
  Result<void> settle();
  Result<void> execute(const std::string& sql, const DumpPlace& at);
  Result<PgCopy::Target> target_of(const std::string& sql, const SqlCopyIn& copy);
  Result<PgCrew*> crew();
  Error at_place(const Error& error, const DumpPlace& at) const;
  // What the crew and the post-data work have done so far belongs to the current database.
  void keep_proven();
  void end_entry();
  Result<void> all_said();
  PgLoadedDatabase& database() { return loaded_.databases[current_]; }
  bool knows_order() { return in_order_.contains(database().restored.name); }

  StartServer start_;
  std::size_t sessions_;
  bool started_ = false, made_ = false;  // the server; the dump's database
  bool preliminary_ = false;
  DumpHeader facts_;
  std::set<std::string> in_order_;  // databases that have the locale that the dump says
  PgLoaded loaded_;
  std::size_t current_ = 0;  // of loaded_.databases
  DumpEntry entry_;
  std::uint64_t entries_ = 0;  // so far: tells one entry from the next
  bool has_content_ = true;    // something came after the entry's head
  std::uint64_t copies_ = 0;
  bool has_ownerless_ = false;                  // a table of which the dump says no owner
  std::vector<std::string> without_rows_;       // tables whose rows are announced and do not come
  std::vector<std::string> without_statement_;  // objects that are only named
  std::set<std::pair<std::string, std::string>> rows_of_;  // schema and table

  std::unique_ptr<PgSession> session_;  // the main one, of the current database
  std::unique_ptr<PgCrew> crew_;        // made when there is something for it to do
  std::optional<PgPostData> post_data_;
  std::optional<PgCopy> copy_;
  // The table's oid, its name inside of a transaction of the dump's own; empty where nobody counts.
  std::string counted_copy_;
  std::map<std::string, std::uint64_t> given_to_;  // rows, by the name as written
  std::optional<PgRowWatch> watch_;                // of a COPY in the text format
  bool direct_copy_ = false;                       // inside of a transaction of the dump's own
  DumpPlace copy_at_;
  std::vector<std::string> unlogged_;  // oids of tables that are to be made permanent again
  std::mutex rows_mutex_;              // guards the rows of loaded_.databases while a crew works
};

}  // namespace backproof
