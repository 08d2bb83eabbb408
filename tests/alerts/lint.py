# SPDX-License-Identifier: Apache-2.0
"""What the tools do not check: that alerts, runbooks, tests, metrics and commands fit together."""
import functools
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stack"))
from stack import Server, free_port, get  # noqa: E402

SECTIONS = ["Meaning", "Impact", "Diagnosis", "Action"]
# What a fault of markup would be, for the renderer of runbooks: it is small.
NO_MARKDOWN = {r"^\s+[-*] |^\s+\d+\. ": "a nested list", r"^>": "a quotation", r"!\[": "an image", r"<\w+": "HTML",
               r"^(?:\* |\d+\. )": "a list without dashes", r"^---|^===": "a rule", r"^\|": "a table",
               r"\*\*|__": "strong text"}
WITHOUT_INSTANCE = {"BackproofExporterMissing", "Watchdog"}
LISTENS = "127.0.0.1:10432"


def rules_as_prometheus_reads(file, folder):
    """The alerting rules of a file, parsed by Prometheus itself."""
    config, port = folder / "prometheus.yml", free_port()
    config.write_text(f"rule_files: [{json.dumps(str(file))}]\n")
    server = Server("prometheus", ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
                                   f"--web.listen-address=127.0.0.1:{port}"], folder, port, "/-/ready")
    try:
        server.start()
        groups = json.loads(get(server.url + "/api/v1/rules"))["data"]["groups"]
    finally:
        server.end()
    return [rule for group in groups for rule in group["rules"] if rule["type"] == "alerting"]


def rule_faults(rule):
    name, query, labels, notes = rule["name"], rule["query"], rule["labels"], rule["annotations"]
    watchdog = name == "Watchdog"
    base = f"http://{LISTENS if name in WITHOUT_INSTANCE else '{{ $labels.instance }}'}/runbooks/"
    must = {
        "is not called BackproofInCamelCase": watchdog or re.fullmatch(r"Backproof([A-Z][a-z0-9]+)+", name),
        "has another severity than critical and warning": watchdog or labels.get("severity") in ("critical", "warning"),
        "has labels that change": "{{" not in "".join(labels.values()),
        "has no summary of one static sentence": re.fullmatch(r"[^{}]+\.", notes.get("summary", "")),
        "has no description that says of whom it speaks": "{{" in notes.get("description", ""),
        "names no target and instance, though it alerts of one": not re.search(r"target", query) or watchdog
        or "backproof_targets" in query or "max by (job, instance)" in query
        or all("$labels." + label in notes["description"] for label in ("target", "instance")),
        "does not end with a command": re.search(r": (?=\S+ )[^.]*\S+$|: [a-z]\S+ .+$", notes.get("description", "")),
        "has a runbook_url that leads elsewhere": notes.get("runbook_url") == base + name,
        "compares with nothing": re.search(r"[<>]=?|==|absent|vector\(1\)", query),
        "would end with a failed scrape, and page again": watchdog or "absent" in query or rule.get("keepFiringFor"),
        "selects series without a job": all('job="backproof"' in (m[2] or "") for m in re.finditer(
            r"\b((?:backproof|process)_\w+|up|ALERTS)\b(\{[^}]*\})?(?!\w)", query)),
        "takes the rate of what is no counter": not re.search(r"(?:rate|increase)\(\w+(?<!_total)\{", query),
    }
    return [f"{name} {fault}" for fault, holds in must.items() if not holds]


def runbook_faults(file, names):
    lines = file.read_text().split("\n")
    faults = [] if file.stem in names else ["there is no such alert"]
    if lines[0] != f"# {file.stem}" or lines[1] or not re.fullmatch(r"(?:[A-Z]|backproof ).+\.", lines[2]):
        faults.append("it does not begin with its name and a sentence in one line")
    if [line[3:] for line in lines if line.startswith("## ")] != SECTIONS:
        faults.append(f"its sections are not {', '.join(SECTIONS)}")
    fenced = False
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            text = re.sub(r"`[^`]*`", "", line)
            faults += [f"line {number}: {what}" for pattern, what in NO_MARKDOWN.items() if re.search(pattern, text)]
            faults += [f"line {number}: leads nowhere: {to}" for to in re.findall(r"\]\(([^)]*)\)", text)
                       if to.removeprefix("/runbooks/") not in names]
    if fenced:
        faults.append("code that does not end")
    return [f"alerts/runbooks/{file.name}: {fault}" for fault in faults]


def metric_faults(root, texts):
    readme = (root / "README.md").read_text()
    table = re.search(r"<!-- metrics -->(.*?)<!-- end of metrics -->", readme, re.S)[1]
    known = set(re.findall(r"^\| `(\w+)`", table, re.M)) | {"backproof_canary"}  # a table of the user's
    return [f"{where}: no metric {name}" for where, text in texts.items()
            for name in sorted(set(re.findall(r"\b(?:backproof|process)_[a-z_]*[a-z]\b(?!_)", text)) - known)]


@functools.lru_cache
def options_of(program, command):
    done = subprocess.run([program, command, "--help"], capture_output=True, text=True, timeout=20)
    return set(re.findall(r"--[\w.-]+", done.stdout)) if done.returncode == 0 and "Usage: backproof " + command in \
        done.stdout else None


def command_faults(program, texts):
    """Of `backproof COMMAND --options`, wherever it stands."""
    faults = []
    for where, text in texts.items():
        for command, rest in re.findall(r"\bbackproof (verify|serve|selftest|history|show|kinds|check-config) ?([^\n`|;:,]*)", text):
            options = options_of(program, command)
            unknown = set(re.findall(r"--[\w.-]+", rest)) - (options or set())
            if options is None or unknown:
                faults.append(f"{where}: no such command: backproof {command} {' '.join(sorted(unknown))}")
    return faults


def readme_faults(alerts):
    """What is to be copied from a README stands in the examples, which are tested."""
    examples = {line.strip() for file in alerts.glob("*.yml") for line in file.read_text().split("\n")}
    return [f"{file.parent.name}/README.md: not in the examples: {line}"
            for file in (alerts / "README.md", alerts.parent / "README.md")
            for block in re.findall(r"^```yaml\n(.*?)^```", file.read_text(), re.S | re.M)
            for line in block.split("\n") if line.strip() not in examples]


def lint(root, rules, program):
    alerts, tests = root / "alerts", root / "tests/alerts"
    names = [rule["name"] for rule in rules]
    runbooks = sorted((alerts / "runbooks").glob("*.md"))
    tested = "".join(f.read_text() for f in tests.glob("*.yml"))
    routes = (alerts / "alertmanager.example.yml").read_text()
    listed = re.findall(r"^\| `((?:Backproof|Watchdog)\w*)` \|", (alerts / "README.md").read_text(), re.M)
    faults = [fault for rule in rules for fault in rule_faults(rule)]
    faults += [f"{name} is there twice" for name in set(names) if names.count(name) > 1]
    faults += [f"{name} has no runbook" for name in set(names) - {f.stem for f in runbooks}]
    faults += [fault for file in runbooks for fault in runbook_faults(file, set(names))]
    faults += [f"{name} never fires in tests/alerts" for name in names if f'alertname="{name}"' not in tested]
    faults += [f"alertmanager.example.yml: no alert {name}" for name in
               set(re.findall(r"Backproof[A-Z]\w+", routes)) - set(names)]
    if sorted(listed) != sorted(names):
        faults.append(f"alerts/README.md: its table differs by {sorted(set(listed) ^ set(names))}")
    faults += readme_faults(alerts)
    texts = {str(f.relative_to(root)): f.read_text() for f in
             [root / "README.md", alerts / "backproof.rules.yml", alerts / "README.md", *runbooks, *tests.glob("*.yml")]}
    faults += metric_faults(root, texts)
    return faults + (command_faults(program, texts) if program else [])
