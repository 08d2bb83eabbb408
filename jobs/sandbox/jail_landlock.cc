// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail_landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/text.h"

namespace backproof {
namespace {

// The kernel's documented values, of which older headers lack some. By the ABI that brought them.
constexpr std::uint64_t abi_1_files = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;  // bits 0 to 12
constexpr std::uint64_t refer = 1ULL << 13U;                                    // ABI 2
constexpr std::uint64_t truncate_file = 1ULL << 14U;                            // ABI 3
constexpr std::uint64_t ioctl_device = 1ULL << 15U;                             // ABI 5
constexpr std::uint64_t bind_and_connect_tcp = 3;                               // ABI 4
constexpr std::uint64_t abstract_sockets_and_signals = 3;                       // ABI 6

// What a rule on a file, not a folder, may name.
constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_READ_FILE | truncate_file | ioctl_device;
constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// Everything that makes and removes files and folders; no devices, sockets, execution.
constexpr std::uint64_t working = reading | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  LANDLOCK_ACCESS_FS_MAKE_SYM | refer | truncate_file;

// A server listens on sockets in files; links to elsewhere it has no use for.
constexpr std::uint64_t serving =
    (working & ~std::uint64_t{LANDLOCK_ACCESS_FS_MAKE_SYM}) | LANDLOCK_ACCESS_FS_MAKE_SOCK;

// struct landlock_ruleset_attr as of ABI 6; older kernels are told a shorter size.
struct RulesetAttr {
  std::uint64_t files = 0, network = 0, scoped = 0;
};

// What a program in C++ may read after it was started: libraries it loads late (the unwinder,
// character sets), time zones, randomness, the number of processors.
constexpr std::array readable_by_all{
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero",
    "/dev/null",
    "/sys/devices/system/cpu/online",
#ifdef BACKPROOF_SANITIZED
    "/proc/self",  // the sanitizers' runtime reads its own memory map
#endif
};

std::uint64_t files_of(int abi) {
  std::uint64_t rights = abi_1_files;
  if (abi >= 2) rights |= refer;
  if (abi >= 3) rights |= truncate_file;
  if (abi >= 5) rights |= ioctl_device;
  return rights;
}

std::size_t size_for(int abi) {
  const std::size_t members = abi >= 6 ? 3 : abi >= 4 ? 2 : 1;
  return members * sizeof(std::uint64_t);
}

enum class Missing { is_error, is_fine };

Result<void> allow(int ruleset, const Path& path, std::uint64_t rights, Missing missing) {
  const Fd place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) {
    if (missing == Missing::is_fine) return {};
    return errno_error(Cause::isolation, "cannot open " + text::printable(path.string()));
  }
  TRY_ASSIGN(const FileFacts facts, facts_of(place.get()));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = facts.is_directory() ? rights : rights & of_files;
  rule.parent_fd = place.get();
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) != 0)
    return errno_error(Cause::isolation,
                       "cannot add a Landlock rule for " + text::printable(path.string()));
  return {};
}

}  // namespace

Result<int> close_landlock(const JailRules& rules) {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0U, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 0;  // not in this kernel, or not enabled at boot
  const int abi = static_cast<int>(version);
  RulesetAttr attr;
  attr.files = files_of(abi);
  attr.network = bind_and_connect_tcp;
  attr.scoped = abstract_sockets_and_signals;
  const Fd ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attr, size_for(abi), 0U)));
  if (!ruleset) return errno_error(Cause::isolation, "cannot make a Landlock ruleset");

  for (const char* path : readable_by_all)
    TRY(allow(ruleset.get(), path, reading & attr.files, Missing::is_fine));
  for (const Path& path : rules.readable)
    TRY(allow(ruleset.get(), path, reading & attr.files, Missing::is_error));
  // SQLite puts /dev/null where a standard descriptor is missing, which needs writing.
  TRY(allow(ruleset.get(), "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE, Missing::is_fine));
  for (const Path& path : rules.executable)
    TRY(allow(ruleset.get(), path, LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
              Missing::is_error));
  const std::uint64_t writing = rules.is_server() ? serving : working;
  TRY(allow(ruleset.get(), rules.writable, writing & attr.files, Missing::is_error));
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) != 0)
    return errno_error(Cause::isolation, "cannot enter the Landlock domain");
  return abi;
}

}  // namespace backproof
