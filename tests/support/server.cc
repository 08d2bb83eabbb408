// SPDX-License-Identifier: Apache-2.0
#include "support/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>

#include "base/text.h"

namespace backproof::test {
namespace {

constexpr Duration patience = std::chrono::seconds(60);

Output curl(const std::string& url) {
  auto output = run({{"/usr/bin/curl", "-sS", "--fail-with-body", "--max-time", "10", url}, {}, ""},
                    patience, 64U << 20U);
  REQUIRE(output);
  return *output;
}

}  // namespace

Server::Server(const Path& config, const std::vector<std::string>& more,
               const std::function<void(pid_t)>& at_once, std::vector<std::string> before) {
  std::vector<std::string> argv = std::move(before);
  argv.insert(argv.end(), {BACKPROOF_PROGRAM, "serve", "--config.file", config.native(),
                           "--web.listen-address", "127.0.0.1:0"});
  argv.insert(argv.end(), more.begin(), more.end());
  auto child = Child::start({argv, {}, ""});
  REQUIRE(child);
  if (at_once) at_once(child->pid());
  child_ = std::make_unique<Child>(std::move(*child));
  wait_for_log("msg=\"Listening on\" address=");
  const std::size_t at = log_.find("address=") + 8;
  address_ = log_.substr(at, log_.find('\n', at) - at);
}

Server::~Server() {
  if (!ended_) child_->kill_group();
}

bool Server::read_some(Duration most) {
  pollfd fd{child_->err(), POLLIN, 0};
  if (poll(&fd, 1,
           static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(most).count())) <=
      0)
    return false;
  std::array<char, 65536> buffer{};
  const ssize_t n = ::read(child_->err(), buffer.data(), buffer.size());
  if (n <= 0) return false;
  log_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

void Server::wait_for_log(const std::string& text) {
  const Stopwatch watch;
  const auto complete = [&] {
    const std::size_t at = log_.find(text);
    return at != std::string::npos && log_.find('\n', at) != std::string::npos;
  };
  while (!complete()) {
    INFO(log_);
    REQUIRE(watch.took() < patience);
    const bool more = read_some(patience);
    REQUIRE(more);
  }
}

const std::string& Server::log() {
  while (read_some(Duration{0})) continue;
  return log_;
}

std::string Server::get(const std::string& path) const {
  const Output output = curl("http://" + address_ + path);
  INFO(path << " " << output.out << output.err);
  REQUIRE(output.ended.ok());
  return output.out;
}

double Server::metric(const std::string& series) const {
  const std::string page = "\n" + get("/metrics");
  const std::size_t at = page.find("\n" + series + " ");
  INFO(series << "\n" << page);
  REQUIRE(at != std::string::npos);
  return std::stod(page.substr(at + series.size() + 2));
}

std::string Server::wait_for(const std::string& path,
                             const std::function<bool(const std::string&)>& done) const {
  const Stopwatch watch;
  while (true) {
    std::string body = get(path);
    if (done(body)) return body;
    INFO(path << "\n" << body);
    REQUIRE(watch.took() < patience);
    // Not a sleep: gives the time to whoever is being waited for.
    poll(nullptr, 0, 20);
  }
}

void Server::signal(int number) const {
  REQUIRE(::kill(child_->pid(), number) == 0);
}

Ended Server::wait() {
  ended_ = true;
  pollfd fd{child_->pidfd(), POLLIN, 0};
  const Stopwatch watch;
  // Its log is read meanwhile, so that a full pipe does not hold it up.
  while (poll(&fd, 1, 20) == 0 && watch.took() < patience) log();
  log();
  return child_->wait();
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  const std::string id = std::to_string(parent);
  const std::string told = sh("cat /proc/" + id + "/task/*/children | tr ' ' '\\n'");
  for (const std::string_view word : text::split(told, '\n'))
    if (!word.empty()) children.push_back(std::stoi(std::string(word)));
  return children;
}

Fd connected_to(const std::string& address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto generic = std::bit_cast<sockaddr>(in);
  REQUIRE(::connect(fd.get(), &generic, sizeof in) == 0);
  return fd;
}

}  // namespace backproof::test
