#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails with the offending line when a file breaks one of the house's rules."""
import pathlib
import re
import sys

# Folder -> floor. A file may include its own folder, what is on a lower floor, and the exceptions.
FLOORS = {"base": 0, "model": 1, "db": 2, "sandbox": 2, "history": 2,
          "sources": 3, "engines": 3, "checks": 3, "backup": 3, "runner": 4, "drill": 5, "exporter": 6}
MAX_LINES, MAX_FUNCTION = 400, 60

# Third-party headers and the only places that may include them.
WALLED = {
    r"sqlite3\.h": r"jobs/(base/sqlite|db/sqlite|engines/sqlite)|tests/",
    r"toml\+\+/": r"exporter/config",
    r"civetweb\.h": r"exporter/http",
    r"libpq-fe\.h": r"jobs/db/pg_connection|tests/",
    r"seccomp\.h|linux/landlock\.h": r"jobs/sandbox/|tests/",
    r"CLI/": r"exporter/(cli|commands/)",
    r"(isa-l|zstd|lzma|bzlib|lz4)": r"jobs/base/inflate|exporter/gzip|tests/",
}
BANNED = {
    r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|[^_\w]sleep\(": "sleeps",
    r"\.detach\(\)": "detached threads",
    r"\bsystem\(|\bpopen\(": "a shell",
    r"\b(TODO|FIXME|XXX|HACK)\b": "a promise",
}


def floor_of(path):
    parts = path.parts
    if parts[0] == "jobs":
        return parts[1]
    return parts[0] if parts[0] in FLOORS else None


def check_includes(path, number, line, errors):
    for header, allowed in WALLED.items():
        if re.search(r"#include <(" + header + ")", line) and not re.match(allowed, str(path)):
            errors.append(f"{path}:{number}: this header is walled in: {line.strip()}")
    mine = floor_of(path)
    match = re.match(r'#include "(\w+)/', line)
    if mine is None or match is None or match.group(1) not in FLOORS:
        return
    theirs = match.group(1)
    below = FLOORS[theirs] < FLOORS[mine]
    if theirs != mine and not below:
        errors.append(f"{path}:{number}: {mine} must not see {theirs}: {line.strip()}")


def check_functions(path, lines, errors):
    """A function here is what begins at column 0 or in a class and ends with its brace's column."""
    start = None
    for number, line in enumerate(lines, 1):
        opens = re.match(r"^( {0,2})(?!namespace|class|struct|enum|extern|constexpr|inline constexpr|constinit|static const)[\w~].*[{]$", line)
        if opens and start is None and "= {" not in line:
            start = (number, opens.group(1))
        elif start and re.match("^" + start[1] + r"[}]", line):
            if number - start[0] > MAX_FUNCTION:
                errors.append(f"{path}:{start[0]}: a function of {number - start[0]} lines")
            start = None


def check_lists(root, errors):
    """Every file of a kind stands in its list, else it is dead."""
    for folder, list_name, word in (("jobs/engines", "engines.def", "ENGINE"), ("jobs/checks", "checks.def", "CHECK"),
                                    ("jobs/sources", "sources.def", "SOURCE"), ("exporter/commands", "commands.def", "COMMAND")):
        listed = set(re.findall(rf"^{word}\((\w+)\)", (root / folder / list_name).read_text(), re.M))
        for file in sorted((root / folder).glob("*.cc")):
            kind = re.search(r"^constinit const \w+Kind (\w+)_\w+?[{(]", file.read_text(), re.M)
            if kind and file.stem not in listed:
                errors.append(f"{folder}/{file.name}: not in {list_name}")
        for name in listed:
            if not (root / folder / f"{name}.cc").exists():
                errors.append(f"{folder}/{list_name}: no file for {name}")


def main():
    root = pathlib.Path(sys.argv[1])
    errors = []
    files = [f for d in ("jobs", "exporter", "tests") for f in sorted((root / d).rglob("*")) if f.suffix in (".cc", ".h")]
    for file in files:
        path = file.relative_to(root)
        lines = file.read_text().split("\n")
        if lines[0] != "// SPDX-License-Identifier: Apache-2.0":
            errors.append(f"{path}:1: no SPDX line")
        if file.suffix == ".h" and "#pragma once" not in lines:
            errors.append(f"{path}:1: no #pragma once")
        if len(lines) > MAX_LINES + 1:
            errors.append(f"{path}: {len(lines) - 1} lines, more than {MAX_LINES}")
        for number, line in enumerate(lines, 1):
            check_includes(path, number, line, errors)
            if path.parts[0] == "tests" and "lint" in path.parts:
                continue
            for pattern, what in BANNED.items():
                if re.search(pattern, line.split("//")[0] if what != "a promise" else line):
                    errors.append(f"{path}:{number}: {what}: {line.strip()}")
        if path.parts[0] != "tests":
            check_functions(path, lines, errors)
    check_lists(root, errors)
    print("\n".join(errors) or f"{len(files)} files are in order")
    return 1 if errors or not files else 0


if __name__ == "__main__":
    sys.exit(main())
