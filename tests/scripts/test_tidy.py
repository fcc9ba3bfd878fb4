"""scripts/tidy.sh with a clang-tidy that is a script: which files it runs on, what it remembers, what it reports."""

import json
import shutil
import subprocess

import pytest

FAKE = """#!/bin/sh
case $1 in --version) echo "fake ${FAKE_VERSION:-1}"; exit 0 ;; esac
for file; do :; done
# Several files in one text begin with their names.
echo $(sed -n 's|^// \\(src/.*\\.cpp\\)$|\\1|p' "$file" | grep . || echo "$file") >>calls.txt
if grep -q CRASH "$file"; then echo "cannot read it" >&2; exit 3; fi
if grep -q BAD "$file"; then
  echo "$file:$(grep -n BAD "$file" | head -1 | cut -d: -f1):1: error: bad [bugprone-bad,-warnings-as-errors]"
  exit 1
fi
"""


@pytest.fixture
def tree(root, tmp_path):
    """A small project; run(arguments...) gives the finished process and, for each call of clang-tidy, the files it saw."""
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
        called = calls.read_text().splitlines() if calls.exists() else []
        return done, sorted(call.replace(f"{tmp_path}/", "") for call in called)

    run.path = tmp_path
    return run


def test_sources_of_ours_but_those_with_libtorch(tree):
    done, called = tree()
    assert (done.returncode, called) == (0, ["src/base/a.cpp src/base/b.cpp"])
    assert tree("--all")[1] == ["src/network/n.cpp"]
    assert tree("src/base/b.cpp")[1] == []


def test_only_what_changed_is_looked_at_again(tree):
    tree()
    assert tree()[1] == []
    (tree.path / "include/neurocuda/base/a.hpp").write_text("// changed\n")
    assert tree()[1] == ["src/base/a.cpp"]
    both = ["src/base/a.cpp src/base/b.cpp"]
    (tree.path / ".clang-tidy").write_text("Checks: 'bugprone-*'\n")
    assert tree()[1] == both
    assert tree(FAKE_VERSION="2")[1] == both
    database = (tree.path / "build/compile_commands.json").read_text()
    (tree.path / "build/compile_commands.json").write_text(database.replace("-O3", "-O2"))
    assert tree(FAKE_VERSION="2")[1] == both


def test_files_that_compile_differently_are_looked_at_apart(tree):
    database = json.loads((tree.path / "build/compile_commands.json").read_text())
    database[0]["command"] += " -DOTHER"
    (tree.path / "build/compile_commands.json").write_text(json.dumps(database))
    assert tree()[1] == ["src/base/a.cpp", "src/base/b.cpp"]


def test_a_header_is_named_once_in_the_text_of_several_files(tree):
    for name in ("a", "b"):
        (tree.path / f"src/base/{name}.cpp").write_text('#include <vector>\n#include "neurocuda/base/a.hpp"\nint ' + name + ";\n")
    tree()
    (text,) = tree.path.glob("build/tidy-together/*/together.cpp")
    assert text.read_text().count("#include <vector>") == 1
    assert "int a;" in text.read_text() and "int b;" in text.read_text()


def test_a_finding_fails_and_is_reported_again(tree):
    (tree.path / "src/base/b.cpp").write_text("// BAD\n")
    for _ in range(2):
        done, called = tree()
        assert done.returncode == 1
        assert "src/base/b.cpp:1:1: error: bad" in done.stdout
        assert "1 with findings" in done.stdout
    assert called == ["src/base/b.cpp"]


def test_a_finding_among_many_is_said_of_its_file_alone(tree):
    database = json.loads((tree.path / "build/compile_commands.json").read_text())
    for i in range(40):
        (tree.path / f"src/base/file{i}.cpp").write_text("// BAD\n" if i == 17 else "// good\n")
        database.append({**database[0], "file": str(tree.path / f"src/base/file{i}.cpp")})
    (tree.path / "build/compile_commands.json").write_text(json.dumps(database))
    done, called = tree()
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if "error" in line] == [
        f"{tree.path}/src/base/file17.cpp:1:1: error: bad [bugprone-bad,-warnings-as-errors]"
    ]
    assert "42 files, 42 of them new or changed, 1 with findings" in done.stdout
    assert len(called) == 5  # three texts, the file, the others of its text
    assert tree()[1] == ["src/base/file17.cpp"]


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
