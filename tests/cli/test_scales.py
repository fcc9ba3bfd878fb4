"""A network converts alike whatever unit its activations have, and channels that never fire cost nothing."""

import h5py
import numpy as np
import pytest
from onnx import helper, numpy_helper

import onnx_files
from conftest import run_json

CONVERT = ["--data", "digits", "-T", 8, "--epochs", 0, "--tune", "none", "--threads", 1]


def two_layers(path, factor=1.0, dead=()):
    """Two convolutions; the activations of the first are `factor` times as large, the channels in `dead` have no weights."""
    random = np.random.default_rng(3)
    first = random.standard_normal((6, 1, 3, 3)).astype(np.float32) * 0.4
    bias = random.standard_normal(6).astype(np.float32) * 0.1
    first[list(dead)] = 0
    bias[list(dead)] = -0.25
    second = random.standard_normal((6, 6, 3, 3)).astype(np.float32) * 0.2
    nodes, _ = onnx_files.head("relu2", features=6 * 64)
    head = random.standard_normal((10, 6 * 64)).astype(np.float32) * 0.1
    initialisers = [numpy_helper.from_array(head, "w_head")]
    scaled = np.float32(factor)
    weights = [("w_first", first * scaled), ("b_first", bias * scaled), ("w_second", second / scaled)]
    return onnx_files.write(
        path,
        [helper.make_node("Conv", ["image", "w_first", "b_first"], ["first"], name="first", pads=[1] * 4),
         helper.make_node("Relu", ["first"], ["relu1"], name="relu1"),
         onnx_files.conv("second", "relu1", "w_second"), helper.make_node("Relu", ["second"], ["relu2"], name="relu2"),
         *nodes],
        [*initialisers, *(numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights)])


def program_of(path):
    """{name: array} of every dataset that holds the Program's integers."""
    found = {}

    def visit(name, node):
        if isinstance(node, h5py.Dataset) and node.dtype.kind in "fi" and name.startswith("node/"):
            found[name] = np.asarray(node)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def converted(folder, name, **network):
    two_layers(folder / f"{name}.onnx", **network)
    document = run_json(folder, "convert", folder / f"{name}.onnx", *CONVERT, "-o", folder / f"{name}.nir")
    return document, program_of(folder / f"{name}.nir")


@pytest.mark.parametrize("exponent", [-8, -5, -1, 2, 5, 8])
def test_the_unit_of_a_layer_does_not_matter(tmp_path, exponent):
    """Powers of ten round in float32, so that a code at a tie may differ by one."""
    facts, plain = converted(tmp_path, "plain")
    others, scaled = converted(tmp_path, "scaled", factor=10.0**exponent)
    assert plain.keys() == scaled.keys() and len(plain) > 8
    differences = {name: np.abs(values.astype(float) - scaled[name]).max() for name, values in plain.items() if "scale" not in name}
    assert len(differences) > 20
    assert max(differences.values()) <= 1, {name: by for name, by in differences.items() if by > 1}
    assert others["evaluation"]["accuracy"] == pytest.approx(facts["evaluation"]["accuracy"], abs=0.02)


def test_channels_that_never_fire_cost_nothing(tmp_path):
    pruned, program = converted(tmp_path, "pruned", dead=(1, 4))
    whole, _ = converted(tmp_path, "whole")
    weights = [values.shape for values in program.values() if values.ndim == 4]
    assert (6, 4, 3, 3) in weights and (4, 1, 3, 3) in weights, weights
    assert pruned["evaluation"]["dense_macs_per_image"] < whole["evaluation"]["dense_macs_per_image"]
    assert "nan" not in str(pruned).lower()
