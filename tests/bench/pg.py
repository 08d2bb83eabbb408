#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `backproof verify` with psql and pg_restore on PostgreSQL dumps of 1 GB of SQL.

Usage: tests/bench/pg.py PROGRAM [--rounds N] [--settle SECONDS] [--cache FOLDER] [--small] [--throw-away]
                         [--only WORDS] [--make-only]

Makes the dumps once, then runs these alternately as whole processes:
  psql            gunzip -c plain | psql, into a stock cluster that is new and already runs
  pg_restore      pg_restore -j2 of the custom archive, into another such cluster
  psql+, pg_restore+   the same with settings that only a throw-away cluster may have (--throw-away)
  plain, custom   backproof verify of either file: start of a server and all default checks included
and prints of each the median wall time, the processor seconds of all processes, the seconds in which
cores idled, and for backproof the most anonymous memory of its own processes, its stages, and what the
cores did in each kind of the server's work. --only takes some of these words, separated by commas. Every
sample waits first (--settle): an ext4 file system without a journal looks through the files that were
deleted in the last minute for each new one, which no nightly run meets.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/pg"))
import cluster as pg  # noqa: E402

ROWS = {"users": 200_000, "conversations": 500_000, "messages": 3_000_000, "documents": 200_000}
SCHEMA = """
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text, created timestamptz NOT NULL);
CREATE TABLE conversations (id bigint PRIMARY KEY, user_id bigint NOT NULL, title text, created timestamptz NOT NULL);
CREATE TABLE messages (id bigint PRIMARY KEY, conversation_id bigint NOT NULL, role text NOT NULL, body text NOT NULL,
                       created timestamptz NOT NULL);
CREATE TABLE documents (id bigint PRIMARY KEY, user_id bigint NOT NULL, name text NOT NULL, content text);
"""
# A multiplicative hash of the row's number stands for randomness: repeatable, and no two alike.
MIX = "(n * 2654435761 % 4294967296)"
START = "'2024-01-01 00:00:00+00'::timestamptz"
FILL = {
    "users": f"n, 'user' || n || '@example.org', 'Name ' || {MIX}, {START} + n * interval '97 s'",
    "conversations": f"n, 1 + {MIX} % @users, 'Talk about ' || {MIX}, {START} + n * interval '59 s'",
    "messages": f"n, 1 + {MIX} % @conversations, CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,"
                " left(left(md5(n::text), 22) || ' answers ' || left(md5((n * 7)::text), 20) || ' because of '"
                f" || n || ' and of ' || {MIX} || ' several reasons that are told in a long sentence, over and over,"
                " with a remark on ' || (n * 17) || ' things that somebody may have asked about before, and one"
                f" more', 172 + (n % 157)::int), {START} + n * interval '11 s'",
    "documents": "n, 1 + n * 7919 % @users, 'document ' || n, repeat(md5((n % 977)::text) || ' text of a page ',"
                 " 8 + (n % 9)::int)",
}
INDEXES = """
CREATE INDEX messages_by_conversation ON messages (conversation_id, created);
CREATE INDEX messages_by_time ON messages (created);
ALTER TABLE conversations ADD FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE messages ADD FOREIGN KEY (conversation_id) REFERENCES conversations;
ALTER TABLE documents ADD FOREIGN KEY (user_id) REFERENCES users;
"""
TICK = os.sysconf("SC_CLK_TCK")


def filled(text, rows):
    for table, count in rows.items():
        text = text.replace("@" + table, str(count))
    return text


def make_dumps(cache, rows):
    """Writes each under another name first, so that a half-made one is never used."""
    plain, custom = cache / "bench.sql.gz", cache / "bench.dump"
    if plain.exists() and custom.exists():
        return plain, custom
    print("making the dumps (once)", file=sys.stderr)
    cache.mkdir(parents=True, exist_ok=True)
    with pg.Cluster(pg.THROW_AWAY | {"shared_buffers": "512MB", "maintenance_work_mem": "512MB"}) as cluster:
        cluster.psql("postgres", "CREATE DATABASE bench")
        cluster.psql("bench", SCHEMA)
        for table, count in rows.items():
            cluster.psql("bench", f"INSERT INTO {table} SELECT {filled(FILL[table], rows)}"
                                  f" FROM generate_series(1, {count}::bigint) AS n")
        cluster.psql("bench", INDEXES)
        part = cache / "part"
        cluster.client(["pg_dump", "-Fc", "-f", part, "-d", "bench"])
        part.rename(custom)
        with open(part, "wb") as out:
            text = subprocess.Popen([cluster.bin / "pg_dump", "-d", "bench"], env=cluster.environment, stdout=subprocess.PIPE)
            subprocess.run(["gzip", "-6", "-n"], stdin=text.stdout, stdout=out, check=True)
            if text.wait() != 0:
                sys.exit("pg_dump failed")
        part.rename(plain)
    return plain, custom


def tree(pid):
    """A process and all below it."""
    found = [pid]
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    except (OSError, ValueError):
        pass  # it ended meanwhile
    return found


def used_by(pid):
    """Processor seconds so far of a process, of all below it, and of those that it waited for."""
    total = 0
    for one in tree(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(int(x) for x in fields[11:15])
        except (OSError, ValueError, IndexError):
            pass
    return total / TICK


def machine():
    """Seconds in which cores idled, and were busy, since the machine started."""
    fields = [int(x) / TICK for x in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields) - fields[3] - fields[4]


def waited():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def work_of(pids):
    """What the server's sessions do, by the titles of their processes."""
    titles = ""
    for pid in pids:
        try:
            titles += pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            pass  # it ended meanwhile
    return next((work for work in ("COPY", "CREATE INDEX", "SELECT") if f"[local] {work}" in titles), "other")


class Watcher(threading.Thread):
    """Samples a process and those below it: anonymous memory, ours and the server's, and for each kind of
    work of the server the seconds, and those in which the machine's cores were busy and idle."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.ours, self.server = pid, 0, 0
        self.works = {}
        self.ended = threading.Event()

    def run(self):
        before, then = machine(), time.monotonic()
        while not self.ended.wait(0.05):
            pids = tree(self.pid)
            after, now = machine(), time.monotonic()
            work = self.works.setdefault(work_of(pids), [0.0, 0.0, 0.0])
            for i, more in enumerate((now - then, after[1] - before[1], after[0] - before[0])):
                work[i] += more
            before, then = after, now
            ours = server = 0
            for one in pids:
                try:
                    status = pathlib.Path(f"/proc/{one}/status").read_text()
                except OSError:
                    continue
                size = sum(int(line.split()[1]) * 1024 for line in status.split("\n") if line.startswith("RssAnon:"))
                if status.split("\n", 1)[0].split("\t")[1].startswith("postgres"):
                    server += size
                else:
                    ours += size
            self.ours, self.server = max(self.ours, ours), max(self.server, server)


class Sample:
    """What one run took, between its construction and done()."""

    settle = 75

    def __init__(self, before=0.0):
        self.phases, self.watcher = {}, None
        os.sync()
        time.sleep(self.settle)
        self.idle, self.start = machine()[0], time.monotonic()
        self.cpu = waited() + before

    def stop_watch(self):
        self.wall, self.idle = time.monotonic() - self.start, machine()[0] - self.idle

    def done(self):
        self.cpu = waited() - self.cpu
        return self


def count_in(cluster, rows):
    for table, count in rows.items():
        if int(cluster.psql("bench", f"SELECT count(*) FROM {table}")) != count:
            sys.exit(f"{table} has not {count} rows")


def run_tool(argv, settings, template, rows):
    """A restore into a new cluster, which is already up when the watch starts."""
    cluster = pg.Cluster(settings, template)
    try:
        cluster.start()
        cluster.psql("postgres", "CREATE DATABASE bench")
        sample = Sample(used_by(cluster.server.pid))
        environment = cluster.environment | {"PGDATABASE": "bench"}
        result = subprocess.run(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        sample.stop_watch()
        if result.returncode != 0 or result.stderr:
            sys.exit(f"{argv} ended with exit code {result.returncode}: {result.stderr}")
        counting = used_by(cluster.server.pid)
        count_in(cluster, rows)
        sample.cpu += used_by(cluster.server.pid) - counting
    finally:
        cluster.stop()
    return sample.done()


def run_program(program, file, rows, scratch):
    sample = Sample()
    child = subprocess.Popen([program, "verify", "--format", "json", "--scratch-dir", scratch, file],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watcher = Watcher(child.pid)
    watcher.start()
    out, err = child.communicate()
    sample.stop_watch()
    watcher.ended.set()
    watcher.join()
    if child.returncode != 0:
        sys.exit(f"{program} verify {file} ended with exit code {child.returncode}: {out[:3000]}{err[:2000]}")
    run = json.loads(out)
    counted = {table["table"]: table["rows"] for table in run["tables"]}
    if run["verdict"] != "passed" or counted != rows:
        sys.exit(f"verdict {run['verdict']}, tables {counted}")
    sample.phases = {stage["stage"]: stage["seconds"] for stage in run["stages"]}
    sample.watcher = watcher
    return sample.done()


def report(ways, samples):
    for way in ways:
        all_of = samples[way]
        median = lambda of: statistics.median(of(s) for s in all_of)  # noqa: E731
        line = (f"{way:12} {median(lambda s: s.wall):7.2f} s   processors {median(lambda s: s.cpu):6.2f} s   idle cores "
                f"{median(lambda s: s.idle):6.2f} s")
        print(line)
        if all_of[0].watcher is None:
            continue
        print(f"{'':14}anonymous memory at most {max(s.watcher.ours for s in all_of) / 2**20:.0f} MiB"
              f" (server {max(s.watcher.server for s in all_of) / 2**20:.0f} MiB)")
        print(f"{'':14}stages: "
              + ", ".join(f"{stage} {median(lambda s: s.phases.get(stage, 0)):.2f} s" for stage in all_of[0].phases))
        for work in all_of[0].watcher.works:
            took, busy, idle = (median(lambda s: s.watcher.works.get(work, [0, 0, 0])[i]) for i in range(3))
            print(f"{'':14}server's work {work}: {took:.2f} s, cores busy {busy:.2f} s, idle {idle:.2f} s")
    wall = {way: statistics.median(s.wall for s in samples[way]) for way in ways}
    for ours, theirs in (("plain", "psql"), ("plain", "psql+"), ("custom", "pg_restore"), ("custom", "pg_restore+")):
        if ours in wall and theirs in wall:
            print(f"backproof {ours} is {wall[theirs] / wall[ours]:.2f} times faster than {theirs}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default=ROOT / "build/release/backproof")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--settle", type=float, default=Sample.settle, metavar="SECONDS")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "build/bench-pg")
    parser.add_argument("--small", action="store_true", help="a fiftieth of the rows")
    parser.add_argument("--throw-away", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--make-only", action="store_true")
    arguments = parser.parse_args()
    Sample.settle = arguments.settle
    if pg.server_bin() is None:
        sys.exit("no PostgreSQL server is installed (package postgresql)")
    rows = {table: count // 50 if arguments.small else count for table, count in ROWS.items()}
    cache = arguments.cache.absolute() / ("small" if arguments.small else "full")
    plain, custom = make_dumps(cache, rows)
    if arguments.make_only:
        return
    print(f"plain {plain.stat().st_size:,} bytes, custom {custom.stat().st_size:,} bytes, {os.cpu_count()} cores, {pg.server_bin()}")
    ways = ["psql", "pg_restore"] + (["psql+", "pg_restore+"] if arguments.throw_away else []) + ["plain", "custom"]
    if arguments.only:
        ways = arguments.only.split(",")
    tools = {"psql": ["sh", "-c", 'gunzip -c "$1" | psql -X -q -v ON_ERROR_STOP=1', "sh", plain],
             "pg_restore": ["pg_restore", "-j2", "-d", "bench", custom]}
    template = pathlib.Path(tempfile.mkdtemp(prefix="scratch-", dir=cache))
    template.chmod(0o755)  # started by root, the worker is another user, who has to get through
    samples = {way: [] for way in ways}
    try:
        with pg.Cluster() as cluster:
            cluster.server.send_signal(2)
            cluster.server.wait()
            subprocess.run(["cp", "-a", cluster.data, template / "cluster"], check=True)
        (template / "scratch").mkdir()
        for number in range(arguments.rounds):
            for way in ways:
                if way in ("plain", "custom"):
                    sample = run_program(arguments.program, plain if way == "plain" else custom, rows, template / "scratch")
                else:
                    tool = tools[way.rstrip("+")]
                    if tool[0] != "sh":
                        tool = [pg.server_bin() / tool[0], *tool[1:]]
                    sample = run_tool(tool, pg.THROW_AWAY if way.endswith("+") else {}, template / "cluster", rows)
                samples[way].append(sample)
                print(f"round {number + 1}: {way} {sample.wall:.2f} s", flush=True)
    finally:
        shutil.rmtree(template, ignore_errors=True)
    report(ways, samples)


if __name__ == "__main__":
    main()
