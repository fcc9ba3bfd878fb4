"""scripts/test.sh in a tree of stand-ins: its stages, its totals, its exit status."""

import re
import shutil
import subprocess

import pytest

SETUP = """set -euo pipefail
root=$PWD
test_packages=()
set_up_for_tests() { :; }
stage() { echo "== $1"; "${@:2}"; echo "-- $1: 0 s"; }
build_release() { mkdir -p build; echo built release; }
build_preset() { mkdir -p "build-$1"; echo "built $1"; }
"""
# Three C++ tests: one passes, one is skipped, one does what the variable OUTCOME says.
CTEST = """#!/bin/bash
while [ $# -gt 0 ]; do [ "$1" != --output-junit ] || file=$2; shift; done
cat >"$file" <<XML
<testsuite><testcase name="a"/><testcase name="b" status="notrun"><skipped/></testcase>
<testcase name="c">${OUTCOME:+<failure/>}</testcase></testsuite>
XML
"""
PYTHON = """#!/bin/bash
for file; do :; done
echo '<testsuites><testsuite><testcase name="p"/><testcase name="q"/></testsuite></testsuites>' >"$file"
"""


@pytest.fixture
def run(root, tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    (tmp_path / "scripts").mkdir()
    shutil.copy(root / "scripts/test.sh", tmp_path / "scripts/test.sh")
    write("scripts/lib/setup.sh", SETUP)
    write("bin/ctest", CTEST)
    write(".venv/bin/python", PYTHON)
    for name in ("scripts/check-floors.py", "scripts/tidy.sh", ".venv/bin/ruff", ".venv/bin/mypy", ".venv/bin/clang-format"):
        write(name, "#!/bin/sh\nexit 0\n")
    for folder in ("bench", "cli", "include", "python", "src", "tests"):
        write(f"{folder}/a.cpp", "")

    def run_test_sh(*arguments, **environment):
        return subprocess.run(["bash", "scripts/test.sh", *arguments], cwd=tmp_path, capture_output=True, text=True,
                              env={"PATH": f"{tmp_path}/bin:/usr/local/bin:/usr/bin:/bin", **environment})

    run_test_sh.write = write
    return run_test_sh


def last_line(done):
    return done.stdout.splitlines()[-1]


def test_totals_and_stages(run):
    done = run()
    # Five checks, clang-tidy among them; two C++ tests that ran; two Python tests.
    assert (done.returncode, last_line(done)) == (0, "11 passed, 0 failed"), done.stderr
    assert "1 skipped" in done.stdout
    assert "asan" not in done.stdout and "tsan" not in done.stdout
    begun, ended = re.findall(r"^== (.+)$", done.stdout, re.MULTILINE), re.findall(r"^-- (.+): \d+ s$", done.stdout, re.MULTILINE)
    assert begun == ended and len(begun) == 9


def test_sanitize_adds_two_builds(run):
    done = run("--sanitize")
    assert last_line(done) == "15 passed, 0 failed"
    assert re.findall(r"^built (\w+)$", done.stdout, re.MULTILINE) == ["release", "asan", "tsan"]


@pytest.mark.parametrize("script", ["scripts/check-floors.py", "scripts/tidy.sh", ".venv/bin/mypy"])
def test_a_check_that_fails_is_counted_and_does_not_stop_the_rest(run, script):
    run.write(script, "#!/bin/sh\nexit 1\n")
    done = run()
    assert (done.returncode, last_line(done)) == (1, "10 passed, 1 failed")


def test_a_test_that_fails_is_counted(run):
    done = run(OUTCOME="failure")
    assert (done.returncode, last_line(done)) == (1, "10 passed, 1 failed")


def test_a_run_without_results_is_a_failure(run):
    run.write("bin/ctest", "#!/bin/sh\nexit 1\n")
    done = run()
    assert (done.returncode, last_line(done)) == (1, "9 passed, 1 failed")


def test_the_check_of_node_visits_is_run_where_it_exists(run):
    run.write("scripts/check-node-visits.sh", "#!/bin/sh\nexit 0\n")
    assert last_line(run()) == "12 passed, 0 failed"


def test_an_unknown_option_is_refused(run):
    done = run("--fast")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--fast" in done.stderr
