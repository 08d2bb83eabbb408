#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real services for the tests of the pages: one with targets in every state, one with a thousand.

    world.py PROGRAM      writes one JSON line with the services' addresses, and obeys lines on its input:

    stop | start          ends and starts the first service again
    verify NAME           verifies a target of the first service by hand
    begin NAME            adds a target to it whose first run takes some seconds

Each is answered with "ok" when it is done. All ends with its input.
"""
import contextlib
import datetime
import gzip
import json
import pathlib
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stack"))
import backups  # noqa: E402
from stack import Stack, get, wait  # noqa: E402

HOUR, DAY, GIB = 3600, 86400, 1 << 30
HOSTILE = {
    "html": "<img src=x onerror=\"document.title='owned'\">'&amp;\\",
    "folder": "..",
    "slash": "a/../b?c#d%2e",
    "long": "a-name-without-any-blank-that-is-as-long-as-a-name-may-be-" + "x" * 70,
}
HOSTILE_TABLE = "<script>document.title='owned'</script>\nsecond line"
OBJECTIVES = 'rpo = "26h"\nrto = "10m"\n'
BY_HAND = 'schedule = "none"\n'


def utc(seconds, form="%Y-%m-%dT%H:%M:%SZ"):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(form)


class Service(Stack):
    """Only backproof, and targets with any name."""

    def source(self, name):
        return self.folder / ("backups-" + urllib.parse.quote(name, safe=""))

    def start(self):
        self.configure()
        self.exporter.start()

    def daily(self, hours_ago):
        """A schedule that was due so long ago."""
        return f'schedule = "{utc(time.time() - hours_ago * HOUR, "%M %H")} * * *"\n'


class Past:
    """Puts runs of earlier days into a service's history: copies of its targets' first runs, made larger."""

    def __init__(self, service, templates):
        """`templates`: name of a kind of run -> the target that has one."""
        self.chance = random.Random(7)
        self.db = sqlite3.connect(service.folder / "state" / "history.sqlite")
        self.db.row_factory = sqlite3.Row
        self.templates = {kind: dict(self.db.execute("SELECT * FROM runs WHERE target = ? ORDER BY seq", (name,)).fetchone())
                          for kind, name in templates.items()}

    def write(self, name, hours_ago, runs, scale=1.0):
        """The target's runs become `runs`: kinds, one a day, the last one so long ago."""
        last = time.time() - hours_ago * HOUR
        with self.db:
            self.db.execute("DELETE FROM runs WHERE target = ?", (name,))
            for place, kind in enumerate(runs):
                ago = len(runs) - 1 - place
                self._insert(name, dict(self.templates[kind]), last - ago * DAY, scale * (1.3 - ago / 130))
            self.db.execute("UPDATE targets SET created = ? WHERE name = ?", (int((last - len(runs) * DAY) * 1e6), name))
            self.db.execute("UPDATE totals SET value = ? WHERE target = ? AND name = 'runs'", (len(runs), name))

    def missed(self, tested, name, damage):
        """The self-test of a target becomes one of another, in which this damage passed."""
        [document] = self.db.execute("SELECT document FROM selftests WHERE target = ?", (tested,)).fetchone()
        test = json.loads(document)
        test |= {"target": name, "result": "failed", "reason": f"1 damage got the wrong verdict: {damage}"}
        for trial in test["trials"]:
            if trial["damage"] == damage:
                trial |= {"result": "missed", "verdict": "passed", "cause": "none", "reason": ""}
        with self.db:
            self.db.execute("INSERT INTO selftests (target, ended, result, document) SELECT ?, ended, 'failed', ? "
                            "FROM selftests WHERE target = ?", (name, json.dumps(test), tested))

    def drilled(self, name, like, days_ago, failed=None):
        """A recovery drill of the target, proven by what its run says; `failed` says what went wrong in its restore."""
        [document] = self.db.execute("SELECT document FROM runs WHERE target = ? ORDER BY seq DESC", (like,)).fetchone()
        started = time.time() - days_ago * DAY
        stages = [("canary", 0.2, "a row in drills"), ("backup", 310, "/bin/sh made it"), ("verify", 420, "passed"),
                  ("lose", 2.5, "killed and wiped"), ("restore", 500, "by the team's command"), ("prove", 160, "14 checks passed")]
        stages = [{"stage": stage, "seconds": took, "note": note} for stage, took, note in stages[:5 if failed else 6]]
        if failed:
            stages[-1] |= {"note": "", "error": {"cause": "restore", "text": failed, "hint": "run it by hand <b>"}}
        lost = started + 732
        drill = {"version": 1, "id": f"{utc(started, '%Y%m%dT%H%M%SZ')}-{self.chance.getrandbits(32):08x}", "target": name,
                 "result": "failed" if failed else "passed", "cause": "restore" if failed else None,
                 "reason": f"restore: {failed}" if failed else "", "hint": "run it by hand <b>" if failed else "",
                 "trigger": "schedule", "finished": True, "started": utc(started), "seconds": sum(s["seconds"] for s in stages),
                 "lost": utc(lost), "recovery_seconds": 0.0 if failed else 662.0, "recovery_objective_seconds": 600.0,
                 "newest": None if failed else utc(lost - 5 * HOUR), "newest_by": "" if failed else "table orders",
                 "data_loss_seconds": None if failed else 5.0 * HOUR, "data_loss_objective_seconds": 26.0 * HOUR,
                 "backup": f"/backups/{name}.db.gz", "backup_created": utc(started + 310), "stand_in": "an earlier backup, restored",
                 "by_command": True, "with_manifest": False, "stages": stages, "warnings": ["it is not encrypted <i>"],
                 "not_drilled": ["keys and passwords that may have burned with this host"],
                 "proof": None if failed else json.loads(document) | {"log": []}}
        with self.db:
            self.db.execute("INSERT INTO drills (id, target, started, ended, result, document) VALUES (?, ?, ?, ?, ?, ?)",
                            (drill["id"], name, int(started * 1e6), int((started + drill["seconds"]) * 1e6), drill["result"],
                             json.dumps(drill)))

    def _insert(self, name, row, started, scale):
        run = json.loads(row["document"])
        created = started - self.chance.uniform(1.2, 1.9) * HOUR
        run |= {"id": f"{utc(started, '%Y%m%dT%H%M%SZ')}-{self.chance.getrandbits(32):08x}", "target": name,
                "trigger": "schedule", "started": utc(started), "scheduled": utc(started)}
        run["backup"] |= {"created": utc(created), "bytes": int(0.31 * GIB * scale),
                          "path": f"/backups/{name}/{utc(created, '%Y-%m-%d')}.db.gz"}
        log = json.loads(row["log"] or "[]")
        took = self._stages(run, log, started, scale)
        run["seconds"] = took
        run["resources"] = {"user_seconds": took * 0.7, "system_seconds": took * 0.2, "max_rss_bytes": GIB // 3,
                            "max_anonymous_bytes": GIB // 50, "scratch_bytes": int(GIB * scale)}
        if run["restored"]:
            run["restored_bytes"] = int(GIB * scale)
            run["tables"] = [fact | {"rows": int(fact["rows"] * 1000 * scale)} for fact in run["tables"]]
        row |= {"id": run["id"], "target": name, "trigger": "schedule", "started": int(started * 1e6),
                "ended": int((started + took) * 1e6), "document": json.dumps(run), "log": json.dumps(log),
                "backup_path": run["backup"]["path"], "backup_created": int(created * 1e6)}
        del row["seq"]
        self.db.execute(f"INSERT INTO runs ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def _stages(self, run, log, started, scale):
        """Stretches stages, checks and log; how long all took."""
        usual = {"select": 0.2, "sandbox": 1.1, "fetch": 96, "inspect": 0.6, "restore": 310, "check": 148, "teardown": 3}
        took, lines = 0, {}
        for stage in run["stages"]:
            stage["seconds"] = round(usual[stage["stage"]] * scale * self.chance.uniform(0.93, 1.07), 3)
            took += stage["seconds"]
            lines[stage["stage"]] = utc(started + took), [["took", f"{stage['seconds']:.1f}s"]]
        for line in log:
            line["time"], fields = lines.get(line.get("stage"), (utc(started), []))
            if line["text"] == "stage ended":
                line["fields"] = fields
        for check in run["checks"]:
            check["seconds"] = round(36 * scale * self.chance.uniform(0.5, 1.5), 3)
        return round(took, 3)


def fill_with_every_state(service):
    """Targets as in stack.populate(), most of them with a past."""
    service.target("billing", service.daily(7) + OBJECTIVES, "sqlite_damaged", age=8 * HOUR)
    service.target("crm", service.daily(6) + OBJECTIVES + '[[target.check]]\nkind = "row_count"\ntable = "orders"\n'
                   "min = 1000000\n", "sqlite_good", age=7 * HOUR)
    service.target("warehouse", service.daily(5) + OBJECTIVES)
    whole = gzip.compress(backups.sqlite_file())
    backups.lay(service.source("warehouse"), "warehouse.db.gz", whole[:len(whole) // 2], time.time() - 6 * HOUR)
    service.target("vault", service.daily(9) + OBJECTIVES, "encrypted", age=10 * HOUR)
    service.target("shop", service.daily(4) + OBJECTIVES, "sqlite_good", age=5 * HOUR)
    service.target("ledger", BY_HAND + 'max_age = "3d"\n' + OBJECTIVES, "sqlite_good", age=6 * HOUR)
    service.target("mail", service.daily(8) + OBJECTIVES, "encrypted", age=9 * HOUR)
    service.target("slow", service.daily(3) + 'rpo = "1h"\nrto = "5m"\n', "sqlite_good", age=30 * HOUR)
    service.target("archive", BY_HAND + OBJECTIVES)
    service.target("staging", BY_HAND, "sqlite_good", age=3 * HOUR)
    service.target("retired", service.daily(1) + "enabled = false\n", "sqlite_good", age=40 * DAY)
    for name in HOSTILE.values():
        service.target(name, BY_HAND, "sqlite_good", age=2 * HOUR)
    service.targets[HOSTILE["html"]] += f'[[target.check]]\nkind = "row_count"\ntable = {json.dumps(HOSTILE_TABLE)}\n'
    service.targets["shop"] += '[target.selftest]\nschedule = "@weekly"\n'
    service.targets["archive"] += '[target.selftest]\nschedule = "@weekly"\n'
    for name in ("shop", "slow", "archive"):
        service.targets[name] += '[target.drill]\nbackup_command = "exit 1"\n'
    service.configure()
    for name in ("billing", "crm", "warehouse", "vault", "shop", "ledger", "mail", "slow", "retired", *HOSTILE.values()):
        service.verify(name)
    service.run("selftest", "shop", "--seed", "1")
    past = Past(service, {"passed": "shop", "damaged": "billing", "few": "crm", "cut": "warehouse", "sealed": "vault"})
    good = ["passed"]
    past.write("shop", 4, good * 9 + ["cut"] + good * 12 + ["sealed", "sealed"] + good * 9 + ["damaged"] + good * 8)
    past.write("billing", 7, good * 20 + ["damaged"] * 2, 1.25)
    past.write("crm", 6, good * 30 + ["few"], 0.4)
    past.write("warehouse", 5, good * 14 + ["cut"], 1.4)
    past.write("vault", 9, good * 5 + ["sealed"], 0.2)
    past.write("ledger", 9 * 24, good * 12, 0.3)
    past.write("mail", 8, good * 5 + ["sealed"] * 3, 0.25)
    past.write("slow", 3, good * 25, 0.7)
    past.write("retired", 40 * 24, good * 10, 0.1)
    past.missed("shop", "slow", "orphan_row")
    past.drilled("shop", "shop", 130, "the command ended with code 1")
    past.drilled("shop", "shop", 39)
    past.drilled("slow", "slow", 20, "nothing <b>was</b> restored")
    past.db.close()
    if backups.have_pg():
        service.target("imports", 'schedule = "@daily"\ntimeout = "2h"\n', "pg_sleeping")
    service.start()
    if backups.have_pg():
        wait("imports runs", lambda: shows(service, "/targets/imports", "running: restore"))


def fill_with_a_thousand(service):
    """Targets target-0000 to target-0999: 7 has failed, 8 has passed, the others never ran."""
    for number in range(1000):
        service.target(f"target-{number:04}", BY_HAND)
    service.lay("target-0007", "sqlite_damaged", 60)
    service.lay("target-0008", "sqlite_good", 60)
    service.configure()
    service.verify("target-0007")
    service.verify("target-0008")
    service.start()


def shows(service, path, text):
    try:
        return text in get(service.exporter.url + path)
    except urllib.error.HTTPError:
        return False  # not there yet


def obey(service, line):
    command, _, name = line.partition(" ")
    if command == "stop":
        service.exporter.end()
    elif command == "start":
        service.exporter.start()
    elif command == "verify":
        service.verify(name)
    elif command == "begin":
        service.target(name, 'schedule = "@daily"\ntimeout = "6s"\n', "pg_sleeping")
        service.reload()
        wait(f"{name} runs", lambda: shows(service, "/targets/" + name, "running: restore"))
    else:
        raise ValueError(line)


def main():
    with contextlib.ExitStack() as services:
        states = services.enter_context(Service(sys.argv[1], settings="max_parallel = 3\n"))
        many = services.enter_context(Service(sys.argv[1]))
        fill_with_every_state(states)
        fill_with_a_thousand(many)
        print(json.dumps({"states": states.exporter.url, "many": many.exporter.url, "hostile": HOSTILE,
                          "hostile_table": HOSTILE_TABLE, "has_pg": backups.have_pg()}), flush=True)
        for line in sys.stdin:
            obey(states, line.rstrip("\n"))
            print("ok", flush=True)


if __name__ == "__main__":
    main()
