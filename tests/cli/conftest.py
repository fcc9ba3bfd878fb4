"""Runs the built `neurocuda` program as a user would. NEUROCUDA_BIN names the folder that holds it; build/bin otherwise."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# OpenMP threads that wait by spinning make small networks crawl when something else runs beside the tests.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
BINARY = Path(os.environ.get("NEUROCUDA_BIN", ROOT / "build" / "bin")).resolve() / "neurocuda"


def pytest_collection_modifyitems(items):
    if not BINARY.exists():
        reason = f"{BINARY} is not built; build it or set NEUROCUDA_BIN"
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


def run(*arguments, timeout=120, cwd=None):
    """The finished process, with its text output."""
    command = [str(BINARY), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=cwd)


def start(*arguments):
    """The running process, for tests that interrupt it."""
    return subprocess.Popen([str(BINARY), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def settings_file(folder, **settings):
    """A file for --settings."""
    path = Path(folder) / "settings.json"
    path.write_text(json.dumps(settings))
    return path


def run_json(folder, *arguments, status=0):
    """Runs with --json and returns the document; the status must be as expected."""
    path = Path(folder) / "answer.json"
    path.unlink(missing_ok=True)
    result = run(*arguments, "--json", path)
    assert result.returncode == status, result.stderr
    return json.loads(path.read_text())


def messages(result):
    """The lines on stderr, but for those that show how far long work is: on a slow machine all work is long."""
    return [line for line in result.stderr.splitlines() if not re.search(r": \d+ % \(\d+/\d+\), \d+ s, ", line)]


def assert_refused(result, *words):
    """Bad use or bad input: status 2 and one line on stderr, beside notes, that holds all the words."""
    assert result.returncode == 2, (result.returncode, result.stdout, result.stderr)
    lines = [line for line in messages(result) if not line.startswith("neurocuda: note: ")]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("neurocuda: "), lines[0]
    for word in words:
        assert str(word) in lines[0], f"{word!r} is not in {lines[0]!r}"


def assert_empty(folder):
    """Nothing was left behind, not even a temporary file."""
    assert list(Path(folder).iterdir()) == []


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with ann.onnx, a digits network trained for a moment, snn.nir (T = 8), and the JSON documents of both."""
    folder = tmp_path_factory.mktemp("models")
    train = run("train", "--arch", "digits_resnet", "--data", "digits", "--epochs", 3, "--batch-size", 32, "--threads", 1, "-o",
                folder / "ann.onnx", "--json", folder / "train.json", timeout=600)
    assert train.returncode == 0, train.stderr
    convert = run("convert", folder / "ann.onnx", "--data", "digits", "-T", 8, "--epochs", 1, "--threads", 1, "-o",
                  folder / "snn.nir", "--json", folder / "convert.json", timeout=600)
    assert convert.returncode == 0, convert.stderr
    return folder
