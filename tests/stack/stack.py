#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real stack on loopback: backproof, Prometheus, Alertmanager and a receiver of notifications.

Everything lives in one temporary folder and on free ports. The rules and both configurations are those
of alerts/, with time limits multiplied by `scale`. What was started ends with the block, with this
process at the latest, and the folder goes with it.

    from stack import Stack, populate
    with Stack("/path/to/backproof", scale=0.01) as stack:
        populate(stack)         # targets of every state: see there
        stack.query('backproof_last_run_result{result="failed"} == 1')
        stack.prometheus.url    # "http://127.0.0.1:PORT"; so have .alertmanager, .exporter and .receiver

As a command it does the same and waits for Ctrl-C:

    tests/stack/stack.py PROGRAM [--scale NUMBER]
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ALERTS = HERE.parents[1] / "alerts"
sys.path.insert(0, str(HERE))
import backups  # noqa: E402
from receiver import Receiver, everything_to  # noqa: E402

STEP = threading.Event()  # never set: waits between two looks


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, timeout=10):
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read().decode()


def wait(what, condition, seconds=30):
    """What `condition` returns as soon as it is true; fails with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        STEP.wait(0.05)


class Server:
    """One of the stack's programs."""

    def __init__(self, name, argv, folder, port, ready):
        self.name, self.argv, self.ready = name, [str(a) for a in argv], ready
        self.url, self.log, self.process = f"http://127.0.0.1:{port}", folder / f"{name}.log", None

    def start(self, seconds=30):
        with open(self.log, "ab") as log:
            # Dies with this process, however that ends.
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *self.argv], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        wait(f"{self.name} answers; its log: {self.log.read_text(errors='replace')[-1500:]}", self.answers, seconds)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.log.read_text()[-1500:]}")
        try:
            return get(self.url + self.ready, 2) is not None
        except OSError:
            return False

    def end(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Stack:
    def __init__(self, program, scale=0.01, settings="", receiver=None):
        """`settings`: lines for the beginning of backproof's configuration."""
        self.program, self.scale, self.settings = pathlib.Path(program).resolve(), scale, settings
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="backproof-stack-"))
        # Sandboxes are entered by another user when this is root.
        self.folder.chmod(0o755)
        self.targets, self.backups = {}, backups.Backups()
        self.receiver = receiver or Receiver()
        ports = {name: free_port() for name in ("exporter", "prometheus", "alertmanager")}
        self.config = self.folder / "backproof.toml"
        self.exporter = Server("backproof", [
            self.program, "serve", "--config.file", self.config, "--web.listen-address",
            f"127.0.0.1:{ports['exporter']}"], self.folder, ports["exporter"], "/-/ready")
        self.prometheus = Server("prometheus", [
            "prometheus", f"--config.file={self.folder}/prometheus.example.yml",
            f"--storage.tsdb.path={self.folder}/prometheus", "--rules.alert.resend-delay=1s",
            f"--web.listen-address=127.0.0.1:{ports['prometheus']}"], self.folder, ports["prometheus"], "/-/ready")
        self.alertmanager = Server("alertmanager", [
            "prometheus-alertmanager", f"--config.file={self.folder}/alertmanager.example.yml",
            f"--storage.path={self.folder}/alertmanager", "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{ports['alertmanager']}"], self.folder, ports["alertmanager"], "/-/ready")
        self.servers = [self.exporter, self.alertmanager, self.prometheus]

    def __enter__(self):
        # SIGTERM ends the block as Ctrl-C does.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return self

    def __exit__(self, *_):
        for server in reversed(self.servers):
            server.end()
        self.receiver.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Targets and backups

    def target(self, name, lines='schedule = "none"', lay=None, age=0):
        """Adds a target with these lines of configuration, and lays a backup of that kind for it."""
        self.source(name).mkdir(exist_ok=True)
        self.targets[name] = lines
        if lay:
            self.lay(name, lay, age)

    def source(self, name):
        return self.folder / f"backups-{name}"

    def lay(self, name, kind, age=0):
        """A backup of a kind of backups.py becomes the target's newest. `age`: seconds since it was made."""
        backups.lay(self.source(name), *self.backups.of(kind), time.time() - age)

    def configure(self):
        """Writes backproof's configuration."""
        text = f'state_dir = "state"\nscratch_dir = "scratch"\ninventory_interval = "1s"\n{self.settings}\n'
        for name, lines in self.targets.items():
            source = f'{{ kind = "directory", path = {json.dumps(str(self.source(name)))}, settle = "0s" }}'
            text += f"\n[[target]]\nname = {json.dumps(name)}\nsource = {source}\n{lines}\n"
        (self.folder / "state").mkdir(exist_ok=True)
        self.config.write_text(text)

    def reload(self):
        self.configure()
        self.exporter.process.send_signal(signal.SIGHUP)

    def run(self, *arguments):
        """backproof ARGUMENTS... with this stack's configuration."""
        command, *rest = arguments
        return subprocess.run([self.program, command, "--config.file", self.config, *rest], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)

    def verify(self, name):
        """Verifies the target's newest backup by hand; the running service shows the result. Its exit code."""
        return self.run("verify", "--quiet", "--target", name).returncode

    # The servers

    def start(self):
        """backproof first; then what watches it."""
        self.configure()
        self.exporter.start()
        self._write("prometheus.example.yml", {
            "127.0.0.1:10432": self.exporter.url[7:], "127.0.0.1:9093": self.alertmanager.url[7:]})
        self._write("backproof.rules.yml", {})
        alertmanager = self.adapted("alertmanager.example.yml")
        (self.folder / "alertmanager.example.yml").write_text(everything_to(self.receiver.url, alertmanager))
        self.alertmanager.start()
        self.prometheus.start()
        # An alert that fires before Prometheus knows its Alertmanager would be late.
        wait("Prometheus knows Alertmanager", lambda: self.api("/api/v1/alertmanagers")["activeAlertmanagers"])

    def adapted(self, name):
        """A file of alerts/ as alerts/configure writes it for this stack."""
        return subprocess.run([sys.executable, ALERTS / "configure", "--scale", str(self.scale), "--config-file",
                               self.config, ALERTS / name], check=True, capture_output=True, text=True).stdout

    def _write(self, name, replaced):
        text = self.adapted(name)
        for old, new in replaced.items():
            text = text.replace(old, new)
        (self.folder / name).write_text(text)

    # Questions

    def metrics(self):
        return get(self.exporter.url + "/metrics")

    def api(self, path, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        return json.loads(get(self.prometheus.url + path + query))["data"]

    def query(self, promql):
        """Its samples: [(labels, value)]."""
        result = self.api("/api/v1/query", query=promql)["result"]
        return [(sample["metric"], float(sample["value"][1])) for sample in result]

    def wait_for(self, promql, seconds=30):
        return wait(promql, lambda: self.query(promql), seconds)

    def firing(self, alert, **labels):
        """Whether Prometheus says so now."""
        return any(a["state"] == "firing" and a["labels"] | labels | {"alertname": alert} == a["labels"]
                   for a in self.api("/api/v1/alerts")["alerts"])


def populate(stack):
    """Starts the stack with targets of every state, and returns when Prometheus shows each of them:

    crm            passing, PostgreSQL, with objectives that are met
    shop           passing, SQLite; verified twice, grown between the two
    billing        failing, SQLite: a page of zeros
    warehouse      failing, PostgreSQL: the dump was cut
    vault          inconclusive, twice: encrypted
    archive        never ran: no backup has arrived
    staging        never ran: only by hand, and nobody did
    retired        disabled
    imports        running, for an hour; without an installed PostgreSQL it is not there
    slow           passing, but the restore took longer than its objective, and its backup is old
    """
    stack.settings += "max_parallel = 2\n"
    daily = 'schedule = "@daily"\n'
    objectives = 'rpo = "26h"\nrto = "10m"\n'
    failing = {"billing": "sqlite_damaged", "vault": "encrypted"}
    passing = {"shop": "sqlite_good", "slow": "sqlite_good"}
    if backups.have_pg():
        failing["warehouse"] = "pg_cut"
        passing["crm"] = "pg_good"
        stack.target("imports", 'schedule = "@daily"\ntimeout = "2h"', "pg_sleeping")
    for name, kind in (failing | passing).items():
        old = name == "slow"
        limits = 'rpo = "1h"\nrto = "1ms"\n' if old else objectives
        stack.target(name, daily + limits, kind, age=30 * 3600 if old else 600)
    stack.target("archive", daily + objectives)
    stack.target("staging", 'schedule = "none"', "sqlite_good")
    stack.target("retired", daily + "enabled = false", "sqlite_good")
    stack.start()
    stack.wait_for(f"count(backproof_runs_total > 0) == {len(failing | passing)}", 90)
    stack.lay("shop", "sqlite_larger")
    stack.verify("shop")
    stack.verify("vault")
    stack.wait_for('backproof_consecutive_failures{target="vault"} == 2 and on () '
                   'backproof_runs_total{target="shop"} == 2')


def demo(program, scale):
    with Stack(program, scale) as stack:
        populate(stack)
        for server in stack.servers:
            print(f"{server.name:14} {server.url}")
        print(f"{'notifications':14} {stack.receiver.url}\n{'folder':14} {stack.folder}\nCtrl-C ends all.", flush=True)
        STEP.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--scale", type=float, default=0.02, help="of the time limits; 0.02 unless given")
    given = parser.parse_args()
    try:
        demo(given.program, given.scale)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
