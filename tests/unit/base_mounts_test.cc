// SPDX-License-Identifier: Apache-2.0
#include "base/mounts.h"

#include "support/support.h"

using namespace backproof;

namespace {

constexpr const char* mounts =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "40 22 0:40 / /srv/nfs rw - nfs4 filer:/backups rw\n"
    "41 22 0:41 / /srv/a\\040b rw shared:9 - fuse.sshfs host: rw\n"
    "42 40 8:2 / /srv/nfs/local rw - xfs /dev/sdb1 rw\n"
    "43 22 0:43 / /srv/twice rw - nfs filer:/x rw\n"
    "44 43 8:3 / /srv/twice rw - ext4 /dev/sdc1 rw\n"
    "45 22 0:45 / /srv/cut\n\n";

}  // namespace

TEST_CASE("the share of a file server that holds a folder is known by the names of mounts") {
  CHECK(share_of("/srv/nfs", mounts) == "/srv/nfs");
  CHECK(share_of("/srv/nfs/crm/daily", mounts) == "/srv/nfs");
  CHECK(share_of("/srv/./x/../nfs/crm/", mounts) == "/srv/nfs");
  CHECK(share_of("/srv/a b/crm", mounts) == "/srv/a b");
  for (const char* here :
       {"/", "/srv", "/srv/nfs2", "/srv/nfs/local/crm", "/srv/twice/x", "/srv/cut"})
    CHECK(share_of(here, mounts).empty());
  CHECK(share_of("/srv/nfs", "").empty());
}
