// SPDX-License-Identifier: Apache-2.0
#include "backup/take.h"

#include <sys/stat.h>

#include "backup/pending_file.h"
#include "backup/snapshot.h"
#include "base/digest.h"
#include "base/text.h"
#include "sandbox/named_server.h"

namespace backproof {
namespace {

Result<std::unique_ptr<LiveSnapshot>> open_snapshot(const LiveDatabase& live,
                                                    const std::string& snapshot,
                                                    const Clock& clock) {
  if (live.sqlite.empty() == live.postgresql.empty())
    return Error{Cause::internal, "name one database: a SQLite file or a URL of PostgreSQL", ""};
  if (!live.sqlite.empty()) {
    if (snapshot.empty()) return open_sqlite_snapshot(live.sqlite, clock);
    return Error{Cause::internal, "SQLite has no snapshots that can be shared",
                 "let backproof backup take the backup"};
  }
  std::string password;
  if (!live.password_file.empty()) {
    TRY_ASSIGN(password, read_password(live.password_file));
  }
  return open_pg_snapshot(live.postgresql, password, snapshot);
}

// What was written, read again from the file itself.
Result<void> add_artefact(Manifest& manifest, int fd, const Path& name) {
  TRY_ASSIGN(manifest.sha256, sha256_of(fd));
  TRY_ASSIGN(const FileFacts facts, facts_of(fd));
  manifest.bytes = facts.bytes;
  manifest.artefact = text::printable(name.filename().native());
  return {};
}

}  // namespace

Result<void> add_content(Manifest& manifest, Dialect dialect, const Asker& ask) {
  TRY_ASSIGN(Content content, read_content(dialect, ask));
  manifest.sequences = std::move(content.sequences);
  manifest.large_objects = content.large_objects;
  manifest.large_objects_digest = std::move(content.large_objects_digest);
  TRY_ASSIGN(manifest.schema, read_schema(dialect, ask));
  return {};
}

Result<Manifest> read_manifest_of(const LiveDatabase& live, const std::string& snapshot,
                                  const RunContext& context) {
  TRY_ASSIGN(const auto opened, open_snapshot(live, snapshot, context.clock));
  return opened->manifest(context);
}

Path named_at(std::string output, TimePoint now) {
  std::string time = text::format_time(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  for (std::size_t at = 0; (at = output.find("{time}", at)) != std::string::npos;)
    output.replace(at, 6, time);
  return output;
}

Result<Manifest> take_backup(const LiveDatabase& live, const Path& output,
                             const Path& manifest_file, const RunContext& context) {
  TRY_ASSIGN(PendingFile backup, PendingFile::create(output));
  TRY_ASSIGN(PendingFile beside, PendingFile::create(manifest_file));
  TRY_ASSIGN(const auto opened, open_snapshot(live, "", context.clock));
  TRY(opened->copy_to(backup.fd(), backup.path(), output.extension() == ".sql", context));
  TRY_ASSIGN(Manifest manifest, opened->manifest(context));
  TRY(add_artefact(manifest, backup.fd(), output));
  TRY(write_all(beside.fd(), as_bytes(to_json(manifest))));
  TRY(backup.sync());
  TRY(beside.sync());
  TRY(beside.publish());
  const Result<void> published = backup.publish();
  if (!published) {
    std::error_code error;
    std::filesystem::remove(manifest_file, error);
    return published.error();
  }
  return manifest;
}

Result<void> write_manifest(const Manifest& manifest, const Path& file) {
  TRY_ASSIGN(PendingFile pending, PendingFile::create(file));
  // Who verifies the backup of another tool may be another user.
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(pending.fd(), 0644 & ~mask) != 0)
    return errno_error(Cause::internal, "cannot write " + text::printable(file.native()));
  TRY(write_all(pending.fd(), as_bytes(to_json(manifest))));
  TRY(pending.sync());
  return pending.publish();
}

Result<std::vector<std::string>> read_schema_of(const LiveDatabase& live,
                                                const RunContext& context) {
  TRY_ASSIGN(const auto opened, open_snapshot(live, "", context.clock));
  return opened->schema(context);
}

}  // namespace backproof
