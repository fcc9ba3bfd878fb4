"""Runs clang-tidy over the project's sources, on every core; scripts/tidy.sh says what for and what is left out.

A file that passed is not looked at again until its text, the text of a header of ours that it includes, its compile
command, .clang-tidy or clang-tidy itself changes: tidy-cache/ in the build folder has an empty file for each key that passed.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "cli", "python")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# Libraries whose headers take longer than everything of ours.
HEAVY = re.compile(r'^\s*#\s*include\s*[<"](torch|ATen|c10|nlohmann|CLI|nanobind)/', re.MULTILINE)
FINDING = re.compile(r"^(?P<path>[^:\n]+):\d+:\d+: (?:warning|error): .*\[[\w.,-]+\]$", re.MULTILINE)


@cache
def text_of(path):
    return path.read_text()


@cache
def own_headers(path):
    """The headers of ours that `path` includes, directly or through others."""
    found, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        for name in INCLUDE.findall(text_of(current)):
            for folder in (current.parent, ROOT / "include", ROOT / "src", ROOT / "cli", ROOT / "python"):
                header = (folder / name).resolve()
                if header.is_file() and header.is_relative_to(ROOT) and header not in found:
                    found.add(header)
                    waiting.append(header)
    return found


def is_slow(path):
    return any(HEAVY.search(text_of(file)) for file in {path, *own_headers(path)})


def key_of(path, entry, common):
    digest = hashlib.sha256(common)
    digest.update(entry.get("command", "").replace(str(ROOT), "").encode())
    for file in (path, *sorted(own_headers(path))):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + text_of(file).encode() + b"\0")
    return digest.hexdigest()


def sources(database, with_slow, only):
    """One entry of the compilation database for each source of ours: {path: entry}."""
    chosen = {}
    for entry in database:
        path = (Path(entry["directory"]) / entry["file"]).resolve()
        if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in FOLDERS or path.suffix != ".cpp":
            continue
        if only and path not in only:
            continue
        if with_slow or not is_slow(path):
            chosen.setdefault(path, entry)
    return chosen


def check(clang_tidy, build, path):
    """The findings of one file, as text; empty when there are none."""
    done = subprocess.run([*shlex.split(clang_tidy), "-p", str(build), "--quiet", str(path)], capture_output=True, text=True, cwd=ROOT)
    if FINDING.search(done.stdout):
        return done.stdout.strip()
    return "" if done.returncode == 0 else f"{path}: clang-tidy failed\n{done.stdout}{done.stderr}".strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clang-tidy", default=".venv/bin/clang-tidy")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder with compile_commands.json")
    parser.add_argument("--all", action="store_true", help="the files that include libtorch, nlohmann-json, CLI11 or nanobind, too")
    parser.add_argument("files", nargs="*", type=Path, help="only these")
    options = parser.parse_args()
    only = {file.resolve() for file in options.files}
    os.chdir(ROOT)

    started = time.monotonic()
    version = subprocess.run([*shlex.split(options.clang_tidy), "--version"], capture_output=True, text=True, check=True).stdout
    common = (ROOT / ".clang-tidy").read_bytes() + version.encode()
    database = json.loads((options.build / "compile_commands.json").read_text())
    passed = options.build / "tidy-cache"
    passed.mkdir(exist_ok=True)
    chosen = sources(database, options.all or bool(only), only)
    keys = {path: key_of(path, entry, common) for path, entry in chosen.items()}
    waiting = [path for path in chosen if not (passed / keys[path]).exists()]

    findings = set()
    broken = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, report in zip(waiting, pool.map(lambda file: check(options.clang_tidy, options.build, file), waiting)):
            if not report:
                (passed / keys[path]).touch()
                continue
            broken += 1
            # A finding in a header comes once for each file that includes it.
            if report not in findings:
                print(report, flush=True)
            findings.add(report)
    print(f"clang-tidy: {len(chosen)} files, {len(waiting)} of them new or changed, {broken} with findings, {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
