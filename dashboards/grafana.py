# SPDX-License-Identifier: Apache-2.0
"""The parts that both dashboards are made of: panels, queries, words and colours, laid out on Grafana's grid."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
TAG = "backup-verification-mixin"
NEUTRAL, GREY, GREEN, BLUE = "#47505f", "#7b838f", "semi-dark-green", "semi-dark-blue"
YELLOW, ORANGE, RED, PURPLE = "#b98a00", "dark-orange", "semi-dark-red", "semi-dark-purple"

# Answer to "can we restore?": number, words, colour. The numbers sort the table, worst first.
ANSWERS = [
    (9, "No, backup is bad", RED), (8, "No backup found", RED), (7, "Proof overdue", ORANGE),
    (6, "Backup too old", ORANGE), (5, "Could not tell", PURPLE), (4, "Yes, but too slowly", YELLOW),
    (3, "Not proven yet", BLUE), (2, "Yes, proven", GREEN), (1, "Disabled", GREY),
]
RESULTS = [(0, "Never ran", GREY), (1, "Passed", GREEN), (2, "Inconclusive", PURPLE), (3, "Failed", RED)]

# The phases of a run, in their order.
PHASES = [("select", "#8f96a3"), ("fetch", "#5794f2"), ("inspect", "#b877d9"), ("sandbox", "#e0b400"), ("restore", "#2f9fb0"),
          ("check", "#ff9830"), ("teardown", "#705da0")]

# The stages of a recovery drill, in their order.
DRILL_STAGES = [("canary", "#8f96a3"), ("backup", "#5794f2"), ("verify", "#b877d9"), ("lose", "#e0b400"), ("restore", "#2f9fb0"),
                ("prove", "#ff9830")]
DRILLS = [(1, "Failed", RED), (2, "Passed", GREEN)]

# What every cause says, for people who do not know the list; reds blame the backup, blues and purples the test.
CAUSES = {
    "empty": ("Backup: it is empty", "#8f2d2d"),
    "truncated": ("Backup: it ends too early", "#e02f44"),
    "damaged": ("Backup: bytes in it are wrong", "#ff7383"),
    "wrong_format": ("Backup: it is something else", "#c4624d"),
    "restore_error": ("Backup: it does not restore", "#fa6400"),
    "incomplete": ("Backup: something is missing", "#e0752d"),
    "check_failed": ("Backup: a check disagrees", "#f2a65a"),
    "hostile": ("Backup: it attacks the restore", "#a8324f"),
    "fetch": ("Test: backup could not be read", "#5794f2"),
    "decrypt": ("Test: it could not be decrypted", "#3d71d9"),
    "space": ("Test: no space for the sandbox", "#8f5ec9"),
    "timeout": ("Test: it took too long", "#1f60c4"),
    "isolation": ("Test: sandbox is not tight", "#5a4fcf"),
    "version": ("Test: database server too old", "#8ab8ff"),
    "missing_tool": ("Test: a tool is missing", "#ca95e5"),
    "unproven": ("Test: nothing proves it is whole", "#3f97a8"),
    "cancelled": ("Test: it was cancelled", "#8b98b0"),
    "interrupted": ("Test: backproof was stopped", "#6ed0e0"),
    "crashed": ("Test: the worker crashed", "#584477"),
    "internal": ("Test: error in backproof", "#37872d"),
}


class Metrics:
    """Writes series of one target each, with the selection that the dashboard's variables make.

    Targets may have any name: between back quotes, with :regex, also one with quotes and backslashes selects itself.
    """

    def __init__(self):
        self.process = 'job=~"$job", instance=~"$instance"'
        self.target = self.process + ", target=~`${target:regex}`"

    def of(self, name, extra=""):
        return f"backproof_{name}{{{self.target}{', ' if extra else ''}{extra}}}"

    def one(self, name, extra=""):
        return f"max by (job, instance, target) ({self.of(name, extra)})"

    def process_one(self, name, extra=""):
        return f"max by (job, instance) ({name}{{{self.process}{', ' if extra else ''}{extra}}})"

    def answer(self):
        """One of ANSWERS; the first condition that holds. A disabled target is asked nothing, as it alerts of nothing."""
        one = self.one
        result = lambda name: one("last_run_result", f'result="{name}"') + " == 1"
        return "\nor ".join([
            f"({one('target_enabled')} == 0) * 0 + 1",
            f"({one('failed_since_success')} == 1) * 0 + 9",
            f"({one('backups')} == 0 and {one('backup_inventory_timestamp_seconds')} > 0) * 0 + 8",
            f"({self.unproven_for()} > ({one('verification_max_age_seconds')} > 0)) * 0 + 7",
            f"({self.age('backup_latest')} > ({one('rpo_objective_seconds')} > 0)) * 0 + 6",
            f"({result('inconclusive')}) * 0 + 5",
            f"({one('last_success_timestamp_seconds')} == 0) * 0 + 3",
            f"({one('last_restore_duration_seconds')} > ({one('rto_objective_seconds')} > 0)) * 0 + 4",
            f"{one('target_enabled')} * 0 + 2",
        ])

    def result(self):
        part = lambda name, weight: f"{weight} * " + self.one("last_run_result", f'result="{name}"')
        return " + ".join([part("passed", 1), part("inconclusive", 2), part("failed", 3)])

    def drill(self):
        """One of DRILLS, of targets whose drills gave an answer."""
        return f"{self.one('drill_success')} + 1 and ({self.one('drill_last_timestamp_seconds')} > 0)"

    def age(self, name):
        return f"time() - ({self.one(name + '_timestamp_seconds')} > 0)"

    def causes(self, labels):
        """Causes of runs that did not pass in the time range, and those of targets whose last run did not pass whenever they were.

        Gives (their number in the time range, and ever).
        """
        failures = self.of("run_failures_total")
        inside = f"round(sum by ({labels}, cause) (increase({failures}[$__range]))) > 0"
        ever = f"sum by ({labels}, cause) ({failures}) > 0"
        unsettled = f"sum by ({labels}) ({self.of('consecutive_failures')}) > 0"
        shown = f"({inside}) or ({ever} and on ({labels}) {unsettled}) * 0"
        explained = lambda expr: f'label_join({expr}, "meaning", "", "cause")'
        return explained(shown), explained(f"{ever} and ({shown})")

    # Since the last pass; of a target that never passed, since it was configured.
    def unproven_for(self):
        return f"time() - (({self.one('last_success_timestamp_seconds')} > 0) or {self.one('target_created_timestamp_seconds')})"


def mapping(entries):
    options = {str(key): {"text": text, "color": color, "index": i} for i, (key, text, color) in enumerate(entries)}
    return [{"type": "value", "options": options}]


def words(texts):
    return [{"type": "value", "options": {k: {"text": v, "index": i} for i, (k, (v, _)) in enumerate(texts.items())}}]


def steps(*pairs):
    """Thresholds: the first pair is the base, (None, colour)."""
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in pairs]}


LIMIT = steps((None, GREEN), (0.8, YELLOW), (1, RED))


def query(ref, expr, legend="", table=False, instant=True, interval=None):
    result = {"refId": ref, "datasource": DATASOURCE, "expr": expr, "editorMode": "code", "legendFormat": legend or "__auto",
            "instant": instant, "range": not instant, "format": "table" if table else "time_series"}
    return result | ({"interval": interval} if interval else {})


def override(name, regex=False, **properties):
    ids = [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byRegexp" if regex else "byName", "options": name}, "properties": ids}


def panel(kind, title, description, targets, defaults, overrides=(), options=None, transformations=None, links=None):
    result = {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "targets": targets,
              "fieldConfig": {"defaults": {"noValue": "–"} | defaults, "overrides": list(overrides)},
              "options": options or {}}
    if transformations:
        result["transformations"] = transformations
    if links:
        result["links"] = links
    return result


LEGEND = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
NO_LEGEND = LEGEND | {"showLegend": False}
WORST_FIRST = LEGEND | {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull"], "sortBy": "Last *", "sortDesc": True}
REDUCE = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def tile(ref, name, expr, unit="none", *, none=None, mappings=(), color=NEUTRAL, limits=None, decimals=0):
    """One value of `tiles`. `none`: what to say where there is no value, so that the tile is never away."""
    expr = f"max({expr}) or vector(-1)" if none else expr
    mappings = list(mappings) + (mapping([(-1, none, GREY)]) if none else [])
    thresholds = limits or steps((None, color))
    return query(ref, expr, name), override(name, unit=unit, decimals=decimals, mappings=mappings, thresholds=thresholds)


def tiles(title, description, values, show="value_and_name", **text):
    """Values side by side, each with its name unless told otherwise. `text`: titleSize, valueSize; else as large as fits."""
    options = {"reduceOptions": REDUCE, "orientation": "vertical", "textMode": show, "colorMode": "background_solid",
               "graphMode": "none", "justifyMode": "center", "wideLayout": False, "text": text}
    defaults = {"unit": "none", "color": {"mode": "thresholds"}, "thresholds": steps((None, NEUTRAL))}
    return panel("stat", title, description, [target for target, _ in values], defaults, [words for _, words in values], options)


def bars(title, description, targets, unit, overrides=(), **defaults):
    """Horizontal bars, one a value, each with its name and number."""
    options = {"reduceOptions": REDUCE, "orientation": "horizontal", "displayMode": "basic", "valueMode": "text", "showUnfilled": True,
               "namePlacement": "auto", "sizing": "manual", "text": {"valueSize": 16}, "minVizHeight": 16, "minVizWidth": 8,
               "maxVizHeight": 32, "legend": NO_LEGEND}
    defaults = {"unit": unit, "min": 0, "color": {"mode": "thresholds"}} | defaults
    return panel("bargauge", title, description, targets, defaults, overrides, options)


LINES = {"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "spanNulls": False,
         "axisSoftMin": 0, "axisPlacement": "auto"}
STEPS = LINES | {"lineInterpolation": "stepAfter"}
BARS = LINES | {"drawStyle": "bars", "lineWidth": 0, "fillOpacity": 85, "stacking": {"mode": "normal", "group": "A"}}


def dashed(name, color=RED):
    """A limit: a dashed line, told apart by shape and legend, too."""
    return override(name, color={"mode": "fixed", "fixedColor": color}, custom__lineStyle={"fill": "dash", "dash": [8, 6]},
                    custom__fillOpacity=0, custom__lineInterpolation="stepAfter", custom__stacking={"mode": "none", "group": "limit"})


def series(title, description, targets, unit, *, custom=LINES, overrides=(), legend=LEGEND, **defaults):
    options = {"legend": legend,
               "tooltip": {"mode": "multi", "sort": "desc"}}
    defaults = {"unit": unit, "min": 0, "color": {"mode": "palette-classic"}, "custom": custom} | defaults
    result = panel("timeseries", title, description, targets, defaults, overrides, options)
    # So many bars that each can be seen, whatever the time range.
    return result | ({"maxDataPoints": 60} if custom.get("drawStyle") == "bars" else {})


def timeline(title, description, targets, entries, overrides=()):
    options = {"mergeValues": True, "showValue": "auto", "alignValue": "left", "rowHeight": 0.85, "perPage": 20, "legend": LEGEND,
               "tooltip": {"mode": "single", "sort": "none"}}
    defaults = {"unit": "none", "custom": {"fillOpacity": 80, "lineWidth": 0}, "mappings": mapping(entries),
                "color": {"mode": "thresholds"}, "thresholds": steps((None, GREY))}
    return panel("state-timeline", title, description, targets, defaults, overrides, options)


def table(title, description, queries, columns, *, sort=None, descending=True, hidden=(), overrides=(), no_value="–"):
    """`queries`: letter -> PromQL; `columns`: field -> heading, in their order. A value's field is "Value #" and its letter."""
    order = {field: i for i, field in enumerate(columns)}
    transformations = [{"id": "merge", "options": {}}] if len(queries) > 1 else []
    if sort:
        transformations.append({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": sort, "desc": descending}]}})
    transformations.append({"id": "organize", "options": {
        "excludeByName": {"Time": True} | {name: True for name in hidden}, "indexByName": order, "renameByName": columns}})
    defaults = {"unit": "none", "noValue": no_value, "custom": {"align": "left", "filterable": False, "minWidth": 100,
                                                               "cellOptions": {"type": "auto"}, "inspect": False},
                "color": {"mode": "thresholds"}, "thresholds": steps((None, "text"))}
    options = {"showHeader": True, "cellHeight": "sm", "frozenColumns": {"left": 1}}
    targets = [query(ref, expr, table=True) for ref, expr in queries.items()]
    return panel("table", title, description, targets, defaults, overrides, options, transformations)


COLORED = {"type": "color-background", "mode": "basic"}
GAUGE = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}


def layout(rows):
    """`rows`: title -> list of lines, each (height, [(width, panel), ...]). Gives panels their places and ids."""
    panels, y = [], 0
    for title, lines in rows.items():
        panels.append({"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
        y += 1
        for height, line in lines:
            x = 0
            for width, placed in line:
                panels.append(placed | {"gridPos": {"x": x, "y": y, "w": width, "h": height}})
                x += width
            y += height
    return [{"id": i} | p for i, p in enumerate(panels, 1)]


def variable(name, label, expr, *, all_value=None, multi=True):
    result = {"type": "query", "name": name, "label": label, "datasource": DATASOURCE,
              "query": {"query": expr, "refId": "Variable-" + name}, "refresh": 2, "sort": 1, "multi": multi, "includeAll": multi,
              "hide": 0, "regex": "", "options": [], "skipUrlSync": False}
    if multi:
        result["current"] = {"selected": True, "text": ["All"], "value": ["$__all"]}
    return result | ({"allValue": all_value} if all_value else {})


def annotation(name, expr, title, color, enable=True):
    return {"name": name, "datasource": DATASOURCE, "enable": enable, "hide": False, "iconColor": color, "expr": expr, "step": "60s",
            "titleFormat": title, "textFormat": "", "tagKeys": "", "useValueForTime": False}


def dashboard(uid, title, description, variables, annotations, rows):
    datasource = {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1, "hide": 0,
                  "regex": "", "options": [], "multi": False, "includeAll": False, "skipUrlSync": False}
    link = {"type": "dashboards", "title": "Backup verification", "tags": [TAG], "asDropdown": True, "includeVars": True,
            "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}
    return {
        "uid": uid, "title": title, "description": description, "tags": [TAG], "schemaVersion": 39, "version": 1, "editable": False,
        "timezone": "browser", "refresh": "1m", "graphTooltip": 1, "time": {"from": "now-7d", "to": "now"}, "timepicker": {},
        "weekStart": "", "fiscalYearStartMonth": 0, "liveNow": False, "links": [link], "annotations": {"list": annotations},
        "templating": {"list": [datasource] + variables}, "panels": layout(rows),
    }
