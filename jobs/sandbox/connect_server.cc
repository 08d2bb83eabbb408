// SPDX-License-Identifier: Apache-2.0
#include "sandbox/connect_server.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace backproof {
namespace {

// The kernel's structures can be larger than those of our headers: the library asks for the size.
struct Notification {
  seccomp_notif* request = nullptr;
  seccomp_notif_resp* response = nullptr;
  Notification() {
    if (seccomp_notify_alloc(&request, &response) != 0) request = nullptr;
  }
  Notification(const Notification&) = delete;
  Notification& operator=(const Notification&) = delete;
  ~Notification() {
    if (request != nullptr) seccomp_notify_free(request, response);
  }
};

bool put_in_place(int notifications, const seccomp_notif& request, int connection) {
  seccomp_notif_addfd place{};
  place.id = request.id;
  place.flags = SECCOMP_ADDFD_FLAG_SETFD;
  place.srcfd = static_cast<std::uint32_t>(connection);
  place.newfd = static_cast<std::uint32_t>(request.data.args[0]);
  place.newfd_flags = O_CLOEXEC;
  return ioctl(notifications, SECCOMP_IOCTL_NOTIF_ADDFD, &place) >= 0;
}

}  // namespace

Result<ConnectServer> ConnectServer::open(Fd notifications) {
  if (!notifications) return Error{Cause::isolation, "no descriptor came along", ""};
  // Nobody waits with this number: a kernel that knows the call says so.
  seccomp_notif_addfd nobody{};
  if (ioctl(notifications.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &nobody) != 0 && errno == EINVAL)
    return Error{Cause::isolation, "this kernel hands over no connections to a jailed process",
                 "Linux 5.9 or newer is needed"};
  return ConnectServer(std::move(notifications));
}

bool ConnectServer::answer(const std::function<Connection()>& make) {
  const Notification notification;
  if (notification.request == nullptr) return false;
  // ENOENT: the caller was killed or interrupted meanwhile.
  if (const int error = seccomp_notify_receive(fd(), notification.request); error != 0)
    return errno == ENOENT || errno == EINTR;
  const Connection connection = make();
  const bool failed =
      connection.socket && !put_in_place(fd(), *notification.request, connection.socket.get());
  seccomp_notif_resp& response = *notification.response;
  response.id = notification.request->id;
  response.error = failed ? -EPERM : -connection.error;
  seccomp_notify_respond(fd(), &response);
  return true;
}

}  // namespace backproof
