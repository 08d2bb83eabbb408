# SPDX-License-Identifier: Apache-2.0
"""Asks a Prometheus a dashboard's queries, as Grafana would."""
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

from rules import VARIABLE


class Prometheus:
    def __init__(self, url):
        self.url = url.rstrip("/") + "/api/v1/"

    def ask(self, path, **parameters):
        try:
            with urllib.request.urlopen(self.url + path + "?" + urllib.parse.urlencode(parameters), timeout=10) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def query(self, path, expression, **parameters):
        data = urllib.parse.urlencode({"query": expression} | parameters).encode()
        try:
            with urllib.request.urlopen(self.url + path, data, timeout=10) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            return json.load(error)


def one_of(written):
    return written[0] if len(written) == 1 else "(" + "|".join(written) + ")"


def written(values, how):
    """As Grafana writes chosen values: plainly, of which several may be chosen; with :regex, for between back quotes."""
    if how == "regex":
        return one_of([re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", v) for v in values])
    return one_of([re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", v.replace("\\", "\\\\\\\\")) for v in values])


class Live:
    """The dashboard's variables and queries, filled in as Grafana does it."""

    def __init__(self, d, prometheus, may_be_empty):
        self.d, self.prometheus, self.may_be_empty = d, prometheus, may_be_empty
        self.end = time.time()
        amount, unit = re.fullmatch(r"now-(\d+)([hd])", d.json["time"]["from"]).groups()
        self.range = int(amount) * {"h": 3600, "d": 86400}[unit]
        self.step = self.range // 300
        # Variable -> its values, or text to be written as it is. Each choice of a variable that takes one value
        # is tried; any of them may return the data.
        self.choices = [{"__rate_interval": f"{self.step + 60}s", "__interval": f"{self.step}s", "__range": f"{self.range}s"}]

    def fill(self, text, values):
        def value(match):
            chosen = values.get(match[1] or match[3], match[0])
            return chosen if isinstance(chosen, str) else written(chosen, match[2])
        return re.sub(VARIABLE, value, text)

    def load_variables(self):
        for name, variable in self.d.variables.items():
            if variable["type"] != "query":
                continue
            selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", self.fill(variable["query"]["query"], self.choices[0])).groups()
            reply = self.prometheus.ask(f"label/{label}/values", **{"match[]": selector}, start=self.end - self.range, end=self.end)
            found = reply.get("data")
            if not found:
                self.d.problem(f"variable {name}", f"no values: {reply.get('error', selector)}")
                found = [""]
            if variable.get("multi"):
                self.choices = [c | {name: variable.get("allValue") or found} for c in self.choices]
            else:
                self.choices = [c | {name: [value]} for c in self.choices for value in found]

    def answers(self, target, choice):
        expression = self.fill(target["expr"], choice)
        if target.get("instant"):
            return self.prometheus.query("query", expression, time=self.end)
        return self.prometheus.query("query_range", expression, start=self.end - self.range, end=self.end, step=self.step)

    def check(self):
        self.load_variables()
        for where, panel, target in self.d.queries():
            for choice in self.choices:
                reply = self.answers(target, choice)
                if reply["status"] != "success" or reply["data"]["result"]:
                    break
            if reply["status"] != "success":
                self.d.problem(where, reply["error"])
            elif not reply["data"]["result"] and panel["title"] not in self.may_be_empty:
                self.d.problem(where, f"no data: {target['expr'][:120]}")
        for annotation in self.d.json["annotations"]["list"]:
            reply = self.prometheus.query("query", self.fill(annotation["expr"], self.choices[0]))
            if reply["status"] != "success":
                self.d.problem(f"annotation {annotation['name']!r}", reply["error"])
