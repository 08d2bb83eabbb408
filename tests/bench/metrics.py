#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long Prometheus waits for /metrics.

Usage: tests/bench/metrics.py PROGRAM [--pairs N] [--scrapes N] [--targets N] [--part page|load]

page: `backproof serve` with 1,000 targets against Debian's prometheus-pushgateway, which was given
      the same page; scraped alternately, each time over a new connection, plain and gzipped.
load: `backproof serve` with 200 targets while four verifications run without a pause and 500
      connections say nothing.
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TEXT = "text/plain;version=0.0.4"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def scrape(port, encoding):
    """Seconds over a new connection until the last byte, and how many there were."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/metrics", headers={"Accept": TEXT, "Accept-Encoding": encoding})
    answer = connection.getresponse()
    size = len(answer.read())
    took = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        sys.exit(f"/metrics answered {answer.status}")
    return took, size


def wait_for(port, path):
    for _ in range(600):
        with contextlib.suppress(OSError), contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


@contextlib.contextmanager
def running(command, port, ready):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, ready)
        yield
    finally:
        process.terminate()
        process.wait()


def served(program, folder, targets):
    """`backproof serve` with so many targets that nothing is due of."""
    backups = folder / "backups"
    backups.mkdir()
    lines = [f'state_dir = "{folder}/state"', f'scratch_dir = "{folder}/scratch"']
    for number in range(targets):
        lines += ["[[target]]", f'name = "target-{number:04}"', 'schedule = "none"',
                  f'source = {{ kind = "directory", path = "{backups}" }}',
                  'check = [{ kind = "row_count", min = 1 }]']
    config = folder / "backproof.toml"
    config.write_text("\n".join(lines) + "\n")
    port = free_port()
    command = [program, "serve", "--config.file", str(config),
               "--web.listen-address", f"127.0.0.1:{port}"]
    return port, running(command, port, "/-/ready")


def page_of(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/metrics", headers={"Accept": TEXT})
    return connection.getresponse().read()


def push(port, page):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    # What is the gateway's own may not be pushed.
    kept = b"".join(line for line in page.splitlines(keepends=True)
                    if b"process_" not in line)
    connection.request("PUT", "/metrics/job/bench", kept)
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"the gateway refused the page: {answer.status} {answer.read()[:200]}")


def bench_page(program, targets, pairs):
    with tempfile.TemporaryDirectory(prefix="backproof-bench-") as name:
        folder = pathlib.Path(name)
        ours, serving = served(program, folder, targets)
        theirs = free_port()
        gateway = running(["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{theirs}"],
                          theirs, "/-/ready")
        with serving, gateway:
            page = page_of(ours)
            series = sum(1 for line in page.splitlines() if line and not line.startswith(b"#"))
            push(theirs, page)
            print(f"{targets} targets, {series} series")
            for encoding in ("identity", "gzip"):
                times = {ours: [], theirs: []}
                sizes = {}
                for _ in range(pairs + 2):  # the first two warm up
                    for port, taken in times.items():
                        took, sizes[port] = scrape(port, encoding)
                        taken.append(took)
                medians = {port: statistics.median(taken[2:]) for port, taken in times.items()}
                for port, what in ((theirs, "pushgateway"), (ours, "backproof")):
                    print(f"  {encoding:8}  {what:11}  {medians[port] * 1000:8.1f} ms"
                          f"  {sizes[port]:10,} bytes")
                print(f"  {encoding:8}  {medians[theirs] / medians[ours]:.1f} times faster")


def make_backup(path):
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE INDEX t_a ON t(a);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
        " INSERT INTO t SELECT i, hex(i * 2654435761 % 4294967296), 'row ' || i FROM n;")
    database.commit()
    database.close()


def keep_verifying(program, backup, scratch, stop, counted):
    while not stop.is_set():
        done = subprocess.run([program, "verify", "--scratch-dir", scratch, backup],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit(f"a verification ended with {done.returncode}")
        counted.append(1)


def bench_load(program, targets, scrapes):
    with tempfile.TemporaryDirectory(prefix="backproof-bench-") as name, contextlib.ExitStack() as open_:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        backup = folder / "backup.db"
        make_backup(backup)
        port, serving = served(program, folder, targets)
        open_.enter_context(serving)
        for _ in range(500):
            open_.enter_context(socket.create_connection(("127.0.0.1", port)))
        stop, counted = threading.Event(), []
        threads = [threading.Thread(target=keep_verifying,
                                    args=(program, str(backup), str(folder), stop, counted))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        taken = []
        try:
            while len(taken) < scrapes:
                taken.append(scrape(port, "gzip")[0])
                time.sleep(0.02)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        taken.sort()
        at = {share: taken[min(len(taken) - 1, int(len(taken) * share))] * 1000
              for share in (0.5, 0.9, 0.99)}
        print(f"{targets} targets, 4 verifications at a time ({len(counted)} ended), 500 idle "
              f"connections, {os.cpu_count()} cores, {scrapes} scrapes: median {at[0.5]:.1f} ms, "
              f"p90 {at[0.9]:.1f} ms, p99 {at[0.99]:.1f} ms, most {taken[-1] * 1000:.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--scrapes", type=int, default=1000)
    parser.add_argument("--targets", type=int)
    parser.add_argument("--part", choices=["page", "load"])
    args = parser.parse_args()
    if args.part != "load":
        bench_page(args.program, args.targets or 1000, args.pairs)
    if args.part != "page":
        bench_load(args.program, args.targets or 200, args.scrapes)


if __name__ == "__main__":
    main()
