"""Names in files of others do nothing to a terminal; in JSON they are exact."""

import json
import re

import h5py
import onnx
import pytest

import onnx_files
from conftest import assert_refused, run, run_json

NAME = "\x9b31mred\u202eder\u2066"  # C1 and bidirectional controls, as valid UTF-8
ESCAPED = r"\u009b31mred\u202eder\u2066"
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def rename_onnx(path):
    model = onnx.load(onnx_files.good(path))
    model.graph.node[0].name = NAME
    onnx.save(model, path)
    return path


def rename_nir(models, path, name):
    """A copy of the network whose first layer has the name in its metadata."""
    path.write_bytes((models / "snn.nir").read_bytes())
    with h5py.File(path, "r+") as file:
        for node in file["node/nodes"].values():
            own = node["metadata/neurocuda"]
            if own["kind"][()] == b"if_layer":
                del own["name"]
                own["name"] = name
                break
    return path


@pytest.mark.parametrize("command", [["inspect"], ["doctor"]])
def test_onnx(tmp_path, command):
    result = run(*command, rename_onnx(tmp_path / "ann.onnx"))
    assert result.returncode == 0 and ESCAPED in result.stdout
    assert not UNSEEN.search(result.stdout + result.stderr)


def test_nir(models, tmp_path):
    snn = rename_nir(models, tmp_path / "snn.nir", NAME)
    result = run("inspect", snn)
    assert result.returncode == 0 and ESCAPED in result.stdout
    assert not UNSEEN.search(result.stdout + result.stderr)


def test_json_is_exact(models, tmp_path):
    document = run_json(tmp_path, "inspect", rename_nir(models, tmp_path / "snn.nir", NAME))
    assert NAME in [node["name"] for node in document["nodes"]]


def test_messages(models, tmp_path):
    assert_refused(run("inspect", tmp_path / f"no\x1b[2J{NAME}.onnx"), r"no\x1b[2J" + ESCAPED)
    result = run("verify", rename_nir(models, tmp_path / "snn.nir", NAME), "--data", "digits", "--inject-fault", f"{NAME}\x1b:9999999")
    assert_refused(result, ESCAPED)
    assert not UNSEEN.search(result.stderr)


def test_document_of_a_message(models, tmp_path):
    """The name as it is, whatever the page and the terminal show."""
    path = tmp_path / "answer.json"
    snn = rename_nir(models, tmp_path / "snn.nir", NAME)
    assert run("eval", snn, "--data", "digits", "--layers", "--images", 4, "--json", path).returncode == 0
    assert NAME in [layer["layer"] for layer in json.loads(path.read_text())["layers"]]
