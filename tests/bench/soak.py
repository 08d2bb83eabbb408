#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether one can forget about `backproof serve`.

Usage: tests/bench/soak.py PROGRAM [--minutes N] [--targets N] [--seed N]

Hundreds of targets, backups that arrive all the time, one in twenty of them damaged, `kill -9` of the
service and of its workers at random moments, and a scrape every second. In the end every backup has the
verdict that it was made for, no counter ever fell, every run was counted once, and nothing grew: memory,
descriptors, scratch space, processes. Fails with what was not so.
"""

import argparse
import gzip
import http.client
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from metrics import free_port  # noqa: E402

HEAD = """state_dir = "{0}/state"
scratch_dir = "{0}/scratch"
max_parallel = 2
inventory_interval = "10s"
[retention]
passed = "90d"
[defaults]
schedule = "@yearly"
on_arrival = true
timeout = "2m"
retry = {{ attempts = 20, delay = "1s", max_delay = "2s" }}
"""
TARGET = """
[[target]]
name = "t{1:03}"
source = {{ kind = "directory", path = "{0}/backups/t{1:03}", settle = "0s" }}
"""
GOOD, BAD = "passed", "failed"


class World:
    """The folders, the service, and what was put where."""

    def __init__(self, folder, program, targets, seed):
        self.folder, self.program, self.targets = folder, program, targets
        self.random = random.Random(seed)
        self.expected = {}  # verdict by (target, name)
        self.port = free_port()
        self.kinds = self.make_kinds()
        for name in ("state", "scratch", "new"):
            (folder / name).mkdir()
        (folder / "scratch").chmod(0o711)
        with open(folder / "backproof.toml", "w", encoding="utf-8") as config:
            config.write(HEAD.format(folder))
            for i in range(targets):
                (folder / "backups" / f"t{i:03}").mkdir(parents=True)
                config.write(TARGET.format(folder, i))
        self.service = None
        self.log = open(folder / "log", "wb")

    def make_kinds(self):
        """Pairs of verdict and (ending, bytes)."""
        path = self.folder / "template.db"
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
            db.execute("CREATE INDEX by_name ON customer (name)")
            db.executemany("INSERT INTO customer (name) VALUES (?)", [(f"name {i * 7919 % 10007}",) for i in range(2000)])
            dump = "\n".join(db.iterdump()).encode() + b"\n"
        file, packed = path.read_bytes(), gzip.compress(dump)
        torn = bytearray(file)
        torn[4096 * 5:4096 * 6] = b"\xff" * 4096
        good = [(".db", file), (".db.gz", gzip.compress(file)), (".sql.gz", packed), (".sql", dump)]
        bad = [(".db", bytes(torn)), (".db", file[:len(file) // 2]), (".sql.gz", packed[:len(packed) * 2 // 3]),
               (".sql", dump[:len(dump) // 2]), (".db.gz", b"")]
        return {GOOD: good, BAD: bad}

    def start(self):
        self.service = subprocess.Popen(
            [self.program, "serve", "--config.file", self.folder / "backproof.toml",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], stdout=self.log, stderr=self.log)

    def arrive(self):
        verdict = BAD if self.random.random() < 0.05 else GOOD
        ending, content = self.random.choice(self.kinds[verdict])
        target = f"t{self.random.randrange(self.targets):03}"
        name = f"b{len(self.expected):06}{ending}"
        (self.folder / "new" / name).write_bytes(content)
        self.expected[target, name] = verdict
        os.rename(self.folder / "new" / name, self.folder / "backups" / target / name)

    def history(self, question):
        with sqlite3.connect(f"file:{self.folder}/state/history.sqlite?mode=ro", uri=True, timeout=60) as db:
            return db.execute(question).fetchall()

    def judged(self):
        try:
            rows = self.history("SELECT target, json_extract(document, '$.backup.id'), verdict, count(*) FROM runs "
                                "WHERE verdict IN ('passed', 'failed') GROUP BY 1, 2, 3")
        except sqlite3.OperationalError:
            return {}  # not made yet
        seen = {}
        for target, name, verdict, times in rows:
            seen.setdefault((target, name), []).append((verdict, times))
        return seen

    def workers(self):
        children = pathlib.Path(f"/proc/{self.service.pid}/task")
        found = []
        for task in children.glob("*/children"):
            try:
                found += [int(pid) for pid in task.read_text(encoding="ascii").split()]
            except OSError:
                pass
        return found

    def left_behind(self):
        """Processes that have this world's folder in their command, or their home in it."""
        found = []
        for each in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if str(self.folder) in os.readlink(each / "cwd") + (each / "environ").read_bytes().decode(errors="replace"):
                    found.append(int(each.name))
            except OSError:
                pass
        return [pid for pid in found if pid != os.getpid()]


class Scraper(threading.Thread):
    """Asks every second, and remembers what must never be seen."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.problems, self.counters, self.sizes, self.ended = world, [], {}, [], threading.Event()
        self.scrapes = 0

    def run(self):
        while not self.ended.wait(1):
            pid = self.world.service.pid
            page = self.page()
            if page is not None:
                self.scrapes += 1
                self.look(page, pid)

    def page(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=20)
            connection.request("GET", "/metrics")
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            return text if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None  # it was just killed

    def look(self, page, pid):
        series = {}
        for line in page.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                series[name] = float(value)
        for name, value in series.items():
            if name.startswith("backproof_") and "_total" in name and "inventory_failures" not in name \
                    and "store_errors" not in name:
                if value < self.counters.get(name, 0):
                    self.problems.append(f"{name} fell from {self.counters[name]:.0f} to {value:.0f}")
                self.counters[name] = value
        self.sizes.append((pid, time.monotonic(), series["process_resident_memory_bytes"], series["process_open_fds"]))


def soak(world, scraper, seconds):
    end, next_kill, next_count, behind = time.monotonic() + seconds, time.monotonic() + 15, 0.0, 0
    kills = {"service": 0, "worker": 0}
    while time.monotonic() < end:
        now = time.monotonic()
        if now >= next_count:
            behind, next_count = len(world.expected) - len(world.judged()), now + 2
        if behind < 40:
            world.arrive()
            behind += 1
        time.sleep(0.05)
        if now < next_kill:
            continue
        next_kill = now + world.random.uniform(3, 20)
        workers = world.workers()
        # The service lives longer at times, so that what grows can be seen to.
        if workers and world.random.random() < 0.8:
            kills["worker"] += 1
            try:
                os.kill(world.random.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                pass
        elif now - end > -seconds / 2 or world.random.random() < 0.5:
            kills["service"] += 1
            world.service.kill()
            world.service.wait()
            world.start()
    return kills


def wait_for_verdicts(world, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if len(world.judged()) >= len(world.expected):
            return
        time.sleep(1)


def verdict_problems(world):
    problems, judged = [], world.judged()
    for key, verdict in world.expected.items():
        answers = judged.get(key, [])
        if [answer for answer, _ in answers] != [verdict]:
            problems.append(f"{'/'.join(key)}: made to have {verdict}, has {answers or 'no verdict'}")
    again = sum(times - 1 for answers in judged.values() for _, times in answers)
    if again:
        problems.append(f"{again} backups were judged again although nothing had changed")
    return problems


def growth_problems(scraper):
    """Of each service that lived for a minute and more: its last quarter against its second."""
    problems = []
    for pid in {pid for pid, *_ in scraper.sizes}:
        sizes = [each for each in scraper.sizes if each[0] == pid]
        if sizes[-1][1] - sizes[0][1] < 60:
            continue
        quarter = len(sizes) // 4
        for what, at, allowed in (("bytes of memory", 2, 16 << 20), ("descriptors", 3, 8)):
            early = max(each[at] for each in sizes[quarter:2 * quarter])
            late = max(each[at] for each in sizes[-quarter:])
            if late > early * 1.1 + allowed:
                problems.append(f"a service went from {early:.0f} to {late:.0f} {what}")
    return problems


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--targets", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        world = World(folder, arguments.program, arguments.targets, arguments.seed)
        world.start()
        scraper = Scraper(world)
        scraper.start()
        try:
            kills = soak(world, scraper, arguments.minutes * 60)
            wait_for_verdicts(world, 120)
            time.sleep(3)  # one more scrape, after the last verdict
            scraper.ended.set()
            scraper.join()
        finally:
            world.service.terminate()
            stopped = world.service.wait(60)
        problems = scraper.problems[:20] + verdict_problems(world)[:20] + growth_problems(scraper)
        runs = world.history("SELECT count(*) FROM runs WHERE verdict IS NOT NULL")[0][0]
        counted = sum(value for name, value in scraper.counters.items() if name.startswith("backproof_runs_total"))
        if runs != counted:
            problems.append(f"{counted:.0f} runs were counted and {runs} are on record")
        if stopped != 0:
            problems.append(f"the service ended with {stopped}")
        if left := sorted(each.name for each in (folder / "scratch").iterdir()):
            problems.append(f"left in the scratch folder: {left[:10]}")
        if left := world.left_behind():
            problems.append(f"processes are left: {left}")
        bad = sum(verdict == BAD for verdict in world.expected.values())
        print(f"{len(world.expected)} backups arrived at {arguments.targets} targets, {bad} of them damaged; {runs} runs; "
              f"killed: the service {kills['service']} times, a worker {kills['worker']} times; {scraper.scrapes} scrapes")
        for problem in problems:
            print("PROBLEM:", problem)
        if problems:
            print("".join((folder / "log").read_text(errors="replace").splitlines(keepends=True)[-40:]))
        sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
