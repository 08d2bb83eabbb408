// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "sandbox/pg_server.h"

// What a worker and its keeper say to each other on a SOCK_SEQPACKET pair: each request is answered
// by one reply. The worker may have been taken over by a backup; all it can say is this.
namespace backproof {

struct KeeperRequest {
  // serve: comes with a descriptor. start: `number` is the least major version.
  enum class Kind : std::uint32_t { serve = 1, start = 2, trouble = 3 };
  Kind kind = Kind::trouble;
  std::int32_t number = 0;
};

// False when the other side is gone. `descriptor` goes along unless it is -1.
bool send_request(int socket, const KeeperRequest& request, int descriptor);
// Nothing when the other side is gone or says what no request is.
struct ReceivedRequest {
  KeeperRequest request;
  Fd descriptor;
};
std::optional<ReceivedRequest> receive_request(int socket);

// A server is the answer to start; to the others an empty one says that all is well.
using KeeperReply = Result<PgServer>;
bool send_reply(int socket, const KeeperReply& reply);
KeeperReply receive_reply(int socket);

}  // namespace backproof
