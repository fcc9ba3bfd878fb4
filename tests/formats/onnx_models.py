"""Small ONNX files made by hand, what our reader and writer (onnx_rewrite) make of a file, and what ONNX Runtime computes."""

import os
import pathlib
import subprocess

import numpy
import onnxruntime
import pytest
from onnx import TensorProto, checker, helper, load, numpy_helper, save

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ.get("NEUROCUDA_BIN", ROOT / "build" / "bin")) / "onnx_rewrite"

needs_tool = pytest.mark.skipif(
    not TOOL.exists(), reason=f"{TOOL} is not built; set NEUROCUDA_BIN to the folder that holds it"
)


def rewrite(source, target):
    """Reads and writes; what the reader notes comes on standard output."""
    return subprocess.run([TOOL, source, target], capture_output=True, text=True, timeout=60)


def refusals(source):
    """What the reader refuses: dicts of op, node, line, reason, remedy."""
    done = subprocess.run([TOOL, source], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    names = ("op", "node", "line", "reason", "remedy")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]


def logits(path, images):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: images})[0]


class Model:
    """A hand-made file: input x, output y."""

    def __init__(self, input_shape, seed=1):
        self.random = numpy.random.default_rng(seed)
        self.input_shape = input_shape
        self.nodes, self.constants = [], []

    def weight(self, name, *shape, low=-0.5, high=0.5, dtype=numpy.float32):
        values = self.random.uniform(low, high, size=shape).astype(dtype)
        return self.constant(name, values)

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def node(self, op_type, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op_type, inputs, [output], **attributes))
        return output

    def save(self, path, opset=13, batch="N"):
        graph = helper.make_graph(
            self.nodes,
            "hand_made",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *self.input_shape])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        save(model, str(path))
        return path


def check(path, images, to_ours=lambda images: images, notes=(), tolerance=1e-5):
    """Compares the file with what our reader makes of it, on the same images; to_ours brings their axes into our order."""
    again = path.with_suffix(".again.onnx")
    done = rewrite(path, again)
    assert done.returncode == 0, done.stderr
    for note in notes:
        assert note in done.stdout
    assert bool(notes) == bool(done.stdout), done.stdout
    checker.check_model(str(again), full_check=True)
    expected = logits(path, images)
    ours = logits(again, numpy.ascontiguousarray(to_ours(images)))
    assert numpy.abs(expected).max() > 1e-3, "logits that are all zero would compare equal whatever was lost"
    assert ours.size == expected.size
    numpy.testing.assert_allclose(ours.ravel(), expected.ravel(), rtol=0, atol=tolerance * numpy.abs(expected).max())
    third = path.with_suffix(".third.onnx")
    assert rewrite(again, third).returncode == 0
    assert third.read_bytes() == again.read_bytes()
    return load(str(again)).graph


def noise(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype(numpy.float32)


def kinds(graph):
    return [node.op_type for node in graph.node]


def nhwc_to_nchw(images):
    return images.transpose(0, 3, 1, 2)


def relu_head(m, value, features, flatten=True):
    """Flatten and a linear layer, so that every file ends in logits."""
    if flatten:
        value = m.node("Flatten", [value], "head_flat")
    return m.node("Gemm", [value, m.weight("w_head", features, 4), m.weight("b_head", 4)], "y")
