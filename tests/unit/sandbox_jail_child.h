// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "sandbox/jail.h"
#include "support/support.h"

// Children that enter the jail and tell what they could do there.
namespace backproof::test {

enum class Start { as_is, unprivileged };
constexpr uid_t some_user = 1234;

// What a jailed child said, and how it ended.
struct Told {
  std::string text;
  int signal = 0;
};

// Runs `act` in a child of its own. With Start::unprivileged a root test gives up root before.
inline Told in_child(Start start, const std::function<std::string()>& act) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    if (start == Start::unprivileged && geteuid() == 0 &&
        (setgroups(0, nullptr) != 0 || setresgid(some_user, some_user, some_user) != 0 ||
         setresuid(some_user, some_user, some_user) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
      _exit(1);
    const std::string text = act();
    (void)write_all(write_end.get(), as_bytes(text));
    _exit(0);
  }
  write_end.reset();
  Told told;
  std::array<char, 4096> buffer;
  ssize_t n = 0;
  while ((n = read(read_end.get(), buffer.data(), buffer.size())) > 0)
    told.text.append(buffer.data(), static_cast<std::size_t>(n));
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) told.signal = WTERMSIG(status);
  return told;
}

// A sandbox that either kind of worker can reach, inside a folder that it must not touch.
class Place {
 public:
  explicit Place(Start start) : sandbox_(folder_ / "sandbox") {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});
    std::filesystem::create_directory(sandbox_);
    if (start == Start::unprivileged && geteuid() == 0)
      REQUIRE(chown(sandbox_.c_str(), some_user, some_user) == 0);
  }
  const Path& sandbox() const { return sandbox_; }
  const Folder& folder() const { return folder_; }

 private:
  Folder folder_;
  Path sandbox_;
};

// What `act` returned inside the jail.
inline Told in_jail(Start start, const std::function<std::string(const Path& sandbox)>& act,
                    const std::vector<std::string>& without = {}, JailRules rules = {}) {
  const Place place(start);
  rules.writable = place.sandbox();
  return in_child(start, [&]() -> std::string {
    const auto proof = enter_jail(rules, without);
    if (!proof) return "not in jail: " + proof.error().str();
    return act(place.sandbox());
  });
}

inline std::string outcome(long result) {
  return result >= 0 ? "allowed" : errno_text(errno);
}

// The call, tried inside the jail by a worker that root started and by one that it did not.
inline void check_refused(const std::function<long()>& call) {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [&](const Path&) { return outcome(call()); });
    INFO((start == Start::as_is ? "as started: " : "unprivileged: ") << told.text);
    CHECK(told.signal == 0);
    CHECK((told.text == "Operation not permitted" || told.text == "Permission denied"));
  }
}

inline std::string render(const Result<JailProof>& proof) {
  if (!proof) return "error: " + proof.error().str();
  std::string all = std::string(name_of(proof->isolation)) + " held:";
  for (const std::string& word : proof->held) all += " [" + word + "]";
  all += " broken:";
  for (const std::string& word : proof->broken) all += " [" + word + "]";
  return all;
}

inline std::string proof_of(Start start, const std::vector<std::string>& without) {
  const Place place(start);
  JailRules rules;
  rules.writable = place.sandbox();
  return in_child(start, [&] { return render(enter_jail(rules, without)); }).text;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline long open_for(const Path& path, int flags) {
  return open(path.c_str(), flags | O_CLOEXEC, 0600);
}

}  // namespace backproof::test
