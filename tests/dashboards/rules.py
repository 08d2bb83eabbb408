# SPDX-License-Identifier: Apache-2.0
"""What a dashboard must be like, as far as its file tells: schema, ids, places, units, variables, links, metrics."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT_IN = {"__rate_interval", "__interval", "__range", "__url_time_range", "__value", "__data", "__all"}
VARIABLE = re.compile(r"\$\{(\w+)(?:\.[^:}]+)?(?::(\w+))?\}|\$([A-Za-z_]\w*)")
SELECTOR = re.compile(r"\b((?:backproof|process)_\w+)(\{(?:\$\{[^}]*\}|[^}])*\})?")
PANEL_TYPES = {"row", "stat", "bargauge", "table", "timeseries", "state-timeline"}
UNITS = {"none", "s", "bytes", "percentunit", "dateTimeFromNow", "short"}
# Panels that show counters as they are, with a heading that says so.
EVER = ("panel 'Checks'", "panel 'Why runs did not pass'")
LINKED = ["var-datasource=${datasource}", "var-instance=", "var-target=", "${__url_time_range}"]


def known_metrics():
    """Metric -> (type, labels, what it is where there is nothing), from the README's table."""
    text = (ROOT / "README.md").read_text()
    table = text.split("<!-- metrics -->")[1].split("<!-- end of metrics -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|.*\| ([^|]*) \|$", table, re.M)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels)), none) for name, kind, labels, none in rows}


class Dashboard:
    def __init__(self, path):
        self.path, self.problems = path, []
        try:
            self.json = json.loads(path.read_text())
        except ValueError as error:
            self.json = None
            self.problem("file", f"is no JSON: {error}")
            return
        self.panels = [p for panel in self.json.get("panels", []) for p in [panel] + panel.get("panels", [])]
        self.variables = {v["name"]: v for v in self.json.get("templating", {}).get("list", [])}

    def problem(self, where, what):
        self.problems.append(f"{self.path.name}: {where}: {what}")

    def queries(self):
        """(where, query) of every panel."""
        for panel in self.panels:
            for target in panel.get("targets", []):
                yield f"panel {panel.get('title')!r} {target.get('refId')}", panel, target

    def expressions(self):
        for where, _, target in self.queries():
            yield where, target.get("expr", "")
        for annotation in self.json.get("annotations", {}).get("list", []):
            yield f"annotation {annotation.get('name')!r}", annotation.get("expr", "")
        for name, variable in self.variables.items():
            if variable["type"] == "query":
                yield f"variable {name}", variable["query"]["query"]


def check_frame(d):
    json_ = d.json
    if not re.fullmatch(r"[a-z0-9-]{1,40}", str(json_.get("uid"))):
        d.problem("dashboard", "no uid that links can use")
    wanted = {"schemaVersion": 39, "editable": False, "refresh": "1m", "graphTooltip": 1, "timezone": "browser"}
    for key, value in wanted.items():
        if json_.get(key) != value:
            d.problem("dashboard", f"{key} is {json_.get(key)!r}, not {value!r}")
    for key in ("title", "description", "tags", "links", "time"):
        if not json_.get(key):
            d.problem("dashboard", f"no {key}")
    for key in ("id", "__inputs", "__requires"):
        if json_.get(key):
            d.problem("dashboard", f"{key} has no place in a provisioned file")
    for link in json_.get("links", []):
        if not (link.get("keepTime") and link.get("includeVars") and set(link.get("tags", [])) <= set(json_.get("tags", []))):
            d.problem("dashboard", "its link must keep time and variables and lead to its own tag")


def check_variables(d):
    source = d.variables.get("datasource", {})
    if source.get("type") != "datasource" or source.get("query") != "prometheus":
        d.problem("variable datasource", "there must be one, of Prometheus")
    for name, variable in d.variables.items():
        if variable["type"] != "query":
            continue
        if variable.get("refresh") != 2:
            d.problem(f"variable {name}", "must be asked anew when the time range changes (refresh 2)")
        check_source(d, f"variable {name}", variable)
        if not re.fullmatch(r"label_values\(.+, \w+\)", variable["query"]["query"]):
            d.problem(f"variable {name}", "is no label_values(metric, label)")
    for annotation in d.json.get("annotations", {}).get("list", []):
        check_source(d, f"annotation {annotation.get('name')!r}", annotation)
    for where in re.finditer(VARIABLE, json.dumps(d.json)):
        name = where[1] or where[3]
        if name not in d.variables and name not in BUILT_IN:
            d.problem("dashboard", f"unknown variable ${name}")


def check_source(d, where, thing):
    if thing.get("datasource") != {"type": "prometheus", "uid": "${datasource}"}:
        d.problem(where, "its data source is not ${datasource}")


def check_panels(d):
    ids = [panel.get("id") for panel in d.panels]
    for number in {n for n in ids if ids.count(n) > 1 or not isinstance(n, int)}:
        d.problem("dashboard", f"panel id {number} is not unique")
    cells = {}
    for panel in d.panels:
        where = f"panel {panel.get('title')!r}"
        grid = panel.get("gridPos", {})
        x, y, w, h = (grid.get(key, -1) for key in "xywh")
        if min(x, y) < 0 or min(w, h) < 1 or x + w > 24:
            d.problem(where, "does not lie on the grid")
        for cell in ((column, line) for column in range(x, x + w) for line in range(y, y + h)):
            if cells.setdefault(cell, panel) is not panel:
                d.problem(where, f"overlaps panel {cells[cell].get('title')!r}")
                break
        if panel.get("type") not in PANEL_TYPES:
            d.problem(where, f"type {panel.get('type')!r} is not used here")
        if not panel.get("title"):
            d.problem(where, "no title")
        if panel.get("type") != "row":
            check_panel(d, where, panel)
            check_overrides(d, where, panel)
            check_links(d, where, panel)


def check_panel(d, where, panel):
    if len(panel.get("description", "")) < 20:
        d.problem(where, "no description that helps a stranger")
    check_source(d, where, panel)
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    if not defaults.get("noValue"):
        d.problem(where, "does not say what no value means (noValue)")
    units = [defaults.get("unit")] + [p["value"] for o in panel["fieldConfig"].get("overrides", []) for p in o["properties"] if p["id"] == "unit"]
    for unit in units:
        if unit not in UNITS:
            d.problem(where, f"unit {unit!r}")
    targets = panel.get("targets", [])
    refs = [target.get("refId") for target in targets]
    if not targets or len(set(refs)) != len(refs):
        d.problem(where, "no query, or two of one letter")
    for target in targets:
        check_source(d, f"{where} {target.get('refId')}", target)
        if (panel["type"] in ("timeseries", "state-timeline")) == bool(target.get("instant")):
            d.problem(f"{where} {target.get('refId')}", "a time line needs a range of values, anything else one of now")
    for mapped in re.findall(r'\{"text": "([^"]*)"', json.dumps(panel)):
        if not mapped.strip():
            d.problem(where, "a value is mapped to nothing but a colour")


def check_overrides(d, where, panel):
    """An override of a name that nothing has would be without effect, and nobody would see that."""
    names = {target.get("legendFormat") for target in panel.get("targets", [])}
    for transformation in panel.get("transformations", []):
        names |= set(transformation["options"].get("renameByName", {}).values())
    for override in panel["fieldConfig"].get("overrides", []):
        matcher = override["matcher"]
        wanted = matcher["options"].split("|") if matcher["id"] == "byRegexp" else [matcher["options"]]
        for name in set(wanted) - names:
            if not any("{{" in known for known in names if known):
                d.problem(where, f"an override is for {name!r}, which is not there")


def check_links(d, where, panel):
    for override in panel["fieldConfig"].get("overrides", []):
        for link in (link for p in override["properties"] if p["id"] == "links" for link in p["value"]):
            url = link.get("url", "")
            if not re.match(r"/d/backproof-[a-z]+\?", url):
                d.problem(where, f"a link leads to {url[:40]!r}")
            for part in LINKED:
                if part not in url:
                    d.problem(where, f"a link does not carry {part}")
            for value in re.findall(r"=(\$\{__[^}]*\})", url):
                if not value.endswith(":percentencode}"):
                    d.problem(where, f"a link has {value} as it is, not encoded")


def check_expressions(d, metrics):
    for where, expression in d.expressions():
        selectors = re.findall(SELECTOR, expression)
        if not selectors:
            d.problem(where, "no metric in it")
        for name, selector in selectors:
            if name not in metrics:
                d.problem(where, f"unknown metric {name}")
                continue
            kind, labels, none = metrics[name]
            for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", selector):
                if label not in labels | {"job", "instance"}:
                    d.problem(where, f"{name} has no label {label}")
            if not where.startswith("variable") and 'job=~"$job"' not in selector:
                d.problem(where, f"{name} is not selected by job")
            counted = re.search(r"(rate|increase|changes)\(" + re.escape(name + selector) + r"\[\$__(rate_interval|range)\]", expression)
            if kind == "counter" and not where.startswith("variable") and not counted and not where.startswith(EVER):
                d.problem(where, f"{name} is a counter and is not increased over an interval")
            if zero_is_nothing(name, none) and not all_compared(expression, name + selector):
                d.problem(where, f"0 means none, but {name} is used without > 0")


def zero_is_nothing(name, none):
    """Of times and of limits."""
    return name.endswith("_timestamp_seconds") and none == "0" or none == "0 = none" or name.endswith("_max_age_seconds")


def all_compared(expression, selector):
    behind = re.findall(re.escape(selector) + r"\)*\s*(> 0|== 0)?", expression)
    return all(behind)


def check(path, metrics):
    """The dashboard, with its problems."""
    d = Dashboard(path)
    if d.json is not None:
        check_frame(d)
        check_variables(d)
        check_panels(d)
        check_expressions(d, metrics)
    return d
