// SPDX-License-Identifier: Apache-2.0
// Whoever of a run is killed, nobody is left of it.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <optional>

#include "base/text.h"
#include "sandbox/stragglers.h"
#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

namespace {

constexpr int patience_ms = 20'000;

std::string status_field(pid_t pid, const std::string& key) {
  const auto status = read_file("/proc/" + std::to_string(pid) + "/status");
  if (!status) return "";
  for (const std::string_view line : text::split(*status, '\n'))
    if (line.starts_with(key + ":")) return std::string(text::trim(line.substr(key.size() + 1)));
  return "";
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (const auto pid = text::parse_count(entry.path().filename().string()))
      if (status_field(static_cast<pid_t>(*pid), "PPid") == std::to_string(parent))
        all.push_back(static_cast<pid_t>(*pid));
  return all;
}

// A worker in its jail with a server and an open connection to it, that goes on when told.
class Running {
 public:
  explicit Running(Start start, bool namespaces = true) : place_(start) {
    std::array<int, 2> to{}, from{};
    REQUIRE(pipe2(to.data(), O_CLOEXEC) == 0);
    REQUIRE(pipe2(from.data(), O_CLOEXEC) == 0);
    Fd to_read(to[0]), from_write(from[1]);
    to_ = Fd(to[1]);
    from_ = Fd(from[0]);
    KeeperSetup setup;
    setup.sandbox = place_.sandbox();
    setup.templates = shared_templates(start);
    worker_ = fork();
    REQUIRE(worker_ >= 0);
    if (worker_ == 0) {
      to_.reset();
      from_.reset();
      if (start == Start::unprivileged && geteuid() == 0) become_some_user();
      if (!namespaces) {
        forbid_namespaces();
        setup.require = Isolation::none;
      }
      const std::string end = with_server(setup, [&](const Client& client) -> std::string {
        const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
            PQconnectdb((client.server.conninfo + " dbname=postgres").c_str()), PQfinish);
        (void)write_all(from_write.get(), as_bytes("r"));
        char told = 0;
        (void)!read(to_read.get(), &told, 1);
        const auto trouble = client.keeper.trouble();
        return trouble ? trouble->str() : "no trouble";
      });
      (void)write_all(from_write.get(), as_bytes(end));
      _exit(0);
    }
    from_write.reset();
    const std::string first = next(4096);
    REQUIRE(first == "r");
    keeper_ = children_of(worker_).at(0);
    postmaster_ = children_of(keeper_).at(0);
    for (const pid_t pid : children_of(postmaster_)) {
      server_.push_back(handle_of(pid));
      const auto title = read_file("/proc/" + std::to_string(pid) + "/cmdline");
      if (title && title->find("backproof_superuser") != std::string::npos) backend_ = pid;
    }
    server_.push_back(handle_of(postmaster_));
    server_.push_back(handle_of(keeper_));
    REQUIRE(backend_ > 0);
  }
  ~Running() {
    to_.reset();
    if (worker_ > 0) {
      kill(worker_, SIGKILL);
      waitpid(worker_, nullptr, 0);
    }
  }

  pid_t worker() const { return worker_; }
  pid_t keeper() const { return keeper_; }
  pid_t postmaster() const { return postmaster_; }
  pid_t backend() const { return backend_; }
  const Path& sandbox() const { return place_.sandbox(); }
  void end_worker() {
    kill(worker_, SIGKILL);
    waitpid(worker_, nullptr, 0);
    worker_ = -1;
  }

  // What the worker says of it when it goes on.
  std::string trouble() {
    to_.reset();
    std::string text;
    for (std::string more; !(more = next(4096)).empty();) text += more;
    waitpid(worker_, nullptr, 0);
    worker_ = -1;
    return text;
  }

  void check_all_gone(bool keeper_too = true) {
    for (const Fd& handle : server_) {
      if (!keeper_too && &handle == &server_.back()) break;
      pollfd ended{handle.get(), POLLIN, 0};
      CHECK(poll(&ended, 1, patience_ms) == 1);
    }
    CHECK(kill_stragglers(sandbox()) == 0);
    CHECK(remove_tree(sandbox()).has_value());
  }

 private:
  static Fd handle_of(pid_t pid) { return Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U))); }
  std::string next(std::size_t most) {
    std::string bytes(most, '\0');
    const ssize_t n = read(from_.get(), bytes.data(), most);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

  Place place_;
  Fd to_, from_;
  pid_t worker_ = -1, keeper_ = -1, postmaster_ = -1, backend_ = -1;
  std::vector<Fd> server_;
};

}  // namespace

TEST_CASE("when a worker is killed its keeper and the server die with it") {
  if (!has_postgres()) return;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    Running run(start);
    run.end_worker();
    run.check_all_gone();
  }
}

TEST_CASE("when a keeper is killed the server dies with it, and the worker is told") {
  if (!has_postgres()) return;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    Running run(start);
    kill(run.keeper(), SIGKILL);
    CHECK(run.trouble() == "the keeper of the server is gone");
    run.check_all_gone();
  }
}

TEST_CASE("when the server is killed nothing of it stays, and the worker learns by what") {
  if (!has_postgres()) return;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    Running run(start);
    kill(run.postmaster(), SIGKILL);
    CHECK(run.trouble().starts_with("the throw-away server ended by SIGKILL; hint: "));
    run.check_all_gone();
  }
}

TEST_CASE("when one of the server's processes is killed all end, and the worker learns by what") {
  if (!has_postgres()) return;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    Running run(start);
    kill(run.backend(), SIGSEGV);
    CHECK(run.trouble() == "the throw-away server ended by SIGSEGV to one of its processes");
    run.check_all_gone();
  }
}

TEST_CASE("a server that runs is no trouble") {
  if (!has_postgres()) return;
  Running run(Start::as_is);
  CHECK(run.trouble() == "no trouble");
  run.check_all_gone();
}

// A user without a name needs a namespace to have one, so that these are the user's own tests.
TEST_CASE("without namespaces the keeper still ends what it started when its worker is killed") {
  if (!has_postgres()) return;
  Running run(Start::as_is, false);
  run.end_worker();
  run.check_all_gone();
}

TEST_CASE("without namespaces what a killed keeper leaves is found by its folder") {
  if (!has_postgres()) return;
  Running run(Start::as_is, false);
  kill(run.backend(), SIGSTOP);  // it cannot end by itself
  kill(run.keeper(), SIGKILL);
  run.end_worker();
  CHECK(kill_stragglers(run.sandbox()) > 0);
  run.check_all_gone();
}
