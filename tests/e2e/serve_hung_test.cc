// SPDX-License-Identifier: Apache-2.0
// Backups on a file server that does not answer.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/damage.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A file system (FUSE) whose server never says a word: whoever looks into the folder waits, until
// this ends or the process does.
class HungFolder {
 public:
  explicit HungFolder(Path folder)
      : folder_(std::move(folder)), connection_(::open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    const std::string options =
        "fd=" + std::to_string(connection_.get()) + ",rootmode=40000,user_id=0,group_id=0";
    mounted_ = connection_ &&
               ::mount("hung", folder_.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
    if (!mounted_) WARN("left out: a folder that hangs needs root and FUSE");
  }
  HungFolder(const HungFolder&) = delete;
  HungFolder& operator=(const HungFolder&) = delete;
  ~HungFolder() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  explicit operator bool() const { return mounted_; }

 private:
  Path folder_;
  Fd connection_;
  bool mounted_ = false;
};

Path two_targets(const Folder& folder) {
  for (const char* name : {"backups/shop", "backups/away"})
    std::filesystem::create_directories(folder / name);
  sh("gzip -c " + make_shop(folder).native() + " >" + (folder / "backups/shop/a.gz").native());
  return folder.write("backproof.toml", R"(state_dir = "state"
scratch_dir = "scratch"
[[target]]
name = "away"
source = { kind = "directory", path = "backups/away" }
on_arrival = true
[[target]]
name = "shop"
source = { kind = "directory", path = "backups/shop", settle = "0s" }
)");
}

bool shop_passed(const Server& server) {
  return server.metric("backproof_last_run_success{target=\"shop\"}") == 1;
}

}  // namespace

TEST_CASE("a service whose source hangs starts, verifies the others, reloads and stops") {
  const Folder folder;
  const Path config = two_targets(folder);
  const HungFolder hung(folder / "backups/away");
  if (!hung) return;
  Server server(config);
  server.wait_for("/metrics", [&](const std::string&) { return shop_passed(server); });
  CHECK(server.metric("backproof_backup_inventory_timestamp_seconds{target=\"away\"}") == 0);
  server.signal(SIGHUP);
  server.wait_for_log("configuration reloaded");
  server.signal(SIGTERM);
  const Ended ended = server.wait();
  CHECK(ended.signal == 0);
  CHECK(ended.exit_code == 0);
  CHECK(server.log().find("msg=stopped") != std::string::npos);
}

TEST_CASE("a source that hangs while the service runs does not keep it from stopping") {
  const Folder folder;
  Server server(two_targets(folder));
  server.wait_for("/metrics", [&](const std::string&) { return shop_passed(server); });
  CHECK(server.metric("backproof_backup_inventory_up{target=\"away\"}") == 1);
  const HungFolder hung(folder / "backups/away");
  if (!hung) return;
  CHECK(server.get("/targets/away").find("away") != std::string::npos);
  server.signal(SIGHUP);  // lists all anew
  server.wait_for_log("configuration reloaded");
  server.signal(SIGTERM);
  CHECK(server.wait().exit_code == 0);
}

TEST_CASE("a service that cannot start ends, although a source hangs") {
  const Folder folder;
  const Path config = two_targets(folder);
  const HungFolder hung(folder / "backups/away");
  if (!hung) return;
  folder.write("state/control.sock/taken", "");
  const Output served =
      program({"serve", "--config.file", config, "--web.listen-address", "127.0.0.1:0"});
  CHECK(served.ended.exit_code == 64);
  CHECK(served.err.find("control.sock") != std::string::npos);
}
