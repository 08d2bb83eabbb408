// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/restoring.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/text.h"
#include "engines/pg/archive_reader.h"
#include "engines/pg/loader.h"
#include "engines/pg/one_database.h"
#include "engines/pg/plain_reader.h"

namespace backproof {
namespace {

constexpr std::size_t most_named = 5;

std::size_t sessions() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 8);
}

void warn(Artefact& artefact, std::string text) {
  artefact.findings.push_back({Severity::warning, Cause::none, std::move(text)});
}

// "a, b, c and 7 more".
std::string first_of(const std::vector<std::string>& names) {
  std::vector<std::string> shown(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most_named)));
  const std::string more = names.size() > most_named
                               ? " and " + std::to_string(names.size() - most_named) + " more"
                               : "";
  return text::join(shown, ", ") + more;
}

void report(const PgLoaded& loaded, Artefact& artefact) {
  std::vector<std::string> roles;
  for (const std::string& role : loaded.roles_made)
    if (role != "postgres") roles.push_back(text::printable(role));
  if (!roles.empty())
    warn(artefact, "the dump needs " + text::plural(roles.size(), "role") +
                       " that it does not create, made here without login: " + first_of(roles) +
                       "; a real recovery needs them from pg_dumpall --globals-only");
  for (const std::string& note : loaded.notes) warn(artefact, note);
}

Result<void> compare(const PgLoaded& loaded, Artefact& artefact) {
  for (const PgLoadedDatabase& database : loaded.databases) {
    const std::string& name = database.restored.name;
    TRY_ASSIGN(pg::Connection connection,
               pg::Connection::open(loaded.server.conninfo, name, {"search_path=pg_catalog"}));
    // An archive can be in another encoding than its database, a text in one that none can have.
    if (!database.encoding.empty()) TRY(connection.set_client_encoding(database.encoding));
    TRY_ASSIGN(const std::vector<std::string> lost, database.inventory.missing(connection));
    if (!lost.empty())
      return Error{Cause::incomplete,
                   "the dump names " + text::plural(lost.size(), "object") +
                       " that it does not make: " + first_of(lost),
                   "a part of it is missing"};
    TRY_ASSIGN(const std::vector<std::string> bare, database.inventory.without_rows(connection));
    TRY_ASSIGN(std::vector<std::string> seen, observe_pg_database(loaded.server.conninfo, name));
    if (!loaded.server.throw_away) {
      TRY_ASSIGN(const std::string size,
                 connection.scalar("SELECT pg_database_size(current_database())"));
      artefact.elsewhere += text::parse_count(size).value_or(0);
    }
    if (!bare.empty())
      seen.push_back("the dump makes " + text::plural(bare.size(), "table") +
                     " without rows of it, and has rows of others (pg_dump --exclude-table-data "
                     "does so): " +
                     first_of(bare));
    const std::string where =
        loaded.databases.size() > 1 ? "database " + text::printable(name) + ": " : "";
    for (const std::string& line : seen) warn(artefact, where + line);
  }
  return {};
}

// Globals or a schema, in any form that is one stream.
Result<void> read_stream(int file, DumpSink& sink, const RunContext& context) {
  TRY_ASSIGN(const auto content, Inflate::open(file, {}));
  const ByteView head = content->head();
  if (is_custom_archive(head) || is_tar_archive(head)) {
    TRY(read_archive(*content, sink, context));
  } else {
    TRY(read_plain_dump(*content, sink, context));
  }
  for (const Layer& layer : content->layers())
    if (layer.trailer) return *layer.trailer;
  return {};
}

// Whatever is wrong with what comes before the backup says nothing of the backup.
Result<void> read_before(const std::vector<Member>& before, DumpSink& sink,
                         const std::function<Result<void>()>& settled, const RunContext& context) {
  for (const Member& member : before) {
    auto done = read_stream(member.file.get(), sink, context);
    if (done) done = settled();
    if (done) continue;
    Error error =
        done.error().while_doing(text::printable(member.name) + ", restored before the backup");
    if (verdict_of(error.cause) != Verdict::failed) return error;
    return Error{Cause::unproven, error.text,
                 "nothing was learned about the backup: mend what sandbox.before names"};
  }
  return {};
}

// Before anything is executed on a server that is not ours: that it is there, and that all of the
// dump, and what comes before it, is for one database.
Result<void> prove_one_database(const PgReader& read, Artefact& artefact,
                                const RunContext& context) {
  TRY(met_server(*artefact.keeper));
  OneDatabase guard;
  TRY(read_before(
      artefact.before, guard, [] { return Result<void>(); }, context));
  const std::size_t findings = artefact.findings.size();
  TRY_ASSIGN(const auto content, artefact.again());
  const auto done = read(*content, guard);
  // They are found again when it is read again.
  artefact.findings.erase(artefact.findings.begin() + static_cast<std::ptrdiff_t>(findings),
                          artefact.findings.end());
  if (!done) return done.error();
  return {};
}

Result<PgLoaded> load(const PgReader& read, const PgOptions& options, Artefact& artefact,
                      const RunContext& context) {
  Keeper& keeper = *artefact.keeper;
  if (keeper.is_named()) TRY(prove_one_database(read, artefact, context));
  PgLoader loader(
      [&](int least_major) {
        return keeper.is_named() ? met_server(keeper) : keeper.start_server(least_major);
      },
      sessions());
  loader.set_preliminary(true);
  TRY(read_before(
      artefact.before, loader, [&] { return loader.settle_preliminary(); }, context));
  loader.set_preliminary(false);
  const auto ended = read(artefact.content, loader);
  const DumpHeader& facts = loader.facts();
  artefact.format.server_version = facts.server_version;
  artefact.format.database = facts.database;
  artefact.format.dump_version = facts.dump_version;
  artefact.format.encoding = facts.encoding;
  artefact.format.written = facts.created;
  if (!ended) return ended.error();
  TRY_ASSIGN(PgLoaded loaded, loader.finish());
  if (loaded.statements == 0) return Error{Cause::empty, "the dump holds no statement", ""};
  if (!ended->proven_whole && !options.accept_unmarked)
    artefact.findings.push_back(
        {Severity::failure, Cause::unproven,
         "nothing in this SQL proves that it is all there: pg_dump did not write it"});
  return loaded;
}

}  // namespace

PgOptions pg_options(Options& options) {
  PgOptions made;
  made.accept_unmarked = options.boolean("accept_unmarked", made.accept_unmarked);
  made.questions.sessions = sessions();
  made.questions.amcheck_up_to = options.size("amcheck_up_to", made.questions.amcheck_up_to);
  return made;
}

Result<std::unique_ptr<Database>> restore_pg(const PgReader& read, const PgOptions& options,
                                             Artefact& artefact, const RunContext& context) {
  const auto explained = [&](Error error) {
    // A connection ends, or cannot be made, because the server ended; the keeper knows why.
    if (error.cause != Cause::crashed && error.cause != Cause::internal) return error;
    return artefact.keeper->trouble().value_or(error);
  };
  const auto loaded = load(read, options, artefact, context);
  if (!loaded) return explained(loaded.error());
  report(*loaded, artefact);
  if (const auto whole = compare(*loaded, artefact); !whole) return explained(whole.error());
  artefact.database = loaded->databases.empty() ? "" : loaded->databases.front().restored.name;
  std::vector<PgRestored> restored;
  for (const PgLoadedDatabase& database : loaded->databases) restored.push_back(database.restored);
  auto opened = open_pg_database(loaded->server.conninfo, std::move(restored), options.questions);
  if (!opened) return explained(opened.error());
  return opened;
}

}  // namespace backproof
