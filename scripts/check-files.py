#!/usr/bin/env python3
"""Checks the files that are named: no trailing whitespace, no tabs in sources, a newline at the end, no marks of a conflict,
nothing large. One line per violation; exit status 1 when there is one.

    scripts/check-files.py FILE...
"""

import re
import sys
from pathlib import Path

MOST_BYTES = 3_000_000
SOURCES = {".cpp", ".hpp", ".cu", ".cuh", ".py", ".pyi", ".cmake"}
CONFLICT = re.compile(r"^(<<<<<<< |=======$|>>>>>>> )")


def check(path):
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        yield f"{path}: {len(data)} bytes, at most {MOST_BYTES}; large data does not belong in the repository"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    if "\0" in text:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            yield f"{path}:{number}: trailing whitespace"
        if "\t" in line and path.suffix in SOURCES:
            yield f"{path}:{number}: a tab"
        if CONFLICT.match(line):
            yield f"{path}:{number}: a mark of a conflict"
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"


def main():
    violations = [violation for name in sys.argv[1:] if Path(name).is_file() for violation in check(Path(name))]
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
