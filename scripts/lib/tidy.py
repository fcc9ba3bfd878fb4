"""Runs clang-tidy over the project's sources, on every core; scripts/tidy.sh says what for and what is left out.

A file that passed is not looked at again until its text, the text of a header of ours that it includes, its compile
command, .clang-tidy or clang-tidy itself changes: tidy-cache/ in the build folder has an empty file for each key that passed.

Reading the headers takes most of a file's time, so files that compile alike are looked at together, one behind the other in
one text. Where that text gives a finding, or names of two files meet, the files it is in are looked at again without the
others: what is reported is always said of a file alone.
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
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "cli", "python")
TOGETHER = 16  # files in one text
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# Libraries whose headers take longer than everything of ours.
HEAVY = re.compile(r'^\s*#\s*include\s*[<"](torch|ATen|c10|nlohmann|CLI|nanobind)/', re.MULTILINE)
TOGETHER_NAME = "together.cpp"
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


def flags_of(entry):
    """What a compile command says beside the names of the source and of what is written: files with the same are alike."""
    words = iter(shlex.split(entry.get("command", "")))
    return tuple(word for word in words if not (word in ("-o", "-MF", "-MT") and next(words)) and not word.endswith(".cpp"))


def together(waiting, chosen):
    """The files in lists of at most TOGETHER that compile alike, largest lists first."""
    alike = defaultdict(list)
    for path in sorted(waiting):
        alike[flags_of(chosen[path])].append(path)
    lists = []
    for files in alike.values():
        # Files of one folder often use the same names, so they are dealt out.
        count = -(-len(files) // TOGETHER)
        lists += [files[start::count] for start in range(count)]
    return sorted(lists, key=len, reverse=True)


def one_text(files):
    """Lines of the files one behind the other, as [(file, line)].

    A header is named once however many of the files include it; a file that includes it twice still does.
    """
    text, read = [], set()
    for path in files:
        text.append((path, f"// {path.relative_to(ROOT)}"))
        own, depth = set(), 0
        for line in text_of(path).splitlines():
            directive = line.lstrip()
            depth += directive.startswith("#if") - directive.startswith("#endif")
            if depth == 0 and directive.startswith("#include"):
                if line in read:
                    line = ""
                else:
                    own.add(line)
            text.append((path, line))
        read |= own
    return text


def suspects(report, text):
    """The files that the findings in their one text are in."""
    lines = re.findall(rf"{TOGETHER_NAME}:(\d+):\d+: (?:warning|error): ", report)
    return {text[int(line) - 1][0] for line in lines if int(line) <= len(text)}


class Checker:
    """clang-tidy on the files of a compilation database."""

    def __init__(self, clang_tidy, build, chosen):
        self.clang_tidy, self.build, self.chosen = shlex.split(clang_tidy), build, chosen

    def run(self, build, path):
        """The findings of one text; empty when there are none."""
        command = [*self.clang_tidy, "-p", str(build), f"--config-file={ROOT / '.clang-tidy'}", "--quiet", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if FINDING.search(done.stdout):
            return done.stdout.strip()
        return "" if done.returncode == 0 else f"{path}: clang-tidy failed\n{done.stdout}{done.stderr}".strip()

    def run_together(self, files):
        entry = self.chosen[files[0]]
        name = hashlib.sha256("\n".join(map(str, files)).encode()).hexdigest()[:16]
        folder = (self.build / "tidy-together" / name).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        text = folder / TOGETHER_NAME
        text.write_text("".join(f"{line}\n" for _, line in one_text(files)))
        # Includes of the same folder are relative to the file, which is elsewhere now.
        near = "".join(f" -iquote {shlex.quote(str(place))}" for place in sorted({path.parent for path in files}))
        command = entry["command"].replace(entry["file"], str(text)) + near
        (folder / "compile_commands.json").write_text(json.dumps([{**entry, "file": str(text), "command": command}]))
        return self.run(folder, text)

    def reports(self, files):
        """{file: its findings} of those that have any."""
        if len(files) == 1:
            report = self.run(self.build, files[0])
            return {files[0]: report} if report else {}
        report = self.run_together(files)
        if not report:
            return {}
        first = suspects(report, one_text(files))
        if len(first) in (0, len(files)):
            first = set(files[: len(files) // 2])
        return {**self.reports([path for path in files if path in first]), **self.reports([path for path in files if path not in first])}


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

    checker = Checker(options.clang_tidy, options.build, chosen)
    findings = set()
    broken = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        lists = together(waiting, chosen)
        for files, reports in zip(lists, pool.map(checker.reports, lists)):
            for path in set(files) - set(reports):
                (passed / keys[path]).touch()
            broken += len(reports)
            # A finding in a header comes once for each file that includes it.
            for report in reports.values():
                if report not in findings:
                    print(report, flush=True)
                findings.add(report)
    print(f"clang-tidy: {len(chosen)} files, {len(waiting)} of them new or changed, {broken} with findings, {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
