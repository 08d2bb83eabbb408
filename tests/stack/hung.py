# SPDX-License-Identifier: Apache-2.0
"""A folder that hangs, as one of a file server that does not answer: whoever looks into it waits."""
import contextlib
import ctypes
import os

MS_NOSUID, MS_NODEV, MNT_DETACH = 2, 4, 2
_libc = ctypes.CDLL(None, use_errno=True)


def possible():
    return os.getuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)


@contextlib.contextmanager
def folder(path):
    """Mounts a file system over `path` whose server (FUSE) never says a word, for as long as the block."""
    connection = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={connection},rootmode=40000,user_id=0,group_id=0".encode()
    target = os.fsencode(path)
    try:
        if _libc.mount(b"hung", target, b"fuse", MS_NOSUID | MS_NODEV, options) != 0:
            raise OSError(ctypes.get_errno(), "cannot mount", os.fsdecode(target))
        try:
            yield
        finally:
            # Away first, so that who waits and looks again finds the folder as it was.
            _libc.umount2(target, MNT_DETACH)
    finally:
        # Ends all waiting, also when this process dies.
        os.close(connection)
