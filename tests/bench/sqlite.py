#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `backproof verify` with the usual shell commands on a SQLite backup of 1 GB.

Usage: tests/bench/sqlite.py PROGRAM [--pairs N] [--cache FOLDER] [--make-only]

Makes the database once (the same bytes every time), then runs both ways alternately as whole
processes and prints the median of each, the ratio, and the most anonymous memory and scratch
space that the program's processes used at any time.
"""

import argparse
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

SCHEMA = """
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, created REAL);
CREATE TABLE conversations(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),
                           title TEXT, created REAL);
CREATE TABLE messages(id INTEGER PRIMARY KEY,
                      conversation_id INTEGER NOT NULL REFERENCES conversations(id),
                      role TEXT NOT NULL, body TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE documents(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),
                       name TEXT NOT NULL, content BLOB);
"""

# A multiplicative hash of the row's number stands for randomness: repeatable, and no two alike.
MIX = "(n * 2654435761 % 4294967296)"
ROWS = {"users": 50_000, "conversations": 300_000, "messages": 3_000_000, "documents": 4_000}
FILL = {
    "users": f"n, 'user' || n || '@example.org', 'Name ' || {MIX}, 1.6e9 + n / 7.0",
    "conversations": f"n, 1 + {MIX} % 50000, 'Talk about ' || {MIX}, 1.6e9 + n / 3.0",
    "messages": f"n, 1 + {MIX} % 300000, CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,"
                f" substr(hex({MIX}) || ' answers ' || hex({MIX} * 7) || ' and '"
                f" || hex({MIX} * 31) || ' because ' || hex({MIX} * 131) || ' of ' || n"
                " || ' several reasons that are told in a long sentence, over and over, with a"
                " remark on ' || (n * 17) || ' things that somebody may have asked about before,"
                " and one more', 1, 150 + n % 157), 1.6e9 + n / 31.0",
    "documents": "n, 1 + n * 7919 % 50000, 'document ' || n, zeroblob(9000 + n % 4000)"
                 " || printf('%.*c', 3000, char(97 + n % 26))",
}
INDEXES = """
CREATE INDEX conversations_by_user ON conversations(user_id);
CREATE INDEX messages_by_conversation ON messages(conversation_id, created);
CREATE INDEX messages_by_time ON messages(created);
CREATE INDEX documents_by_user ON documents(user_id);
"""


def make_database(path):
    """Writes the database under another name first, so that a half-made one is never used."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    db = sqlite3.connect(part, isolation_level=None)
    db.executescript("PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
    db.executescript(SCHEMA)
    for table, rows in ROWS.items():
        db.execute(f"INSERT INTO {table} WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                   f" FROM count WHERE n < {rows}) SELECT {FILL[table]} FROM count")
    db.executescript(INDEXES)
    db.close()
    part.rename(path)


def make_backup(cache):
    cache.mkdir(parents=True, exist_ok=True)
    database, backup = cache / "bench.db", cache / "bench.db.gz"
    if not database.exists():
        print("making the database (once)", file=sys.stderr)
        make_database(database)
        backup.unlink(missing_ok=True)
    if not backup.exists():
        part = cache / "bench.db.gz.part"
        with open(part, "wb") as out:
            subprocess.run(["gzip", "-6", "-n", "-c", database], stdout=out, check=True)
        part.rename(backup)
    return database, backup


def anonymous_bytes(pid):
    """Anonymous memory of a process and all below it, in bytes."""
    total = 0
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                total = int(line.split()[1]) * 1024
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                total += anonymous_bytes(int(child))
    except (OSError, ValueError):
        pass  # it ended meanwhile
    return total


def bytes_below(folder):
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                pass  # removed meanwhile
    return total


class Watch(threading.Thread):
    """Samples what a process uses until it ends."""

    def __init__(self, pid, folder):
        super().__init__(daemon=True)
        self.pid, self.folder = pid, folder
        self.memory = self.scratch = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.05):
            self.memory = max(self.memory, anonymous_bytes(self.pid))
            self.scratch = max(self.scratch, bytes_below(self.folder))


def run_program(program, backup, folder):
    environment = dict(os.environ, TMPDIR=str(folder))
    start = time.monotonic()
    child = subprocess.Popen([program, "verify", "--quiet", backup], env=environment)
    watch = Watch(child.pid, folder)
    watch.start()
    code = child.wait()
    took = time.monotonic() - start
    watch.ended.set()
    watch.join()
    if code != 0:
        sys.exit(f"{program} verify ended with exit code {code}")
    return took, watch


def run_shell(backup, folder):
    """What people do today."""
    script = ('gunzip -c "$1" > "$2/file" && sqlite3 "$2/file" "PRAGMA integrity_check;'
              ' PRAGMA foreign_key_check; SELECT count(*) FROM messages;'
              ' SELECT count(*) FROM conversations;" && rm "$2/file"')
    start = time.monotonic()
    result = subprocess.run(["sh", "-c", script, "sh", backup, folder], capture_output=True,
                            text=True, check=True)
    took = time.monotonic() - start
    if result.stdout.split() != ["ok", str(ROWS["messages"]), str(ROWS["conversations"])]:
        sys.exit(f"unexpected answer: {result.stdout}")
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default=ROOT / "build/release/backproof")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--make-only", action="store_true")
    arguments = parser.parse_args()
    database, backup = make_backup(arguments.cache)
    if arguments.make_only:
        return
    size = database.stat().st_size
    print(f"database {size:,} bytes, backup {backup.stat().st_size:,} bytes")
    ours, theirs, memory, scratch = [], [], 0, 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="scratch-", dir=arguments.cache))
    folder.chmod(0o755)  # started by root, the worker is another user, who has to get through
    try:
        for pair in range(arguments.pairs):
            took, watch = run_program(arguments.program, backup, folder)
            ours.append(took)
            memory, scratch = max(memory, watch.memory), max(scratch, watch.scratch)
            theirs.append(run_shell(backup, folder))
            print(f"pair {pair + 1}: backproof {ours[-1]:.2f} s, shell {theirs[-1]:.2f} s",
                  flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    fast, slow = statistics.median(ours), statistics.median(theirs)
    print(f"median of {arguments.pairs}: backproof {fast:.2f} s, shell {slow:.2f} s,"
          f" {slow / fast:.1f} times faster")
    print(f"anonymous memory at most {memory / 2**20:.0f} MiB, scratch at most"
          f" {scratch / 2**20:.0f} MiB = {100 * scratch / size:.1f} % of the database")


if __name__ == "__main__":
    main()
