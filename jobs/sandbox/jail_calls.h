// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

// The system calls that a jail refuses, by name: one list for everyone, and how a server's jail
// differs from it.
namespace backproof {

// Refused whatever the arguments. By name, because libseccomp knows each architecture's numbers
// and passes over those that this one never had.
inline constexpr std::array refused_calls{
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

// Of these, what a server needs: to be started, to have processes, to listen, to have the small
// shared memory by which PostgreSQL knows its own kind.
inline constexpr std::array calls_of_servers{
    "execve", "fork",    "vfork", "socket", "bind",  "listen",
    "accept", "accept4", "tkill", "shmget", "shmat", "shmctl",
};

// What a server has no use for, and others have.
inline constexpr std::array refused_to_servers{
    // A program in memory belongs to no folder, and Landlock lets it be executed.
    "memfd_create",
    "fchdir",
};

// Answered to a server as if done, and not done. PostgreSQL ends when one of them fails. Without
// setsid() its processes stay in the group by which they are killed; without chdir() they stay,
// for all to see, below the sandbox.
inline constexpr std::array pretended_to_servers{
    "setsid", "chdir", "chmod", "fchmod", "fchmodat",
};

}  // namespace backproof
