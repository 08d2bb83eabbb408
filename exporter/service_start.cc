// SPDX-License-Identifier: Apache-2.0
#include "exporter/service_start.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/log.h"
#include "base/text.h"
#include "exporter/build_info.h"
#include "exporter/commands/command.h"

namespace backproof {

Result<Fd> lock_history(const Path& state_dir) {
  const Path file = state_dir / "serve.lock";
  Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return errno_error(Cause::internal, "cannot open " + text::printable(file.native()));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  return Error{Cause::internal,
               "another backproof serves the history in " + text::printable(state_dir.native()),
               "stop it, or give this one a state_dir of its own"};
}

Result<std::vector<ListenAddress>> can_listen(const std::vector<std::string>& addresses) {
  std::vector<ListenAddress> parsed;
  for (const std::string& address : addresses) {
    TRY_ASSIGN(parsed.emplace_back(), parse_listen_address(address));
  }
  TRY(try_listen(parsed));
  return parsed;
}

Result<std::unique_ptr<web::WebAccess>> open_web_access(const Path& file) {
  if (file.empty()) return nullptr;
  Problems problems;
  auto access = web::WebAccess::open(file, problems);
  print_problems(file, problems);
  if (access) return access;
  return Error{Cause::internal, "the web configuration is bad", "see above"};
}

void log_web_access(const web::WebAccess* access, const std::vector<ListenAddress>& addresses) {
  log::info(access != nullptr && access->tls() != nullptr ? "TLS is enabled." : "TLS is disabled.");
  for (const ListenAddress& address : addresses) {
    const std::string exposure = web::exposure(address, access);
    if (!exposure.empty())
      log::warn(exposure, {{"address", address.str()},
                           {"hint", "--web.config.file sets up TLS and passwords"}});
  }
}

void log_start(const Config& config) {
  const BuildInfo build = build_info();
  log::info("Starting backproof",
            {{"version", build.version}, {"branch", build.branch}, {"revision", build.revision}});
  log::info("Build context", {{"compiler", build.compiler}});
  log::info("configuration loaded",
            {{"file", config.file.native()}, {"targets", std::to_string(config.targets.size())}});
}

}  // namespace backproof
