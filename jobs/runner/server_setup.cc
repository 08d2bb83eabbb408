// SPDX-License-Identifier: Apache-2.0
#include "runner/server_setup.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "db/pg_own_database.h"
#include "sandbox/named_server.h"

namespace backproof {
namespace {

constexpr std::size_t random_bytes = 8;
constexpr std::size_t longest_run_id = 36;  // the server cuts names after 63 bytes

Result<std::string> password_of(const SandboxSpec& sandbox) {
  if (sandbox.password_file.empty()) return std::string();
  auto password = read_password(sandbox.password_file);
  if (!password) return Error{Cause::fetch, "sandbox.password_file: " + password.error().text, ""};
  return password;
}

Result<pg::Connection> connection_to(const SandboxSpec& sandbox) {
  TRY_ASSIGN(const std::string password, password_of(sandbox));
  TRY_ASSIGN(const NamedServer server, NamedServer::look_up(sandbox.server, password, {}));
  // Nothing on the server, not even what the dump's SQL did there, may hold us up for long.
  return pg::Connection::open(server.conninfo + "tcp_user_timeout=60000", server.entry,
                              {"statement_timeout=60s", "search_path=pg_catalog"});
}

}  // namespace

Result<KeeperSetup> keeper_setup(const Job& job, std::uintmax_t budget) {
  const SandboxSpec& given = job.target.sandbox;
  KeeperSetup setup;
  setup.sandbox = job.sandbox;
  setup.templates = job.templates;
  setup.pg_bin = given.postgresql;
  setup.budget = budget;
  if (job.target.limits.memory > 0) setup.memory = job.target.limits.memory;
  setup.require = job.target.limits.require_isolation;
  if (given.server.empty()) return setup;
  setup.server = given.server;
  setup.database = job.database;
  TRY_ASSIGN(setup.password, password_of(given));
  TRY(copy_tls_files(given.server, job.sandbox));
  return setup;
}

Result<void> server_has_answered(Keeper* keeper, const std::vector<CheckResult>& checks) {
  const bool unanswered = std::ranges::any_of(checks, [](const CheckResult& check) {
    return check.cause == Cause::internal || check.cause == Cause::crashed;
  });
  if (keeper == nullptr || !unanswered) return {};
  if (const auto trouble = keeper->trouble()) return *trouble;
  return {};
}

std::string database_for(const std::string& run_id) {
  std::string name = pg::own_prefix;
  for (const char c : text::lower(run_id.substr(0, longest_run_id))) name += c == '-' ? '_' : c;
  return name + "_" + random_hex(random_bytes);
}

std::vector<std::string> clear_named_server(const Job& job) {
  if (job.target.sandbox.server.empty()) return {};
  auto connection = connection_to(job.target.sandbox);
  if (!connection)
    return {"whether database " + job.database +
            " was left on the server could not be asked: " + connection.error().text};
  std::vector<std::string> stays;
  if (const auto dropped = pg::drop_own(*connection, job.database); !dropped)
    stays.push_back("database " + job.database +
                    " was left on the server: " + dropped.error().text);
  const auto others = pg::unused_own(*connection);
  if (!others) return stays;
  for (const std::string& name : *others)
    if (name != job.database)
      stays.push_back("database " + text::printable(name) +
                      " of another run is on the server and nobody uses it: drop it, unless that "
                      "run goes on");
  return stays;
}

}  // namespace backproof
