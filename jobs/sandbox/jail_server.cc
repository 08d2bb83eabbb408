// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.h"
#include "sandbox/keeper_protocol.h"

namespace backproof {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

void die_first_of_memory() {
  prctl(PR_SET_DUMPABLE, 1);  // else /proc/self is root's
  const Fd file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file) (void)write_all(file.get(), as_bytes("1000"));
}

void plain_signals() {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number <= SIGRTMAX; ++number) sigaction(number, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

Result<JailProof> close_in(const JailedProgram& program) {
  if (chdir(program.folder.c_str()) != 0)
    return errno_error(Cause::internal, "cannot enter " + text::printable(program.folder.string()));
  die_first_of_memory();
  TRY_ASSIGN(JailProof proof, enter_jail(program.rules, program.without));
  if (proof.isolation < program.require)
    return Error{Cause::isolation,
                 "the jail of the server is " + std::string(name_of(proof.isolation)) +
                     ", not held: " + text::join(proof.broken, ", "),
                 "a kernel with Landlock (5.13 or newer) is needed; or set require_isolation"};
  return proof;
}

// The child: tells its proof, and nothing more when it has become the program.
[[noreturn]] void become(const JailedProgram& program, int report, int err) {
  plain_signals();
  const Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  KeeperReply reply = PgServer{};
  auto proof = close_in(program);
  if (proof)
    reply->proof = *std::move(proof);
  else
    reply = proof.error();
  send_reply(report, reply);
  if (!reply) _exit(1);
  std::vector<std::string> words{program.program.string()};
  words.insert(words.end(), program.args.begin(), program.args.end());
  if (dup2(null.get(), 0) == 0 && dup2(err, 1) == 1 && dup2(err, 2) == 2)
    execve(program.program.c_str(), pointers(words).data(), pointers(program.env).data());
  send_reply(report, errno_error(Cause::missing_tool,
                                 "cannot start " + text::printable(program.program.string())));
  _exit(1);
}

Error gone(pid_t pid, const Error& why) {
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return why;
}

}  // namespace

Result<JailedServer> start_jailed(const JailedProgram& program) {
  std::array<int, 2> report{}, err{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report.data()) != 0)
    return errno_error(Cause::internal, "cannot make a pair of sockets");
  const Fd ours(report[0]);
  Fd theirs(report[1]);
  if (pipe2(err.data(), O_CLOEXEC) != 0) return errno_error(Cause::internal, "cannot make a pipe");
  JailedServer server;
  server.err = Fd(err[0]);
  Fd err_end(err[1]);
  if (fcntl(server.err.get(), F_SETFL, O_NONBLOCK) != 0)
    return errno_error(Cause::internal, "cannot make a pipe non-blocking");
  server.pid = fork();
  if (server.pid < 0) return errno_error(Cause::internal, "cannot fork");
  if (server.pid == 0) become(program, theirs.get(), err_end.get());
  theirs.reset();
  err_end.reset();
  KeeperReply first = receive_reply(ours.get());
  if (!first) return gone(server.pid, first.error());
  server.proof = first->proof;
  // The end of the conversation is what a successful exec sounds like.
  std::array<char, 1> more{};
  if (recv(ours.get(), more.data(), more.size(), MSG_PEEK) > 0)
    return gone(server.pid, receive_reply(ours.get()).error());
  return server;
}

}  // namespace backproof
