// SPDX-License-Identifier: Apache-2.0
#include "runner/manifest_beside.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"

namespace backproof {

Path manifest_path(const Path& backup, std::string_view pattern) {
  std::string name(pattern);
  if (const std::size_t at = name.find("{}"); at != std::string::npos)
    name.replace(at, 2, backup.filename().native());
  return backup.parent_path() / name;
}

Result<std::optional<Fd>> open_manifest(const Path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  const int reason = errno;
  // A link into nowhere is no missing manifest: somebody put one there.
  struct stat link {};
  if (!fd && (reason == ENAMETOOLONG ||
              (reason == ENOENT && lstat(path.c_str(), &link) != 0 && errno == ENOENT)))
    return std::optional<Fd>();
  errno = reason;
  if (!fd) return errno_error(Cause::fetch, "cannot open " + text::printable(path.native()));
  TRY_ASSIGN(const FileFacts facts, facts_of(fd.get()));
  if (!facts.is_regular())
    return Error{Cause::fetch, text::printable(path.native()) + " is no regular file", ""};
  return std::optional<Fd>(std::move(fd));
}

Result<Manifest> read_manifest(int fd) {
  constexpr std::size_t most_bytes = 64U << 20U;
  std::string text;
  std::vector<unsigned char> buffer(1U << 16U);
  while (true) {
    TRY_ASSIGN(const std::size_t n, read_at(fd, buffer, text.size()));
    if (n == 0) return manifest_from_json(text);
    text += as_text({buffer.data(), n});
    if (text.size() > most_bytes)
      return Error{Cause::unproven, "the manifest is larger than 64 MiB", ""};
  }
}

}  // namespace backproof
