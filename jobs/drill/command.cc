// SPDX-License-Identifier: Apache-2.0
#include "drill/command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "sandbox/named_server.h"

namespace backproof::drill {
namespace {

// Where clients of PostgreSQL look when nobody tells them (Debian's and upstream's default).
constexpr std::array default_sockets{"/run/postgresql", "/var/run/postgresql"};

// In namespaces of its own, made by util-linux: no network, and mounts that hide and protect. The
// first word of each triple says what is done to the second. Then another user namespace, in which
// the command is who it was, and cannot take the mounts away.
constexpr const char* guarded_script = R"sh(set -e
user=$1 group=$2 script=$3 ours=$4
shift 4
while [ $# -gt 0 ]; do
  case $1 in
    hide) mount -t tmpfs -o size=4k,mode=0755 none "$2" ;;
    protect) mount --bind "$2" "$2" ;;
    keep) mount --bind "$2" "$2" ;;
    seal) mount -o remount,bind,ro "$2" ;;
  esac
  shift 2
done
if [ "$ours" = root ]; then
  exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- /bin/sh -c "$script"
fi
exec unshare --user --map-user="$user" --map-group="$group" -- /bin/sh -c "$script"
)sh";

// Says that the mounts were made: before this nothing of the team's has run.
constexpr const char* ready_mark = "BACKPROOF_GUARD_READY";

bool is_within(const Path& inner, const Path& outer) {
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

Path real(const Path& path) {
  std::error_code error;
  const Path found = std::filesystem::weakly_canonical(path, error);
  return error ? path : found;
}

std::map<std::string, std::string> environment(const TeamCommand& command) {
  static constexpr std::array kept{"PATH", "HOME", "LANG",    "LC_ALL",
                                   "TZ",   "USER", "LOGNAME", "TMPDIR"};
  std::map<std::string, std::string> env;
  if (command.whole_environment) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view pair = *entry;
      if (const std::size_t at = pair.find('='); at != std::string_view::npos)
        env.emplace(pair.substr(0, at), pair.substr(at + 1));
    }
  } else {
    for (const char* name : kept)
      if (const char* value = std::getenv(name); value != nullptr) env[name] = value;
    env.try_emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  }
  for (const auto& [name, value] : command.env) env[name] = value;
  return env;
}

// What is written goes to a file, or is read and dropped by run().
std::string with_output(const TeamCommand& command) {
  if (command.output.empty()) return command.script;
  return "exec >>\"$BACKPROOF_OUTPUT\" 2>&1\n" + command.script;
}

std::vector<std::string> guarded(const std::string& script, const Guard& guard) {
  const bool is_root = geteuid() == 0;
  std::vector<std::string> argv{"/usr/bin/unshare",     "--net",       "--mount", "--pid", "--fork",
                                "--kill-child=SIGKILL", "--mount-proc"};
  if (!is_root) argv.insert(argv.end(), {"--user", "--map-root-user"});
  argv.insert(argv.end(),
              {"--", "/bin/sh", "-c", guarded_script, "sh", std::to_string(geteuid()),
               std::to_string(getegid()), "echo " + std::string(ready_mark) + " >&2\n" + script,
               is_root ? "root" : "user"});
  for (const Path& folder : guard.hidden) argv.insert(argv.end(), {"hide", folder.native()});
  for (const Path& folder : guard.read_only) argv.insert(argv.end(), {"protect", folder.native()});
  if (!guard.writable.empty() && !guard.read_only.empty())
    argv.insert(argv.end(), {"keep", guard.writable.native()});
  for (const Path& folder : guard.read_only) argv.insert(argv.end(), {"seal", folder.native()});
  return argv;
}

}  // namespace

Result<Guard> guard_of(const LiveDatabase& live, const Path& place, const Path& backup) {
  Guard guard;
  const auto add = [&](std::vector<Path>& to, const Path& folder) {
    std::error_code error;
    const Path found = real(folder);
    if (std::filesystem::is_directory(found, error) && std::ranges::find(to, found) == to.end())
      to.push_back(found);
  };
  for (const char* folder : default_sockets) add(guard.hidden, folder);
  if (!live.postgresql.empty()) {
    TRY_ASSIGN(const auto parts, parse_pg_url(live.postgresql));
    if (const auto host = parts.find("host"); host != parts.end() && host->second.starts_with("/"))
      add(guard.hidden, host->second);
  }
  if (!live.sqlite.empty()) add(guard.read_only, real(live.sqlite).parent_path());
  for (const Path& hidden : guard.hidden)
    if (is_within(real(place), hidden) || is_within(real(backup), hidden))
      return Error{Cause::isolation,
                   "the live server's socket lies where the drill works: " +
                       text::printable(hidden.native()),
                   "move scratch_dir or the backups out of that folder"};
  for (const Path& folder : guard.read_only)
    if (is_within(real(place), folder)) guard.writable = real(place);
  return guard;
}

std::string CommandEnd::str(Duration limit) const {
  if (timed_out) return "did not end within " + text::format_duration(limit);
  if (stopped) return "was stopped";
  return ended.signal != 0 ? "was " + ended.str() : "ended with " + ended.str();
}

Result<CommandEnd> run_command(const TeamCommand& command, const std::stop_token& stop) {
  Command started;
  started.env = environment(command);
  if (!command.output.empty()) {
    const Fd file(::open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file)
      return errno_error(Cause::internal,
                         "cannot write " + text::printable(command.output.native()));
    (*started.env)["BACKPROOF_OUTPUT"] = command.output.native();
  }
  const std::string script = with_output(command);
  started.argv = command.guard ? guarded(script, *command.guard)
                               : std::vector<std::string>{"/bin/sh", "-c", script};
  // All that is looked for in what it writes is the mark, which comes first.
  constexpr std::size_t kept = 4096;
  TRY_ASSIGN(const Output output, run(started, command.limit, kept, stop));
  if (command.guard && output.err.find(ready_mark) == std::string::npos && !output.timed_out &&
      !output.stopped)
    return Error{Cause::isolation,
                 "a command of the team cannot be kept from the network and the live database "
                 "here, and was not started",
                 "namespaces are needed (unshare of util-linux must work for this user); guard = "
                 "false trusts the commands"};
  return CommandEnd{output.ended, output.timed_out, output.stopped};
}

}  // namespace backproof::drill
