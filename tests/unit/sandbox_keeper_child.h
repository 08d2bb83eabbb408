// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <memory>
#include <string>

#include "sandbox/keeper.h"
#include "sandbox/pg_binaries.h"
#include "sandbox_jail_child.h"

// Jailed children that have a keeper and, with its help, a server.
namespace backproof::test {

// False, said loudly, where there is nothing to test with.
inline bool has_postgres() {
#ifdef BACKPROOF_SANITIZED
  WARN("skipped, tests with a server are the release build's");
  return false;
#endif
  const auto found = find_pg_binaries({}, 0);
  if (!found) WARN("skipped, no PostgreSQL server is installed: " << found.error().text);
  return found.has_value();
}

inline void become_some_user() {
  if (setgroups(0, nullptr) != 0 || setresgid(some_user, some_user, some_user) != 0 ||
      setresuid(some_user, some_user, some_user) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
    _exit(1);
}

// As in a container that allows none: unshare() and clone() into a namespace are refused.
inline void forbid_namespaces() {
  constexpr unsigned any = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
  std::array<sock_filter, 7> forbid{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 3, 0, SYS_unshare},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_clone},
                                     {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)},
                                     {BPF_JMP | BPF_JSET | BPF_K, 0, 1, any},
                                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
                                     {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}}};
  const sock_fprog program{forbid.size(), forbid.data()};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(1);
}

// Kept between tests, as it is between runs.
inline Path shared_templates(Start start) {
  const uid_t user = geteuid() != 0 ? geteuid() : start == Start::unprivileged ? some_user : 65534;
  const Path folder = std::filesystem::temp_directory_path() /
                      ("backproof-tests-postgresql-" + std::to_string(user));
  if (mkdir(folder.c_str(), 0700) == 0 && geteuid() == 0)
    REQUIRE(chown(folder.c_str(), user, user) == 0);
  return folder;
}

// One statement on a connection: the first value, "ok", or the server's SQLSTATE and words.
inline std::string said(PGconn* connection, const std::string& sql) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection, sql.c_str()),
                                                              PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK)
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "no row";
  if (status == PGRES_COMMAND_OK) return "ok";
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return std::string(state == nullptr ? "lost" : state) + " " + PQerrorMessage(connection);
}

// What a jailed worker has that was given a server.
struct Client {
  Keeper& keeper;
  PgServer server;
  Path sandbox;

  std::string sql(const std::string& statement) const {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
        PQconnectdb((server.conninfo + " dbname=postgres").c_str()), PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK)
      return std::string("not connected: ") + PQerrorMessage(connection.get());
    return said(connection.get(), statement);
  }
};

// Enters the jail of a worker with a keeper; what `act` returns is what the child says.
inline std::string with_keeper(KeeperSetup setup,
                               const std::function<std::string(Keeper&, const JailProof&)>& act) {
  auto keeper = Keeper::start(setup);
  if (!keeper) return "no keeper: " + keeper.error().str();
  JailRules rules;
  rules.writable = setup.sandbox;
  rules.serve_connects = [&](Fd notifications) {
    return (*keeper)->serve_connects(std::move(notifications));
  };
  rules.internet = (*keeper)->is_named();
  const auto proof = enter_jail(rules);
  if (!proof) return "not in jail: " + proof.error().str();
  return act(**keeper, *proof);
}

inline std::string with_server(const KeeperSetup& setup,
                               const std::function<std::string(const Client&)>& act) {
  return with_keeper(setup, [&](Keeper& keeper, const JailProof&) -> std::string {
    const auto server = keeper.start_server(0);
    if (!server) return "no server: " + server.error().str();
    return act({keeper, *server, setup.sandbox});
  });
}

// The same in a child and a sandbox of its own.
inline Told served(Start start, const std::function<std::string(const Client&)>& act,
                   KeeperSetup setup = {}) {
  const Place place(start);
  setup.sandbox = place.sandbox();
  setup.templates = shared_templates(start);
  return in_child(start, [&] { return with_server(setup, act); });
}

}  // namespace backproof::test
