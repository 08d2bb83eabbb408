// SPDX-License-Identifier: Apache-2.0
#include "exporter/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"

namespace backproof {
namespace {

using Json = nlohmann::json;

constexpr int between_tries_ms = 100;
constexpr const char* socket_name = "control.sock";
constexpr std::size_t longest = 4096;
constexpr timeval patience{5, 0};

// Through the folder's descriptor: its own path may be longer than such an address can be.
sockaddr_un address_in(const Fd& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + socket_name;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

const sockaddr* plain(const sockaddr_un& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

Result<Fd> folder_of(const Path& state_dir) {
  Fd folder(::open(state_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder)
    return errno_error(Cause::internal, "cannot open " + text::printable(state_dir.native()));
  return folder;
}

// Neither side waits longer for the other.
void bound(const Fd& socket) {
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

std::string line_from(const Fd& socket) {
  std::string line;
  std::array<char, longest> buffer{};
  const Stopwatch watch;
  while (line.size() < longest && line.find('\n') == std::string::npos &&
         watch.took() < std::chrono::seconds(patience.tv_sec)) {
    const ssize_t n = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) break;
    line.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return line;
}

void send_line(const Fd& socket, const Json& json) {
  const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  (void)send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(const Path& state_dir, Answer answer) {
  TRY_ASSIGN(Fd folder, folder_of(state_dir));
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_in(folder);
  unlinkat(folder.get(), socket_name, 0);
  // The mode of the socket is that of the file it becomes; a umask would be every thread's.
  const bool bound = socket && fchmod(socket.get(), 0600) == 0 &&
                     bind(socket.get(), plain(address), sizeof address) == 0;
  if (!bound || listen(socket.get(), 8) != 0)
    return errno_error(Cause::internal, "cannot make " + std::string(socket_name) + " in " +
                                            text::printable(state_dir.native()));
  return std::unique_ptr<ControlServer>(
      new ControlServer(std::move(folder), std::move(socket), std::move(answer)));
}

ControlServer::ControlServer(Fd folder, Fd socket, Answer answer)
    : folder_(std::move(folder)),
      socket_(std::move(socket)),
      end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      answer_(std::move(answer)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ControlServer::~ControlServer() {
  thread_.request_stop();
  eventfd_write(end_.get(), 1);
  thread_.join();
  unlinkat(folder_.get(), socket_name, 0);
}

void ControlServer::run(const std::stop_token& stop) {
  std::array<pollfd, 2> fds{{{end_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
  while (!stop.stop_requested()) {
    if (poll(fds.data(), fds.size(), -1) < 0 || fds[1].revents == 0) continue;
    const Fd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client)
      serve(client);
    else
      poll(fds.data(), 1, between_tries_ms);  // who waits is still there: no descriptor for it
  }
}

void ControlServer::serve(const Fd& client) const {
  bound(client);
  const Json question = Json::parse(line_from(client), nullptr, false);
  const auto word = [&](const char* key) {
    const bool there = question.is_object() && question.contains(key) && question[key].is_string();
    return there ? question[key].get<std::string>() : std::string();
  };
  const auto answer = guarded(Cause::internal, "answering", [&] {
    return answer_({word("verb"), word("subject")});
  });
  send_line(client, answer ? Json{{"answer", *answer}}
                           : Json{{"error", answer.error().text}, {"hint", answer.error().hint}});
}

Result<std::string> ask_service(const Path& state_dir, const Asked& asked) {
  TRY_ASSIGN(const Fd folder, folder_of(state_dir));
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_in(folder);
  if (!socket || connect(socket.get(), plain(address), sizeof address) != 0) {
    const bool none = errno == ENOENT || errno == ECONNREFUSED;
    if (!none) return errno_error(Cause::internal, "cannot ask the service");
    return Error{Cause::internal,
                 "no service runs with the history in " + text::printable(state_dir.native()),
                 "start backproof serve with this configuration"};
  }
  bound(socket);
  send_line(socket, {{"verb", asked.verb}, {"subject", asked.subject}});
  const Json answer = Json::parse(line_from(socket), nullptr, false);
  if (answer.is_object() && answer.contains("answer")) return answer["answer"].get<std::string>();
  if (!answer.is_object() || !answer.contains("error"))
    return Error{Cause::internal, "the service gave no answer", "it may be ending"};
  return Error{Cause::internal, answer["error"].get<std::string>(), answer.value("hint", "")};
}

}  // namespace backproof
