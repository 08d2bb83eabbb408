#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what the questions cost that make a pass mean something, on 3 million rows.

Usage: tests/bench/checks.py PROGRAM [--rounds N] [--cache FOLDER]

1. `backproof verify` of PostgreSQL dumps and of a SQLite dump, without and with a manifest beside them: the stage
   "check" with all default checks against the stage "restore".
2. `backproof manifest --postgres` against `pg_dump | sha256sum` of the same live database, alternately.
Prints medians and ratios.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "pg"))
sys.path.insert(0, str(HERE))
import cluster  # noqa: E402
import pg  # noqa: E402
import sqlite  # noqa: E402


def stages(program, backup, scratch):
    out = subprocess.run([program, "verify", "--format", "json", "--scratch-dir", scratch, backup], capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{backup}: {out.stdout[:2000]}{out.stderr[:2000]}")
    run = json.loads(out.stdout)
    compared = any(check["check"] == "manifest" and check["looked_at_data"] for check in run["checks"])
    return {stage["stage"]: stage["seconds"] for stage in run["stages"]}, compared


def measure_checks(program, name, backup, manifest, scratch, rounds):
    beside = backup.with_name(backup.name + ".manifest.json")
    taken = {False: [], True: []}
    for _ in range(rounds):
        for wanted in (False, True):
            beside.unlink(missing_ok=True)
            if wanted:
                shutil.copy(manifest, beside)
                beside.chmod(0o644)
            seconds, compared = stages(program, backup, scratch)
            if compared != wanted:
                sys.exit(f"{backup}: compared with a manifest: {compared}, not {wanted}")
            taken[wanted].append(seconds)
    beside.unlink(missing_ok=True)
    for wanted, samples in taken.items():
        restore, check = (statistics.median(s[stage] for s in samples) for stage in ("restore", "check"))
        print(f"{name:14} {'with manifest' if wanted else 'default checks':15} restore {restore:6.2f} s   check {check:5.2f} s   "
              f"{100 * check / restore:5.1f} %", flush=True)


def timed(argv, **more):
    start = time.monotonic()
    subprocess.run(argv, check=True, **more)
    return time.monotonic() - start


def measure_digest(program, live, folder, rounds):
    url = f"postgresql://postgres@/bench?host={live.folder}"
    dump = ["sh", "-c", "pg_dump bench | sha256sum"]
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(timed(dump, env=live.environment, stdout=subprocess.DEVNULL))
        ours.append(timed([program, "manifest", "--postgres", url, "--output", folder / "live.json"]))
    a, b = statistics.median(theirs), statistics.median(ours)
    print(f"pg_dump | sha256sum {a:.2f} s, backproof manifest {b:.2f} s: {a / b:.2f} times faster")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default=pg.ROOT / "build/release/backproof")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=pathlib.Path, default=pg.ROOT / "build")
    arguments = parser.parse_args()
    plain, custom = pg.make_dumps(arguments.cache.absolute() / "bench-pg/full", pg.ROWS)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-checks-", dir=arguments.cache))
    folder.chmod(0o755)  # started by root, the worker is another user, who has to get through
    try:
        database = folder / "bench.db"
        sqlite.make_database(database)
        # Texts with NULs, which .dump cuts at the first: a manifest finds that.
        subprocess.run(["sqlite3", database, "UPDATE documents SET content = CAST(content AS BLOB)"], check=True)
        with open(folder / "bench.sql", "w") as text:
            subprocess.run(["sqlite3", database, ".dump"], stdout=text, check=True)
        subprocess.run([arguments.program, "manifest", "--sqlite", database, "--output", folder / "sqlite.json"], check=True)
        measure_checks(arguments.program, "SQLite dump", folder / "bench.sql", folder / "sqlite.json", folder, arguments.rounds)
        measure_checks(arguments.program, "SQLite file", database, folder / "sqlite.json", folder, arguments.rounds)
        with cluster.Cluster() as live:
            live.psql("postgres", "CREATE DATABASE bench")
            subprocess.run(["pg_restore", "-j2", "-d", "bench", custom], env=live.environment, check=True)
            live.psql("bench", "VACUUM ANALYZE")
            measure_digest(arguments.program, live, folder, arguments.rounds)
            shutil.copy(folder / "live.json", folder / "pg.json")
        for name, dump in (("pg_dump plain", plain), ("pg_dump custom", custom)):
            copy = folder / dump.name
            shutil.copy(dump, copy)
            measure_checks(arguments.program, name, copy, folder / "pg.json", folder, arguments.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
