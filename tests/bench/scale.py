#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `backproof serve` costs with 10,000 targets while nothing is verified.

Usage: tests/bench/scale.py PROGRAM [--targets N] [--seconds N]

start:  from the command until /-/ready says so, with a new history and again with the one that it
        left.
tick:   processor time of a second in which every target is due and waits for the end of a blackout:
        of the busiest thread, which is the scheduler's, and of all together, listings of sources and
        self-tests' and drills' schedules included.
memory: resident, the most so far.
"""

import argparse
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from metrics import free_port, wait_for  # noqa: E402

# Nothing starts, but everything is due: the scheduler has to look at each target every second.
HEAD = """state_dir = "{0}/state"
scratch_dir = "{0}/scratch"
max_parallel = 2

[defaults]
schedule = "@hourly"
jitter = "30m"
blackout = ["{1:02}:00-{2:02}:00"]
on_arrival = true
"""
TARGET = """
[[target]]
name = "database-{1:05}"
source = {{ kind = "directory", path = "{0}/backups/{1:05}", pattern = "*.db" }}
"""


def make(folder, targets):
    (folder / "scratch").mkdir()
    backup = folder / "one.db"
    with sqlite3.connect(backup) as db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        db.execute("INSERT INTO t VALUES (1)")
    with open(folder / "backproof.toml", "w", encoding="utf-8") as config:
        free = (time.gmtime().tm_hour + 12) % 24  # the only hour in which something may start
        config.write(HEAD.format(folder, (free + 1) % 24, free))
        for i in range(targets):
            own = folder / "backups" / f"{i:05}"
            own.mkdir(parents=True)
            os.link(backup, own / "one.db")
            os.utime(own / "one.db", (1700000000, 1700000000))
            config.write(TARGET.format(folder, i))


def cpu_seconds(pid):
    """By thread, from schedstat: nanoseconds on a processor."""
    return {task.name: int((task / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def serve(program, folder, port):
    began = time.perf_counter()
    process = subprocess.Popen(
        [program, "serve", "--config.file", folder / "backproof.toml", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(port, "/-/ready")
    return process, time.perf_counter() - began


def end(process):
    process.terminate()
    process.wait()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--targets", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        make(folder, arguments.targets)
        port = free_port()
        process, first = serve(arguments.program, folder, port)
        end(process)
        process, again = serve(arguments.program, folder, port)
        try:
            time.sleep(10)  # the first listings are over
            began, used = time.perf_counter(), cpu_seconds(process.pid)
            time.sleep(arguments.seconds)
            now, took = cpu_seconds(process.pid), time.perf_counter() - began
            used = [1000 * (now[thread] - used[thread]) / took for thread in now if thread in used]
            memory = peak_mib(process.pid)
        finally:
            end(process)
        print(f"{arguments.targets} targets: ready after {first:.2f} s with a new history, {again:.2f} s with the old one; "
              f"{max(used):.1f} ms of processor time a second for the scheduler, {sum(used):.1f} for all threads; "
              f"{memory:.0f} MiB at most")


if __name__ == "__main__":
    main()
