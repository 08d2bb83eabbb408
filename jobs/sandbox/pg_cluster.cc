// SPDX-License-Identifier: Apache-2.0
#include "sandbox/pg_cluster.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/process.h"
#include "base/text.h"
#include "sandbox/pg_template.h"

namespace backproof {
namespace {

constexpr Duration patience = std::chrono::seconds(60);
constexpr std::size_t longest_log = 16U << 10U;
constexpr std::string_view socket_name = ".s.PGSQL.5432";
constexpr std::uintmax_t mib = 1U << 20U;

struct Setting {
  const char* name;
  const char* value;
};
constexpr std::array settings{
    // Nobody but the keeper finds it, and it finds nobody.
    Setting{"listen_addresses", ""},
    Setting{"unix_socket_directories", "."},
    Setting{"port", "5432"},
    Setting{"max_wal_senders", "0"},
    Setting{"max_replication_slots", "0"},
    Setting{"max_logical_replication_workers", "0"},
    Setting{"archive_mode", "off"},
    Setting{"shared_preload_libraries", ""},
    Setting{"session_preload_libraries", ""},
    Setting{"local_preload_libraries", ""},
    Setting{"external_pid_file", ""},
    Setting{"ssl", "off"},
    // What it writes is never read again.
    Setting{"fsync", "off"},
    Setting{"synchronous_commit", "off"},
    Setting{"full_page_writes", "off"},
    Setting{"wal_level", "minimal"},
    Setting{"wal_skip_threshold", "0"},
    Setting{"checkpoint_timeout", "1d"},
    Setting{"autovacuum", "off"},
    Setting{"track_activities", "on"},
    Setting{"track_counts", "off"},
    Setting{"restart_after_crash", "off"},
    // What the jail has no room for.
    Setting{"dynamic_shared_memory_type", "mmap"},
    Setting{"shared_memory_type", "mmap"},
    Setting{"huge_pages", "off"},
    Setting{"jit", "off"},
    Setting{"allow_in_place_tablespaces", "on"},
    // Its log is read for reasons, and must not hold values.
    Setting{"logging_collector", "off"},
    Setting{"log_destination", "stderr"},
    Setting{"log_min_messages", "log"},
    Setting{"log_min_error_statement", "panic"},
    Setting{"log_statement", "none"},
    Setting{"log_checkpoints", "off"},
    Setting{"lc_messages", "C"},
    Setting{"timezone", "UTC"},
    Setting{"log_timezone", "UTC"},
    Setting{"max_connections", "40"},
    // Partitions by the thousand are locked at once where a key or an index is made on them all.
    Setting{"max_locks_per_transaction", "2048"},
};

std::string megabytes(std::uintmax_t bytes) {
  return std::to_string(bytes / mib) + "MB";
}

std::vector<std::string> arguments(const PgBinaries& binaries, const PgClusterSetup& setup) {
  std::vector<std::string> args{"-D", setup.data.string()};
  const auto set = [&](std::string_view name, std::string_view value) {
    args.emplace_back("-c");
    args.push_back(std::string(name) + "=" + std::string(value));
  };
  constexpr int in_place_since = 15;
  for (const Setting& setting : settings)
    if (binaries.major >= in_place_since ||
        setting.name != std::string_view("allow_in_place_tablespaces"))
      set(setting.name, setting.value);
  const auto memory = static_cast<std::uintmax_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L)) *
                      static_cast<std::uintmax_t>(std::max(sysconf(_SC_PAGESIZE), 0L));
  set("shared_buffers", megabytes(std::clamp(memory / 16, 32 * mib, 512 * mib)));
  set("maintenance_work_mem", megabytes(std::clamp(memory / 32, 32 * mib, 256 * mib)));
  set("work_mem", megabytes(std::clamp(memory / 128, 8 * mib, 64 * mib)));
  const std::uintmax_t wal = setup.budget == 0 ? 4096 * mib : setup.budget / 8;
  set("max_wal_size", megabytes(std::clamp(wal, 64 * mib, 4096 * mib)));
  return args;
}

// Beside what every program may read: the server's own files and what extensions bring along.
std::vector<Path> readable(const PgBinaries& binaries) {
  std::vector<Path> all{binaries.folder.parent_path()};
  std::error_code error;
  for (const char* path : {"/usr/share", "/usr/local/share/postgresql"})
    if (std::filesystem::exists(path, error)) all.emplace_back(path);
  return all;
}

Result<JailedProgram> program_of(const PgBinaries& binaries, const PgClusterSetup& setup) {
  JailedProgram program;
  program.program = binaries.postgres();
  program.args = arguments(binaries, setup);
  program.env = {"PATH=/nowhere", "LC_ALL=C", "TZ=UTC", "OPENSSL_CONF=/dev/null"};
  program.folder = setup.data;
  program.rules.writable = setup.sandbox;
  program.rules.readable = readable(binaries);
  // Not the budget itself: whoever watches that shall be the one who says that it was reached.
  program.rules.max_file = 2 * setup.budget;
  program.rules.max_memory = setup.memory;
  program.rules.executable = {program.program};
  TRY_ASSIGN(const Path loader, loader_of(program.program));
  if (!loader.empty()) program.rules.executable.push_back(loader);
  program.rules.keeper_is_init = setup.keeper_is_init;
  program.require = setup.require;
  program.without = setup.without;
  return program;
}

// Lines of postmaster.pid (PostgreSQL's miscinit.h), by their number from 1.
std::string_view line_of(std::string_view text, std::size_t number) {
  const auto lines = text::split(text, '\n');
  return number <= lines.size() ? text::trim(lines[number - 1]) : std::string_view();
}

// Nobody attaches to it any more: marked now, it goes when the last process of the server does,
// however that ends.
void forget_shared_memory(std::string_view pid_file) {
  constexpr std::size_t key_and_id = 7;
  const std::string_view line = line_of(pid_file, key_and_id);
  const auto id = text::parse_count(text::trim(line.substr(std::min(line.find(' '), line.size()))));
  if (id) shmctl(static_cast<int>(*id), IPC_RMID, nullptr);
}

// Else it would be the limit on its files that ends it, for a reason that it cannot tell.
Result<void> has_room(const PgClusterSetup& setup) {
  const std::uintmax_t used = bytes_below(setup.sandbox);
  if (setup.budget == 0 || used <= setup.budget) return {};
  return Error{Cause::space,
               "an empty server needs " + text::format_count(used) + " bytes and " +
                   text::format_count(setup.budget) + " are available, the sandbox's budget",
               "raise the target's scratch limit"};
}

}  // namespace

Result<PgCluster> PgCluster::start(const PgBinaries& binaries, const PgClusterSetup& setup) {
  TRY(has_room(setup));
  const Fd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes || inotify_add_watch(changes.get(), setup.data.c_str(), IN_MODIFY) < 0)
    return errno_error(Cause::internal, "cannot watch the server's folder");
  TRY_ASSIGN(const JailedProgram program, program_of(binaries, setup));
  TRY_ASSIGN(JailedServer server, start_jailed(program));
  PgCluster cluster(std::move(server));
  TRY(cluster.wait_until_ready(setup.data, changes.get()));
  cluster.socket_ = Fd(open((setup.data / socket_name).c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!cluster.socket_) return errno_error(Cause::internal, "the server has no socket");
  return cluster;
}

Result<void> PgCluster::wait_until_ready(const Path& data, int changes) {
  constexpr std::size_t status = 8;
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, server_.pid, 0U)));
  if (!process) return errno_error(Cause::internal, "cannot open a pidfd");
  const Stopwatch watch;
  while (true) {
    const auto pid_file = read_file(data / "postmaster.pid", 4096);
    if (pid_file && line_of(*pid_file, status) == "ready") {
      forget_shared_memory(*pid_file);
      return {};
    }
    const Duration left = patience - watch.took();
    if (left <= Duration::zero()) return not_started();
    std::array<pollfd, 3> fds{
        {{process.get(), POLLIN, 0}, {log(), POLLIN, 0}, {changes, POLLIN, 0}}};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    if (poll(fds.data(), fds.size(), static_cast<int>(ms)) < 0 && errno != EINTR)
      return errno_error(Cause::internal, "cannot wait for the server");
    read_log();
    if (fds[0].revents != 0) return not_started();
    std::array<char, 4096> events;
    while (read(changes, events.data(), events.size()) > 0) {
    }
  }
}

// Before the first hostile byte: its log says the truth.
Error PgCluster::not_started() {
  read_log();
  siginfo_t ended{};
  waitid(P_PID, static_cast<id_t>(server_.pid), &ended, WEXITED | WNOHANG | WNOWAIT);
  const bool killed = ended.si_pid == server_.pid && ended.si_code != CLD_EXITED;
  if (const int number = killed ? ended.si_status : signal_in_log(); number != 0)
    return {Cause::crashed,
            "the throw-away server ended by " + signal_name(number) + " while it started",
            number == SIGKILL ? "the kernel kills processes like this when memory runs out: see "
                                "the kernel's log"
                              : ""};
  std::string reason;
  for (const std::string_view line : text::split(log_, '\n'))
    if (line.find("FATAL:") != std::string_view::npos || reason.empty()) reason = text::trim(line);
  if (reason.empty()) reason = "it was not ready after " + text::format_duration(patience);
  const bool full = reason.find("No space left") != std::string::npos;
  return {full ? Cause::space : Cause::internal,
          "the throw-away server did not start: " + text::printable(reason), ""};
}

void PgCluster::read_log() {
  std::array<char, 4096> buffer;
  constexpr int most_at_once = 16;  // a server that writes without end must not hold its keeper
  for (int i = 0; i < most_at_once; ++i) {
    const ssize_t n = read(log(), buffer.data(), buffer.size());
    if (n <= 0) return;
    log_.append(buffer.data(), static_cast<std::size_t>(n));
    if (log_.size() > longest_log) log_.erase(0, log_.size() - longest_log / 2);
  }
}

Connection PgCluster::connect() const {
  // On a busy machine the server may have more connections to accept than it has places for: one
  // that does not block would be refused then (EAGAIN). So this one waits, for a while.
  constexpr timeval patience{20, 0};
  Fd made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made || setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
    return {Fd(), errno};
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  // By its descriptor: a path can be too long for an address, and can be made to lead elsewhere.
  const std::string path = "/proc/self/fd/" + std::to_string(socket_.get());
  std::copy(path.begin(), path.end(), static_cast<char*>(to.sun_path));
  if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return {Fd(), errno};
  constexpr timeval for_ever{};
  if (setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &for_ever, sizeof for_ever) != 0 ||
      fcntl(made.get(), F_SETFL, O_NONBLOCK) != 0)
    return {Fd(), errno};
  return {std::move(made), 0};
}

int PgCluster::signal_in_log() const {
  constexpr std::string_view words = "was terminated by signal ";
  const std::size_t at = log_.rfind(words);
  if (at == std::string::npos) return 0;
  int number = 0;
  std::from_chars(log_.data() + at + words.size(), log_.data() + log_.size(), number);
  return number > 0 && number < NSIG ? number : 0;
}

}  // namespace backproof
