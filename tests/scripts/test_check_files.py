"""scripts/check-files.py, and the hooks of .pre-commit-config.yaml."""

import re

import pytest


@pytest.fixture(scope="module")
def files(load_script):
    return load_script("check-files")


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.md", b"text \n", "a.md:1: trailing whitespace"),
        ("a.py", b"if x:\n\ty\n", "a.py:2: a tab"),
        ("a.cpp", b"int x;", "a.cpp: no newline at the end"),
        ("a.txt", b"one\n<<<<<<< HEAD\n", "a.txt:2: a mark of a conflict"),
        ("a.bin", b"\xff" * 3_000_001, "a.bin: 3000001 bytes, at most 3000000; large data does not belong in the repository"),
    ],
)
def test_each_violation_is_found(files, tmp_path, monkeypatch, name, data, found):
    monkeypatch.chdir(tmp_path)
    path = type(tmp_path)(name)
    path.write_bytes(data)
    assert list(files.check(path)) == [found]


@pytest.mark.parametrize(("name", "data"), [("a.py", b"x = 1\n"), ("a.tsv", b"a\tb\n"), ("a.nir", b"\x89HDF \n\0"), ("empty.py", b"")])
def test_sound_files_pass(files, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    assert list(files.check(tmp_path / name)) == []


def test_hooks_are_local_and_what_they_run_is_there(root):
    text = (root / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"- repo: (\S+)", text) == ["local"]
    hooks = re.findall(r"- id: (\S+)", text)
    assert hooks == ["clang-format", "ruff", "mypy", "floors", "files"]
    assert re.findall(r"language: (\S+)", text) == ["system"] * len(hooks)
    entries = re.findall(r"entry: (\S+)", text)
    assert len(entries) == len(hooks)
    scripts = [entry for entry in entries if entry.startswith("scripts/")]
    assert scripts and all((root / script).stat().st_mode & 0o100 for script in scripts)
    named = (root / "scripts/requirements-test.txt").read_text()
    assert all(entry.removeprefix(".venv/bin/") in named for entry in entries if entry not in scripts)
