# SPDX-License-Identifier: Apache-2.0
"""A throw-away PostgreSQL for tests and benchmarks: on a unix socket in a folder of its own, without
TCP, gone with the process that started it."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

STOCK = {"listen_addresses": "", "log_min_messages": "fatal"}
# What only a cluster may have that nobody will miss.
THROW_AWAY = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "autovacuum": "off", "max_wal_size": "16GB", "checkpoint_timeout": "1h",
}


def server_bin():
    """Folder of the newest installed server's programs; None without any."""
    if os.environ.get("BACKPROOF_TEST_PG_BIN"):
        return pathlib.Path(os.environ["BACKPROOF_TEST_PG_BIN"])
    found = [p for p in pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")
             if p.parts[-3].isdigit() and (p.parent / "initdb").exists()]
    return max(found, key=lambda p: int(p.parts[-3])).parent if found else None


def server_user():
    """Whom the server runs as: the server refuses root. None: whoever we are."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("there is no user postgres or nobody for the server")


_prctl = ctypes.CDLL(None).prctl


def _become(user):
    """In the child, before exec: dies with its parent, and is no root."""
    def setup():
        if user:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        _prctl(1, signal.SIGKILL if user is None else signal.SIGQUIT)  # PR_SET_PDEATHSIG
        os.umask(0o077)
    return setup


class Cluster:
    """with Cluster() as cluster: cluster.psql("postgres", "SELECT 1")"""

    def __init__(self, settings=None, template=None, folder=None):
        self.bin, self.user = server_bin(), server_user()
        self.settings = dict(STOCK, **(settings or {}))
        self.template = template
        # Short, since a socket's path may have 107 bytes only.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bp-pg-", dir=folder or "/tmp"))
        self.folder.chmod(0o755)
        self.data, self.server = self.folder / "data", None
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.folder),
                            "PGHOST": str(self.folder), "PGUSER": "postgres", "PGDATABASE": "postgres", "TZ": "UTC",
                            "PGCONNECT_TIMEOUT": "20"}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _as_user(self, argv, **options):
        return subprocess.run(argv, preexec_fn=_become(self.user), env=self.environment, cwd=self.folder,
                              stdin=subprocess.DEVNULL, check=True, capture_output=True, **options)

    def start(self):
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        if self.template:
            subprocess.run(["cp", "-a", "--reflink=auto", self.template, self.data], check=True)
        else:
            self._as_user([self.bin / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                           "--locale=C.UTF-8", "--no-sync", "--no-instructions"])
        argv = [self.bin / "postgres", "-D", self.data, "-k", self.folder]
        for name, value in self.settings.items():
            argv += ["-c", f"{name}={value}"]
        log = open(self.folder / "log", "wb")
        self.server = subprocess.Popen(argv, preexec_fn=_become(self.user), env=self.environment, cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        while subprocess.run([self.bin / "pg_isready", "-q", "-t", "1"], env=self.environment).returncode != 0:
            try:
                self.server.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise SystemExit("the server did not start: " + (self.folder / "log").read_text())

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, argv, **options):
        """Runs a client program; its trouble is ours unless check=False."""
        options = {"check": True, "stdin": subprocess.DEVNULL, "env": self.environment, "cwd": self.folder, **options}
        if options.pop("capture", True):
            options.update(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            return subprocess.run([self.bin / argv[0], *argv[1:]], **options)
        except subprocess.CalledProcessError as error:
            said = (error.stderr or b"").decode(errors="replace")
            raise SystemExit(f"{argv[0]} {' '.join(map(str, argv[1:]))} ended with {error.returncode}: {said}") from None

    def psql(self, database, sql):
        return self.client(["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
                           env=self.environment | {"PGCLIENTENCODING": "UTF8"}).stdout.decode()
