# SPDX-License-Identifier: Apache-2.0
"""Checks the provisioning files, with as much of YAML as they need."""
import re

DASHBOARDS = {"name": "backproof", "type": "file", "disableDeletion": True, "allowUiUpdates": False, "updateIntervalSeconds": 30}
SOURCE = {"type": "prometheus", "access": "proxy"}


def scalar(text):
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text.strip("\"'"))


def parse(text):
    """Nested maps and lists of maps, one `key: value` a line. Raises ValueError for anything else."""
    lines = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"( *)(- )?(\w+):(?: +(\S.*))?", line)
        if not match:
            raise ValueError(f"not understood: {line!r}")
        indent, dash, key, value = match.groups()
        if dash:
            lines.append((len(indent), None, None))
        lines.append((len(indent) + len(dash or ""), key, value))

    def block(indent):
        if lines and lines[0][1] is None:
            items = []
            while lines and lines[0][:2] == (indent, None):
                lines.pop(0)
                items.append(block(lines[0][0]))
            return items
        result = {}
        while lines and lines[0][0] == indent and lines[0][1]:
            _, key, value = lines.pop(0)
            if key in result:
                raise ValueError(f"{key} twice")
            nested = value is None and lines and lines[0][0] > indent
            result[key] = block(lines[0][0]) if nested else None if value is None else scalar(value)
        return result

    result = block(0)
    if lines:
        raise ValueError(f"wrongly indented: {lines[0][1]}")
    return result


def differences(found, wanted):
    return [f"{key} is {found.get(key)!r}, not {value!r}" for key, value in wanted.items() if found.get(key) != value]


def check_dashboards(file):
    (provider,) = file["providers"]
    if not str(provider.get("options", {}).get("path", "")).startswith("/"):
        yield "options.path is no absolute path"
    if not provider.get("folder"):
        yield "no folder"
    yield from differences(provider, DASHBOARDS)


def check_source(file, scrape_interval):
    (source,) = file["datasources"]
    if not re.fullmatch(r"https?://\S+", str(source.get("url"))):
        yield "no url"
    for key in ("name", "uid"):
        if not source.get(key):
            yield f"no {key}"
    yield from differences(source, SOURCE)
    yield from differences(source.get("jsonData", {}), {"httpMethod": "POST", "timeInterval": scrape_interval})


def problems(root):
    """One sentence for each thing that is wrong with the files below dashboards/provisioning."""
    (interval,) = re.findall(r"^  scrape_interval: (\S+)$", (root / "alerts/prometheus.example.yml").read_text(), re.M)
    folder = root / "dashboards/provisioning"
    checks = {"dashboards/backproof.yaml": check_dashboards, "datasources/prometheus.yaml": lambda file: check_source(file, interval)}
    for name, check in checks.items():
        try:
            file = parse((folder / name).read_text())
            found = differences(file, {"apiVersion": 1}) + list(check(file))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            found = [f"does not have its shape: {error!r}"]
        yield from (f"provisioning/{name}: {what}" for what in found)
