// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail_seccomp.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

namespace backproof {
namespace {

// Refused whatever the arguments. By name, because libseccomp knows each architecture's numbers
// and passes over those that this one never had.
constexpr std::array refused{
    // another program, another process
    "execve",
    "execveat",
    "fork",
    "vfork",
    "setsid",
    "setpgid",
    // any talk to the outside
    "socket",
    "socketpair",
    "socketcall",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    // other processes: look into, steer, signal
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "kcmp",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "tkill",
    "setpriority",
    "ioprio_set",
    "sched_setaffinity",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
    "migrate_pages",
    "move_pages",
    // what other processes share with us by name or key
    "shmget",
    "shmat",
    "shmctl",
    "semget",
    "semop",
    "semtimedop",
    "semctl",
    "msgget",
    "msgsnd",
    "msgrcv",
    "msgctl",
    "ipc",
    "mq_open",
    "mq_unlink",
    "add_key",
    "request_key",
    "keyctl",
    // the shape of the system
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "unshare",
    "setns",
    "swapon",
    "swapoff",
    "reboot",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "acct",
    "quotactl",
    "quotactl_fd",
    "syslog",
    "sethostname",
    "setdomainname",
    "settimeofday",
    "stime",
    "clock_settime",
    "clock_settime64",
    "clock_adjtime",
    "clock_adjtime64",
    "adjtimex",
    "iopl",
    "ioperm",
    "modify_ldt",
    "vhangup",
    "personality",
    "uselib",
    // the parts of the kernel where its own errors are
    "bpf",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "perf_event_open",
    "userfaultfd",
    "fanotify_init",
    "fanotify_mark",
    "inotify_add_watch",
    "lookup_dcookie",
    "name_to_handle_at",
    "open_by_handle_at",
    "memfd_secret",
    "vmsplice",
    // what Landlock does not refuse for files outside: their modes, owners, times, attributes, and
    // before its ABI 3 their length. Also through a descriptor: that of the backup is open.
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "fchown",
    "fchownat",
    "lchown",
    "chown32",
    "fchown32",
    "lchown32",
    "utime",
    "utimes",
    "futimesat",
    "utimensat",
    "utimensat_time64",
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
    "truncate",
    "truncate64",
};

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

// Calls that are refused only for some arguments.
void add_conditional(Rules& rules) {
  const auto self = static_cast<scmp_datum_t>(getpid());
  // Threads, but no processes. The flags of clone3 are in memory, where no filter can look: told
  // that there is no such call, the C library uses clone.
  rules.refuse(SCMP_SYS(clone), {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0}});
  rules.unknown(SCMP_SYS(clone3));
  // Signals to itself only: abort() needs them.
  for (const int number :
       {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)})
    rules.refuse(number, {argument_is_not(0, self)});
  rules.refuse(SCMP_SYS(prlimit64), {argument_is_not(0, 0)});  // 0 = the caller
  // What the supervisor relies on stays as it is.
  rules.refuse(SCMP_SYS(prctl), {argument_is(0, PR_SET_PDEATHSIG)});
  rules.refuse(SCMP_SYS(prctl), {argument_is(0, PR_SET_DUMPABLE)});
  // Putting words into the mouth of a terminal.
  rules.refuse(SCMP_SYS(ioctl), {argument_is(1, TIOCSTI)});
  rules.refuse(SCMP_SYS(ioctl), {argument_is(1, TIOCLINUX)});
  // Signals to a process of one's choice when a descriptor becomes ready.
  rules.refuse(SCMP_SYS(fcntl), {argument_is(1, F_SETOWN)});
  rules.refuse(SCMP_SYS(fcntl), {argument_is(1, F_SETOWN_EX)});
}

Error failed(int negative_errno) {
  return {Cause::isolation, "cannot filter system calls: " + errno_text(-negative_errno), ""};
}

}  // namespace

Result<bool> close_seccomp() {
  if (prctl(PR_GET_SECCOMP) < 0) return false;  // EINVAL: a kernel without it
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return Error{Cause::isolation, "cannot make a filter of system calls", ""};
  // TSYNC: a sanitizer's runtime has a thread of its own. A binary tree instead of a chain.
  for (const auto& [attribute, value] :
       {std::pair{SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS},
        std::pair{SCMP_FLTATR_CTL_TSYNC, 1U}, std::pair{SCMP_FLTATR_CTL_OPTIMIZE, 2U}})
    if (const int error = seccomp_attr_set(filter.get(), attribute, value); error != 0)
      return failed(error);
  Rules rules(filter.get());
  for (const char* name : refused) rules.refuse(seccomp_syscall_resolve_name(name));
  add_conditional(rules);
  for (int number = first_unknown; number <= last_unknown; ++number) rules.unknown(number);
  if (rules.error() != 0) return failed(rules.error());
  if (const int error = seccomp_load(filter.get()); error != 0) return failed(error);
  return true;
}

}  // namespace backproof
