// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail_seccomp.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

#include "sandbox/jail_calls.h"

namespace backproof {
namespace {

// Numbers from here on are newer than this list, up to where x32 begins; the same on every
// architecture. Programs know how to live without them: they are answered as by an older kernel.
constexpr int first_unknown = 450;
constexpr int last_unknown = 511;

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// Collects the first failure, so that a list of rules reads as one.
class Rules {
 public:
  explicit Rules(void* filter) : filter_(filter) {}
  void refuse(int number, std::initializer_list<scmp_arg_cmp> when = {}) {
    add(SCMP_ACT_ERRNO(EPERM), number, when);
  }
  void unknown(int number) { add(SCMP_ACT_ERRNO(ENOSYS), number, {}); }
  void pretend(int number) { add(SCMP_ACT_ERRNO(0), number, {}); }
  void notify(int number) { add(SCMP_ACT_NOTIFY, number, {}); }
  int error() const { return error_; }

 private:
  void add(std::uint32_t action, int number, std::initializer_list<scmp_arg_cmp> when) {
    if (number == __NR_SCMP_ERROR || error_ != 0) return;
    error_ = seccomp_rule_add_array(filter_, action, number, static_cast<unsigned>(when.size()),
                                    when.begin());
  }
  void* filter_;
  int error_ = 0;
};

scmp_arg_cmp argument_is(unsigned index, scmp_datum_t value) {
  return {index, SCMP_CMP_MASKED_EQ, 0xffffffffU, value};  // the kernel looks at 32 bits only
}
scmp_arg_cmp argument_is_not(unsigned index, scmp_datum_t value) {
  return {index, SCMP_CMP_NE, value, 0};
}

template <typename Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Signals to itself only: abort() needs them.
void add_own_signals(Rules& rules) {
  const auto self = static_cast<scmp_datum_t>(getpid());
  for (const int number :
       {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)})
    rules.refuse(number, {argument_is_not(0, self)});
}

// Processes signal each other, one at a time: a group has members outside of the jail. Whom they
// can reach is for Landlock and the process namespace to say.
void add_signals_of_servers(Rules& rules) {
  constexpr scmp_datum_t sign = 0x80000000U;
  for (const int number : {SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)})
    rules.refuse(number);
  rules.refuse(SCMP_SYS(kill), {argument_is(0, 0)});
  rules.refuse(SCMP_SYS(kill), {{0, SCMP_CMP_MASKED_EQ, sign, sign}});
}

// Stream sockets of `families` and no others.
void add_sockets(Rules& rules, bool internet) {
  constexpr scmp_datum_t type_bits = 0xf, last_family = 63;
  const auto refuse_family = [&](scmp_datum_t family) {
    rules.refuse(SCMP_SYS(socket), {argument_is(0, family)});
  };
  for (scmp_datum_t family = 0; family <= last_family; ++family)
    if (family != AF_UNIX && !(internet && (family == AF_INET || family == AF_INET6)))
      refuse_family(family);
  rules.refuse(SCMP_SYS(socket), {{0, SCMP_CMP_GT, last_family, 0}});
  for (scmp_datum_t type = 0; type <= type_bits; ++type)
    if (type != SOCK_STREAM)
      rules.refuse(SCMP_SYS(socket), {{1, SCMP_CMP_MASKED_EQ, type_bits, type}});
}

// Calls that are refused only for some arguments.
void add_conditional(Rules& rules, const CallRules& calls) {
  if (calls.server) {
    // Processes, but none in namespaces of its own or beside its parent.
    for (const std::uint64_t flag :
         {std::uint64_t{CLONE_NEWNS}, std::uint64_t{CLONE_NEWCGROUP}, std::uint64_t{CLONE_NEWUTS},
          std::uint64_t{CLONE_NEWIPC}, std::uint64_t{CLONE_NEWUSER}, std::uint64_t{CLONE_NEWPID},
          std::uint64_t{CLONE_NEWNET}, std::uint64_t{CLONE_PARENT}})
      rules.refuse(SCMP_SYS(clone), {{0, SCMP_CMP_MASKED_EQ, flag, flag}});
    add_signals_of_servers(rules);
  } else {
    // Threads, but no processes.
    rules.refuse(SCMP_SYS(clone), {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0}});
    add_own_signals(rules);
    // What the supervisor relies on stays as it is.
    rules.refuse(SCMP_SYS(prctl), {argument_is(0, PR_SET_PDEATHSIG)});
  }
  // The flags of clone3 are in memory, where no filter can look: told that there is no such call,
  // the C library uses clone.
  rules.unknown(SCMP_SYS(clone3));
  if (calls.server || calls.connects) add_sockets(rules, calls.internet);
  if (calls.connects) rules.notify(SCMP_SYS(connect));
  rules.refuse(SCMP_SYS(prlimit64), {argument_is_not(0, 0)});  // 0 = the caller
  rules.refuse(SCMP_SYS(prctl), {argument_is(0, PR_SET_DUMPABLE)});
  // Putting words into the mouth of a terminal.
  rules.refuse(SCMP_SYS(ioctl), {argument_is(1, TIOCSTI)});
  rules.refuse(SCMP_SYS(ioctl), {argument_is(1, TIOCLINUX)});
  // Signals to a process of one's choice when a descriptor becomes ready.
  rules.refuse(SCMP_SYS(fcntl), {argument_is(1, F_SETOWN)});
  rules.refuse(SCMP_SYS(fcntl), {argument_is(1, F_SETOWN_EX)});
}

// Refused, or not, whatever the arguments.
void add_by_name(Rules& rules, const CallRules& calls) {
  const auto is_ours_to_judge = [&](std::string_view name) {
    if (calls.connects) return name == "socket" || name == "connect";
    if (!calls.server) return false;
    const bool truncates = name == "truncate" || name == "truncate64";
    return truncates || is_one_of(calls_of_servers, name) || is_one_of(pretended_to_servers, name);
  };
  for (const char* name : refused_calls)
    if (!is_ours_to_judge(name)) rules.refuse(seccomp_syscall_resolve_name(name));
  if (!calls.server) return;
  for (const char* name : refused_to_servers) rules.refuse(seccomp_syscall_resolve_name(name));
  for (const char* name : pretended_to_servers) rules.pretend(seccomp_syscall_resolve_name(name));
  // A table that is dropped is shortened before it is removed: it is enough that it is removed.
  if (calls.truncates) return;
  for (const int number : {SCMP_SYS(truncate), SCMP_SYS(truncate64)}) rules.pretend(number);
}

Error failed(int negative_errno) {
  return {Cause::isolation, "cannot filter system calls: " + errno_text(-negative_errno), ""};
}

}  // namespace

Result<ClosedCalls> close_seccomp(const CallRules& calls) {
  if (prctl(PR_GET_SECCOMP) < 0) return ClosedCalls{};  // EINVAL: a kernel without it
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return Error{Cause::isolation, "cannot make a filter of system calls", ""};
  // TSYNC: a sanitizer's runtime has a thread of its own. A binary tree instead of a chain.
  for (const auto& [attribute, value] :
       {std::pair{SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS},
        std::pair{SCMP_FLTATR_CTL_TSYNC, 1U}, std::pair{SCMP_FLTATR_CTL_OPTIMIZE, 2U}})
    if (const int error = seccomp_attr_set(filter.get(), attribute, value); error != 0)
      return failed(error);
  Rules rules(filter.get());
  add_by_name(rules, calls);
  add_conditional(rules, calls);
  for (int number = first_unknown; number <= last_unknown; ++number) rules.unknown(number);
  if (rules.error() != 0) return failed(rules.error());
  if (const int error = seccomp_load(filter.get()); error != 0) return failed(error);
  ClosedCalls closed;
  closed.closed = true;
  if (!calls.connects) return closed;
  const Fd notifications(seccomp_notify_fd(filter.get()));
  closed.notifications = Fd(fcntl(notifications.get(), F_DUPFD_CLOEXEC, 0));
  if (!closed.notifications)
    return errno_error(Cause::isolation, "cannot be told of connections that are asked for");
  return closed;
}

}  // namespace backproof
