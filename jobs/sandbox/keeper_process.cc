// SPDX-License-Identifier: Apache-2.0
#include "sandbox/keeper_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "sandbox/connect_server.h"
#include "sandbox/keeper_protocol.h"
#include "sandbox/pg_cluster.h"
#include "sandbox/pg_template.h"
#include "sandbox/space_guard.h"
#include "sandbox/stragglers.h"

namespace backproof {
namespace {

constexpr Duration about_to_go = std::chrono::milliseconds(500);

// One thread; all that it waits for is in one poll().
class KeeperLoop {
 public:
  KeeperLoop(const KeeperSetup& setup, Fd control, bool is_init)
      : setup_(setup),
        control_(std::move(control)),
        is_init_(is_init),
        space_(setup.sandbox, setup.budget) {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, nullptr);
    child_ended_ = Fd(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  void run() {
    while (serve()) {
    }
    end_everything();
  }

 private:
  // False when the worker is gone, or says what no worker says.
  bool serve() {
    std::array<pollfd, 4> fds{{{control_.get(), POLLIN, 0},
                               {child_ended_.get(), POLLIN, 0},
                               {connects_ ? connects_->fd() : -1, POLLIN, 0},
                               {cluster_ ? cluster_->log() : -1, POLLIN, 0}}};
    const int ready = poll(fds.data(), fds.size(), cluster_ ? space_.wait_ms() : -1);
    if (ready < 0) return errno == EINTR;
    if (fds[3].revents != 0) cluster_->read_log();
    if (fds[1].revents != 0) reap();
    if (fds[2].revents != 0 && !answer_connect(fds[2].revents)) connects_.reset();
    if (cluster_) check_space();
    return fds[0].revents == 0 || take_request();
  }

  bool take_request() {
    auto received = receive_request(control_.get());
    if (!received) return false;
    switch (received->request.kind) {
      case KeeperRequest::Kind::serve:
        return send_reply(control_.get(), serve_connects(std::move(received->descriptor)));
      case KeeperRequest::Kind::start:
        return send_reply(control_.get(), start_server(received->request.number));
      case KeeperRequest::Kind::trouble:
        return send_reply(control_.get(), trouble());
    }
    return false;
  }

  KeeperReply serve_connects(Fd notifications) {
    if (connects_) return Error{Cause::internal, "connections are served already", ""};
    TRY_ASSIGN(connects_, ConnectServer::open(std::move(notifications)));
    return PgServer{};
  }

  bool answer_connect(short events) {
    if ((events & POLLIN) == 0) return false;
    return connects_->answer([this]() -> Connection {
      if (cluster_) return cluster_->connect();
      if (named_) return named_->connect();
      return {Fd(), EPERM};  // nowhere to go
    });
  }

  KeeperReply start_server(int least_major) {
    if (cluster_ || named_ || trouble_)
      return Error{Cause::internal, "the server was started before", ""};
    if (!setup_.server.empty()) return find_named();
    TRY_ASSIGN(const PgBinaries binaries, find_pg_binaries(setup_.pg_bin, least_major));
    PgClusterSetup cluster;
    cluster.sandbox = setup_.sandbox;
    cluster.data = setup_.sandbox / "cluster";
    cluster.budget = setup_.budget;
    cluster.memory = setup_.memory;
    cluster.keeper_is_init = is_init_;
    cluster.require = setup_.require;
    cluster.without = setup_.without;
    TRY(make_pg_cluster(binaries, setup_.templates, cluster.data));
    auto started = PgCluster::start(binaries, cluster);
    if (!started) {
      end_everything();
      return started.error();
    }
    cluster_ = std::make_unique<PgCluster>(*std::move(started));
    PgServer server;
    server.major = binaries.major;
    server.version = binaries.version;
    // The address is for show: connect() ends here, wherever it was meant for.
    server.conninfo = std::string("host='/backproof' port=5432 user='") + pg_superuser + "'";
    server.proof = cluster_->proof();
    return server;
  }

  KeeperReply find_named() {
    // What the dump's SQL does there is held by no jail.
    if (setup_.require > Isolation::partial)
      return Error{Cause::isolation, "the server that sandbox.server names has no jail of ours",
                   "set require_isolation = \"partial\" where the dump may be trusted, or leave "
                   "sandbox.server out"};
    TRY_ASSIGN(named_, NamedServer::look_up(setup_.server, setup_.password, setup_.sandbox));
    PgServer server;
    server.conninfo = named_->conninfo;
    server.throw_away = false;
    server.entry = named_->entry;
    server.database = setup_.database;
    server.proof.isolation = Isolation::partial;
    server.proof.broken = {"the server is not ours"};
    return server;
  }

  KeeperReply trouble() {
    const Stopwatch watch;
    while (cluster_ && watch.took() < about_to_go) {
      pollfd ended{child_ended_.get(), POLLIN, 0};
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(about_to_go - watch.took());
      poll(&ended, 1, static_cast<int>(left.count()));
      cluster_->read_log();
      reap();
      if (cluster_) check_space();
    }
    if (trouble_) return *trouble_;
    return PgServer{};
  }

  void reap() {
    signalfd_siginfo said{};
    while (read(child_ended_.get(), &said, sizeof said) > 0) {
    }
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
      if (cluster_ && pid == cluster_->pid()) server_died(status);
  }

  void server_died(int status) {
    cluster_->read_log();
    std::string how = "with exit code " + std::to_string(WEXITSTATUS(status));
    if (WIFSIGNALED(status)) how = "by " + signal_name(WTERMSIG(status));
    // One of its processes was killed, and then it ended all others and itself.
    if (const int number = cluster_->signal_in_log(); number != 0)
      how = "by " + signal_name(number) + " to one of its processes";
    const bool killed = how.find("SIGKILL") != std::string::npos;
    cluster_.reset();  // it was reaped: its pid may be another's by now
    fail({Cause::crashed, "the throw-away server ended " + how,
          killed ? "the kernel kills processes like this when memory runs out: see the kernel's log"
                 : ""});
  }

  void check_space() {
    if (auto error = space_.check()) fail(*std::move(error));
  }

  void fail(Error error) {
    trouble_ = std::move(error);
    end_everything();
  }

  // Nothing of a throw-away server is worth a farewell.
  void end_everything() {
    if (cluster_) kill(cluster_->pid(), SIGKILL);
    cluster_.reset();
    if (is_init_) {
      kill(-1, SIGKILL);  // the whole namespace but this process
      while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
      }
      return;
    }
    kill_stragglers(setup_.sandbox);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }

  const KeeperSetup& setup_;
  Fd control_, child_ended_;
  bool is_init_;
  SpaceGuard space_;
  std::optional<ConnectServer> connects_;
  std::unique_ptr<PgCluster> cluster_;
  std::optional<NamedServer> named_;
  std::optional<Error> trouble_;
};

}  // namespace

void keep(const KeeperSetup& setup, Fd control, bool is_init) {
  signal(SIGPIPE, SIG_IGN);
  KeeperLoop(setup, std::move(control), is_init).run();
  _exit(0);
}

}  // namespace backproof
