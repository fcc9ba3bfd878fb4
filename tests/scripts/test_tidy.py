"""scripts/tidy.sh with a clang-tidy that is a script: which files it runs on, what it remembers, what it reports."""

import json
import shutil
import subprocess

import pytest

FAKE = """#!/bin/sh
case $1 in --version) echo "fake ${FAKE_VERSION:-1}"; exit 0 ;; esac
for file; do :; done
echo "$file" >>calls.txt
if grep -q CRASH "$file"; then echo "cannot read it" >&2; exit 3; fi
if grep -q BAD "$file"; then echo "$file:1:1: error: bad [bugprone-bad,-warnings-as-errors]"; exit 1; fi
"""


@pytest.fixture
def tree(root, tmp_path):
    """A small project; run(arguments...) gives the finished process and the files that clang-tidy was called on."""
    for name in ("scripts/tidy.sh", "scripts/lib/tidy.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    files = {
        ".clang-tidy": "Checks: '*'\n",
        "include/neurocuda/base/a.hpp": "// a\n",
        "src/base/a.cpp": '#include "neurocuda/base/a.hpp"\n',
        "src/base/b.cpp": "// b\n",
        "src/network/n.hpp": "#include <torch/torch.h>\n",
        "src/network/n.cpp": '#include "network/n.hpp"\n',
        "tests/unit/t.cpp": "// BAD\n",
        "fake-tidy": FAKE,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "fake-tidy").chmod(0o755)
    sources = [name for name in files if name.endswith(".cpp")]
    (tmp_path / "build").mkdir()
    database = [{"directory": str(tmp_path / "build"), "file": str(tmp_path / name), "command": "c++ -O3"} for name in sources]
    (tmp_path / "build/compile_commands.json").write_text(json.dumps(database))

    def run(*arguments, **environment):
        calls = tmp_path / "calls.txt"
        calls.unlink(missing_ok=True)
        command = ["bash", "scripts/tidy.sh", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True,
                              env={"PATH": "/usr/local/bin:/usr/bin:/bin", "CLANG_TIDY": str(tmp_path / "fake-tidy"), **environment})
        called = calls.read_text().split() if calls.exists() else []
        return done, sorted(str(name).removeprefix(f"{tmp_path}/") for name in called)

    run.path = tmp_path
    return run


def test_sources_of_ours_but_those_with_libtorch(tree):
    done, called = tree()
    assert (done.returncode, called) == (0, ["src/base/a.cpp", "src/base/b.cpp"])
    assert tree("--all")[1] == ["src/network/n.cpp"]
    assert tree("src/base/b.cpp")[1] == []


def test_only_what_changed_is_looked_at_again(tree):
    tree()
    assert tree()[1] == []
    (tree.path / "include/neurocuda/base/a.hpp").write_text("// changed\n")
    assert tree()[1] == ["src/base/a.cpp"]
    (tree.path / ".clang-tidy").write_text("Checks: 'bugprone-*'\n")
    assert len(tree()[1]) == 2
    assert len(tree(FAKE_VERSION="2")[1]) == 2
    database = (tree.path / "build/compile_commands.json").read_text()
    (tree.path / "build/compile_commands.json").write_text(database.replace("-O3", "-O2"))
    assert len(tree(FAKE_VERSION="2")[1]) == 2


def test_a_finding_fails_and_is_reported_again(tree):
    (tree.path / "src/base/b.cpp").write_text("// BAD\n")
    for _ in range(2):
        done, called = tree()
        assert done.returncode == 1
        assert "src/base/b.cpp:1:1: error: bad" in done.stdout
        assert "1 with findings" in done.stdout
    assert called == ["src/base/b.cpp"]


def test_a_clang_tidy_that_fails_is_no_pass(tree):
    (tree.path / "src/base/b.cpp").write_text("// CRASH\n")
    done, _ = tree()
    assert done.returncode == 1
    assert "clang-tidy failed" in done.stdout and "cannot read it" in done.stdout


def test_a_build_that_is_not_configured_is_named(tree):
    (tree.path / "build/compile_commands.json").unlink()
    done, _ = tree()
    assert done.returncode == 2
    assert "not configured" in done.stderr
