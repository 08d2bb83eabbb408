// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "backup/snapshot.h"
#include "base/process.h"
#include "base/text.h"
#include "db/pg_snapshot.h"
#include "sandbox/named_server.h"
#include "sandbox/pg_binaries.h"

namespace backproof {
namespace {

// The environment, with the password where only this user can see it: a command line is public.
std::map<std::string, std::string> environment(const std::string& password) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    // What else could say whom to connect to is not asked.
    if (const std::size_t at = pair.find('=');
        at != std::string_view::npos && !pair.starts_with("PG"))
      all.emplace(pair.substr(0, at), pair.substr(at + 1));
  }
  if (!password.empty()) all["PGPASSWORD"] = password;
  return all;
}

// Copies what a child writes to its stdout until it closes it; what it says is kept in part.
Result<void> pour(const Child& child, int into, std::string& said, const RunContext& context) {
  std::array<pollfd, 2> fds{{{child.out(), POLLIN, 0}, {child.err(), POLLIN, 0}}};
  std::vector<unsigned char> buffer(1U << 18U);
  std::uintmax_t total = 0;
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
      return errno_error(Cause::internal, "cannot wait for pg_dump");
    for (pollfd& one : fds) {
      if (one.fd < 0 || one.revents == 0) continue;
      const ssize_t n = read(one.fd, buffer.data(), buffer.size());
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n <= 0) {
        one.fd = -1;  // poll() passes over it
        continue;
      }
      const ByteView bytes{buffer.data(), static_cast<std::size_t>(n)};
      if (&one == &fds[1]) {
        constexpr std::size_t most_said = 4096;
        said += as_text(bytes).substr(0, most_said - std::min(most_said, said.size()));
        continue;
      }
      TRY(write_all(into, bytes));
      context.progress(total += bytes.size(), 0);
    }
  }
  return {};
}

class PostgresSnapshot : public LiveSnapshot {
 public:
  PostgresSnapshot(PgSnapshot snapshot, std::string conninfo, std::string password)
      : snapshot_(std::move(snapshot)),
        conninfo_(std::move(conninfo)),
        password_(std::move(password)) {}

  Result<Manifest> manifest(const RunContext& context) override {
    Manifest manifest;
    manifest.engine = "postgresql";
    manifest.system_identifier = snapshot_.system_identifier();
    manifest.database = text::printable(snapshot_.database());
    manifest.server_version = snapshot_.server_version();
    manifest.taken = snapshot_.taken();
    TRY_ASSIGN(manifest.tables,
               snapshot_.facts({true, snapshot_.taken() + std::chrono::days(1)}, context.progress));
    TRY(add_content(manifest, Dialect::postgresql, asker()));
    return manifest;
  }

  Result<std::vector<std::string>> schema(const RunContext&) override {
    return read_schema(Dialect::postgresql, asker());
  }

  Result<void> copy_to(int fd, const Path&, bool as_sql, const RunContext& context) override {
    const auto major = text::parse_count(
        snapshot_.server_version().substr(0, snapshot_.server_version().find('.')));
    TRY_ASSIGN(const Path pg_dump, find_pg_dump(static_cast<int>(major.value_or(0))));
    const Command command{
        {pg_dump.native(), "--format=" + std::string(as_sql ? "plain" : "custom"),
         "--snapshot=" + snapshot_.id(), "--no-password", "--dbname=" + conninfo_},
        environment(password_),
        ""};
    TRY_ASSIGN(Child child, Child::start(command));
    std::string said;
    TRY(pour(child, fd, said, context));
    const Ended ended = child.wait();
    if (ended.ok()) return {};
    // What it says names objects, and of statements that fail their text; never rows.
    return Error{Cause::internal,
                 "pg_dump ended with " + ended.str() + ": " + text::printable(text::trim(said)),
                 ""};
  }

 private:
  Asker asker() {
    return [this](const Question& question) { return snapshot_.ask(question); };
  }

  PgSnapshot snapshot_;
  std::string conninfo_, password_;
};

}  // namespace

Result<std::unique_ptr<LiveSnapshot>> open_pg_snapshot(const std::string& url,
                                                       const std::string& password,
                                                       const std::string& snapshot) {
  TRY_ASSIGN(const NamedServer server, NamedServer::look_up(url, password, {}));
  TRY_ASSIGN(const NamedServer without_password, NamedServer::look_up(url, "", {}));
  TRY_ASSIGN(PgSnapshot opened, PgSnapshot::open({server.conninfo, server.entry, snapshot}));
  const std::string conninfo = without_password.conninfo + "dbname=" + conninfo_value(server.entry);
  return std::unique_ptr<LiveSnapshot>(
      std::make_unique<PostgresSnapshot>(std::move(opened), conninfo, password));
}

}  // namespace backproof
