// SPDX-License-Identifier: Apache-2.0
// The worker's side.
#include "sandbox/keeper.h"

#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pwd.h>
#include <array>
#include <cerrno>
#include <climits>

#include "base/text.h"
#include "sandbox/jail_rights.h"
#include "sandbox/keeper_process.h"
#include "sandbox/keeper_protocol.h"

namespace backproof {
namespace {

constexpr int control_fd = 3;

// A root in a user namespace that knows nobody else has no one to become there.
bool knows_unprivileged_user() {
  const auto map = read_file("/proc/self/uid_map");
  if (!map) return true;
  for (const std::string_view line : text::split(*map, '\n')) {
    std::vector<std::uint64_t> numbers;
    for (const std::string_view word : text::split(line, ' '))
      if (const auto number = text::parse_count(word)) numbers.push_back(*number);
    if (numbers.size() == 3 && numbers[0] <= unprivileged_user &&
        unprivileged_user < numbers[0] + numbers[2])
      return true;
  }
  return false;
}

// Who the keeper is. PostgreSQL refuses to be run by root, or by a user that has no name.
struct Identity {
  bool new_users = false;  // it gets a user namespace, in which it is...
  UserMap map;
};
Identity identity_here() {
  Identity identity;
  const uid_t user = geteuid();
  const gid_t group = getegid();
  identity.new_users = user != 0 || !knows_unprivileged_user();
  const bool fit = user != 0 && getpwuid(user) != nullptr;
  identity.map = fit ? UserMap{user, group, user, group}
                     : UserMap{unprivileged_user, unprivileged_user, user, group};
  return identity;
}

// The templates are trusted: only the one user may be able to write there. Asked here, because in
// a user namespace a foreign owner can look like the own user.
bool is_private(const Path& folder) {
  struct stat facts {};
  const uid_t user = geteuid() == 0 && knows_unprivileged_user() ? unprivileged_user : geteuid();
  return lstat(folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == user &&
         (facts.st_mode & 07777U) == 0700;
}

// The child: gives up what its worker has, then serves it.
[[noreturn]] void become_keeper(KeeperSetup setup, int control, const Identity& identity,
                                bool is_init) {
  if (control != control_fd && dup2(control, control_fd) < 0) _exit(1);
  syscall(SYS_close_range, control_fd + 1, UINT_MAX, 0U);
  Fd ours(control_fd);
  umask(077);
  if (chdir("/") != 0) _exit(1);
  if (is_init && identity.new_users) map_user(identity.map);
  if (const auto given_up = give_up_root(setup.sandbox); !given_up) {
    send_reply(control_fd, given_up.error());
    _exit(1);
  }
  drop_capabilities();
  // In a namespace all ends with this process. Without one it has to see to that itself, when the
  // worker's end of `control` closes, and may be the last of its group.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
      prctl(is_init ? PR_SET_PDEATHSIG : PR_SET_CHILD_SUBREAPER, is_init ? SIGKILL : 1) != 0)
    _exit(1);
  keep(setup, std::move(ours), is_init);
}

class KeeperOfWorker : public Keeper {
 public:
  KeeperOfWorker(pid_t pid, Fd control, bool is_named)
      : pid_(pid), control_(std::move(control)), is_named_(is_named) {}
  ~KeeperOfWorker() override {
    control_.reset();
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Result<void> serve_connects(Fd notifications) override {
    TRY(ask({KeeperRequest::Kind::serve, 0}, notifications.get()));
    return {};
  }

  Result<PgServer> start_server(int least_major) override {
    TRY_ASSIGN(server_, ask({KeeperRequest::Kind::start, least_major}, -1));
    return *server_;
  }
  const std::optional<PgServer>& server() const override { return server_; }
  bool is_named() const override { return is_named_; }

  std::optional<Error> trouble() override {
    const auto reply = ask({KeeperRequest::Kind::trouble, 0}, -1);
    return reply ? std::nullopt : std::optional(reply.error());
  }

 private:
  KeeperReply ask(const KeeperRequest& request, int descriptor) {
    // When it is gone, what it said last may say why.
    send_request(control_.get(), request, descriptor);
    return receive_reply(control_.get());
  }

  pid_t pid_;
  Fd control_;
  bool is_named_;
  std::optional<PgServer> server_;
};

// fork() into namespaces of its own: the C library has no call for that. Safe because this process
// has one thread.
pid_t fork_into(std::uint64_t namespaces) {
#ifdef BACKPROOF_SANITIZED  // their runtime must see every fork
  if (namespaces == 0) return fork();
  errno = EPERM;
  return -1;
#endif
  return static_cast<pid_t>(
      syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, 0UL));
}

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::start(const KeeperSetup& setup) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errno_error(Cause::internal, "cannot make a pair of sockets");
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  const Identity identity = identity_here();
  KeeperSetup checked = setup;
  if (!is_private(checked.templates)) checked.templates.clear();

  const std::uint64_t wanted =
      CLONE_NEWPID | CLONE_NEWIPC | (identity.new_users ? std::uint64_t{CLONE_NEWUSER} : 0);
  bool is_init = true;
  pid_t pid = fork_into(wanted);
  if (pid < 0) {
    is_init = false;
    pid = fork();
  }
  if (pid < 0) return errno_error(Cause::internal, "cannot fork the keeper");
  if (pid == 0) {
    ours.reset();
    become_keeper(checked, theirs.get(), identity, is_init);
  }
  return std::make_unique<KeeperOfWorker>(pid, std::move(ours), !setup.server.empty());
}

}  // namespace backproof
