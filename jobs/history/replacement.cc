// SPDX-License-Identifier: Apache-2.0
#include "history/replacement.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

#include "base/text.h"

namespace backproof::history {
namespace {

constexpr std::string_view promise_mark = ".repaired-";

Path folder_of(const Path& file) {
  return file.has_parent_path() ? file.parent_path() : Path(".");
}

Result<void> sync(const Path& path, int flags) {
  const Fd fd(::open(path.c_str(), flags | O_CLOEXEC));
  if (fd && ::fsync(fd.get()) == 0) return {};
  return errno_error(Cause::internal, "cannot sync " + text::printable(path.native()));
}

// What is not there was moved already, or never was.
Result<void> move(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return errno_error(Cause::internal, "cannot rename " + text::printable(from.native()));
}

// NAME of the promise beside the history.
std::optional<std::string> promised(const Path& history) {
  const std::string beginning = history.filename().native() + std::string(promise_mark);
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder_of(history), error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().native();
    if (name.starts_with(beginning)) return name.substr(beginning.size());
  }
  return std::nullopt;
}

}  // namespace

Path damaged_path(const Path& history, std::string_view name) {
  return history.native() + ".damaged-" + std::string(name);
}

Result<void> replace_history(const Path& history, const Path& fresh, const std::string& name) {
  TRY(sync(fresh, O_RDWR));
  TRY(move(fresh, history.native() + std::string(promise_mark) + name));
  TRY(sync(folder_of(history), O_RDONLY | O_DIRECTORY));
  return finish_replacement(history);
}

Result<void> finish_replacement(const Path& history) {
  const auto name = promised(history);
  if (!name) return {};
  const Path aside = damaged_path(history, *name);
  // The new file comes last: as long as it has not, everybody who opens the history comes here.
  for (const char* end : {"-wal", "-shm", ""})
    TRY(move(history.native() + end, aside.native() + end));
  TRY(sync(folder_of(history), O_RDONLY | O_DIRECTORY));
  TRY(move(history.native() + std::string(promise_mark) + *name, history));
  return sync(folder_of(history), O_RDONLY | O_DIRECTORY);
}

}  // namespace backproof::history
