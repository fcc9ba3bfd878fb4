"""The networks in models/ are what their README says. With NEUROCUDA_CIFAR10 naming a folder with CIFAR-10 in the binary
layout, their accuracies are measured again, as `neurocuda eval` prints them."""

import json
import os
import re

import pytest

from conftest import ROOT, run, run_json

FOLDERS = sorted(folder for folder in (ROOT / "models").glob("*") if folder.is_dir())
MOST_BYTES = {"resnet18_cifar10": 12_000_000}  # of one file; 3 MB where nothing is said


def networks():
    return [pytest.param(path, id=f"{path.parent.name}/{path.name}")
            for folder in FOLDERS for path in sorted(folder.iterdir()) if path.suffix in (".onnx", ".nir")]


def stated_accuracy(path):
    """The last cell of the row of the README's table that names the file, in %."""
    rows = [line for line in (path.parent / "README.md").read_text().splitlines() if line.startswith(f"| `{path.name}`")]
    assert len(rows) == 1, f"{path.parent.name}/README.md must have one row for {path.name}"
    return float(re.findall(r"\d+\.\d\d", rows[0])[-1])


def test_there_are_networks():
    assert len(networks()) >= 4


@pytest.mark.parametrize("path", networks())
def test_file_is_small_and_its_figures_are_stated(path):
    assert path.stat().st_size < MOST_BYTES.get(path.parent.name, 3_000_000)
    assert 50 < stated_accuracy(path) < 100


@pytest.mark.parametrize("path", networks())
def test_file_is_read(path, tmp_path):
    document = run_json(tmp_path, "inspect", path)
    assert json.dumps(document), document
    if path.suffix == ".nir":
        assert document["timesteps"] == int(re.search(r"(\d+)\.nir$", path.name)[1])


@pytest.mark.skipif("NEUROCUDA_CIFAR10" not in os.environ, reason="NEUROCUDA_CIFAR10 names no folder with CIFAR-10")
@pytest.mark.parametrize("path", networks())
def test_accuracy_is_reproduced(path, tmp_path):
    answer = tmp_path / "answer.json"
    run("eval", path, "--data", os.environ["NEUROCUDA_CIFAR10"], "--json", answer, timeout=3600)
    document = json.loads(answer.read_text())
    assert document["accuracy"] * 100 == pytest.approx(stated_accuracy(path), abs=0.005)
