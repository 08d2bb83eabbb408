// SPDX-License-Identifier: Apache-2.0
#include "sandbox/keeper_protocol.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t longest_reply = 64U << 10U;

// Fields, each ended by a NUL.
class Writer {
 public:
  explicit Writer(std::string_view kind) { add(kind); }
  Writer& add(std::string_view field) {
    bytes_ += field;
    bytes_ += '\0';
    return *this;
  }
  Writer& add(const std::vector<std::string>& fields) {
    add(std::to_string(fields.size()));
    for (const std::string& field : fields) add(field);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// The same in reverse; what is missing is empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string next() {
    const std::size_t end = std::min(rest_.find('\0'), rest_.size());
    std::string field(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return field;
  }
  std::uint64_t number() { return text::parse_count(next()).value_or(0); }
  std::vector<std::string> list() {
    std::vector<std::string> fields;
    for (std::uint64_t left = number(); left > 0 && !rest_.empty(); --left)
      fields.push_back(next());
    return fields;
  }

 private:
  std::string_view rest_;
};

std::string encoded(const KeeperReply& reply) {
  if (!reply)
    return Writer("error")
        .add(name_of(reply.error().cause))
        .add(reply.error().text)
        .add(reply.error().hint)
        .bytes();
  return Writer("ok")
      .add(std::to_string(reply->major))
      .add(reply->version)
      .add(reply->conninfo)
      .add(reply->throw_away ? "1" : "0")
      .add(reply->entry)
      .add(reply->database)
      .add(name_of(reply->proof.isolation))
      .add(reply->proof.held)
      .add(reply->proof.broken)
      .bytes();
}

KeeperReply decoded(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.next() == "error") {
    Error error;
    error.cause = cause_named(reader.next()).value_or(Cause::internal);
    error.text = reader.next();
    error.hint = reader.next();
    return error;
  }
  PgServer server;
  server.major = static_cast<int>(reader.number());
  server.version = reader.next();
  server.conninfo = reader.next();
  server.throw_away = reader.next() == "1";
  server.entry = reader.next();
  server.database = reader.next();
  server.proof.isolation = isolation_named(reader.next()).value_or(Isolation::none);
  server.proof.held = reader.list();
  server.proof.broken = reader.list();
  return server;
}

// Room for one descriptor beside a message.
union Beside {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

}  // namespace

bool send_request(int socket, const KeeperRequest& request, int descriptor) {
  KeeperRequest sent = request;
  iovec part{&sent, sizeof sent};
  Beside beside{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = beside.bytes.data();
    message.msg_controllen = beside.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ssize_t n = 0;
  do n = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof sent);
}

std::optional<ReceivedRequest> receive_request(int socket) {
  ReceivedRequest received;
  iovec part{&received.request, sizeof received.request};
  Beside beside{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = beside.bytes.data();
  message.msg_controllen = beside.bytes.size();
  ssize_t n = 0;
  do n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return std::nullopt;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message);
      header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    received.descriptor = Fd(descriptor);
  }
  if (n != static_cast<ssize_t>(sizeof received.request)) return std::nullopt;
  return received;
}

bool send_reply(int socket, const KeeperReply& reply) {
  const std::string bytes = encoded(reply).substr(0, longest_reply);
  ssize_t n = 0;
  do n = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(bytes.size());
}

KeeperReply receive_reply(int socket) {
  std::string bytes(longest_reply, '\0');
  ssize_t n = 0;
  do n = recv(socket, bytes.data(), bytes.size(), 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return Error{Cause::crashed, "the keeper of the server is gone", ""};
  bytes.resize(static_cast<std::size_t>(n));
  return decoded(bytes);
}

}  // namespace backproof
