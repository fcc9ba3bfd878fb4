"""Uneven padding, pads and crops of their own, ceil mode: exact, or refused with a reason."""

import numpy
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx_models import Model, check, kinds, needs_tool, noise, refusals, relu_head, rewrite  # noqa: E402

pytestmark = [needs_tool, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("stride, dilation, kernel, extent", [
    (1, 1, 3, 9), (2, 1, 3, 8), (2, 1, 3, 9), (2, 1, 2, 7), (3, 1, 5, 11), (1, 2, 3, 9), (2, 2, 3, 9), (1, 3, 2, 10), (4, 1, 7, 13),
    (1, 2, 2, 8),
])  # fmt: skip
@pytest.mark.parametrize("padding", [{"auto_pad": "SAME_UPPER"}, {"auto_pad": "SAME_LOWER"}, {"pads": [0, 1, 2, 3]},
                                     {"pads": [3, 0, 0, 1]}, {"pads": [0, 0, 1, 0]}])
def test_uneven_padding_of_convolutions(tmp_path, stride, dilation, kernel, extent, padding):
    if "auto_pad" in padding and dilation > 1:
        pytest.skip("ONNX Runtime refuses dilation together with auto_pad")
    m = Model((2, extent, extent + 1))
    m.node("Conv", ["x", m.weight("w", 4, 1, kernel, kernel)], "c", strides=[stride] * 2, dilations=[dilation] * 2, group=2, **padding)
    m.node("Flatten", ["c"], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, *m.input_shape))


@pytest.mark.parametrize("pads", [[1, 2, 0, 3], [0, 0, 1, 1], [-1, 0, 0, -2], [2, -1, -1, 2]])
@pytest.mark.parametrize("opset", [9, 13, 18])
@pytest.mark.parametrize("behind", ["Conv", "Relu", "AveragePool"])
def test_pad(tmp_path, pads, opset, behind):
    m = Model((2, 7, 8))
    m.node("Conv", ["x", m.weight("w0", 2, 2, 1, 1), m.weight("b0", 2)], "c0")
    top, left, bottom, right = pads
    if opset < 11:
        m.node("Pad", ["c0"], "p", pads=[0, 0, top, left, 0, 0, bottom, right])
    elif opset < 18:
        m.node("Pad", ["c0", m.constant("pads", numpy.int64([0, 0, top, left, 0, 0, bottom, right])), m.constant("zero", numpy.float32(0))],
               "p", mode="constant")
    else:
        m.node("Pad", ["c0", m.constant("pads", numpy.int64([left, top, right, bottom])), "", m.constant("axes", numpy.int64([-1, 2]))],
               "p")
    extra = {"Conv": {"strides": [2, 2], "pads": [1, 0, 0, 1]}, "Relu": {}, "AveragePool": {"kernel_shape": [3, 3], "strides": [2, 1]}}
    m.node(behind, ["p", m.weight("w", 3, 2, 3, 3)] if behind == "Conv" else ["p"], "b", **extra[behind])
    m.node("Flatten", ["b"], "y")
    graph = check(m.save(tmp_path / "m.onnx", opset), noise(2, 2, 7, 8))
    if behind == "Conv" and min(pads) >= 0:
        assert kinds(graph) == ["Conv", "Conv", "Flatten"]


@pytest.mark.parametrize("op_type", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("extent", [8, 9])
@pytest.mark.parametrize("window", [
    {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
    {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}, {"kernel_shape": [3, 2], "strides": [1, 2], "auto_pad": "SAME_LOWER"},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]}, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 0, 0]},
    {"kernel_shape": [2, 2], "strides": [1, 1], "pads": [0, 1, 1, 0]}, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [2, 2, 2, 2]},
])  # fmt: skip
@pytest.mark.parametrize("positive", [True, False])
def test_pools(tmp_path, op_type, extent, window, positive):
    """What has no counterpart is refused with a reason; everything else is exact."""
    m = Model((3, extent, extent))
    m.node("Conv", ["x", m.weight("w", 3, 3, 1, 1)], "c")
    m.node("Relu" if positive else "Identity", ["c"], "r")
    extra = {"count_include_pad": 1} if op_type == "AveragePool" else {}
    m.node(op_type, ["r"], "p", **window, **extra)
    m.node("Flatten", ["p"], "y")
    path = m.save(tmp_path / "m.onnx")
    done = rewrite(path, tmp_path / "again.onnx")
    if done.returncode != 0:
        (refusal,) = refusals(path)
        border = "ceil_mode" in window and op_type == "AveragePool"
        uneven = "pads" in window and op_type == "MaxPool" and not positive
        assert refusal["op"] == op_type and (border or uneven), refusal
        return
    check(path, noise(2, *m.input_shape))


@pytest.mark.parametrize("mode", ["constant", "edge"])
def test_pad_before_a_max_pool_goes_into_it(tmp_path, mode):
    """The outermost pixels once more add nothing to a maximum, whatever their sign; zeros nothing behind a ReLU."""
    m = Model((3, 10, 10))
    m.node("Conv", ["x", m.weight("w", 3, 3, 1, 1)], "c")
    m.node("Relu" if mode == "constant" else "Identity", ["c"], "r")
    m.node("Pad", ["r", m.constant("pads", numpy.int64([0, 0, 0, 0, 0, 0, 1, 1]))], "padded", mode=mode)
    m.node("MaxPool", ["padded"], "p", kernel_shape=[3, 3], strides=[2, 2])
    m.node("Flatten", ["p"], "y")
    graph = check(m.save(tmp_path / "m.onnx"), noise(2, 3, 10, 10))
    assert kinds(graph) == ["Conv", "Relu" if mode == "constant" else "Identity", "MaxPool", "Flatten"]
    m = Model((3, 10, 10))
    m.node("Pad", ["x", m.constant("pads", numpy.int64([0, 0, 0, 1, 0, 0, 1, 1]))], "padded", mode="edge")
    m.node("Relu", ["padded"], "y")
    assert "edge" in rewrite(m.save(tmp_path / "relu.onnx"), tmp_path / "relu.again.onnx").stderr


def test_crops_subsampling_and_channels_of_zeros(tmp_path):
    """The shortcut of CIFAR's ResNet-20: x[:, :, ::2, ::2] and zeros as further channels."""
    m = Model((4, 9, 8))
    m.node("Slice", ["x", m.constant("starts", numpy.int64([1, 0])), m.constant("ends", numpy.int64([8, 2**31 - 1])),
                     m.constant("axes", numpy.int64([2, 3])), m.constant("steps", numpy.int64([3, 2]))], "s")
    m.node("Pad", ["s", m.constant("pads", numpy.int64([0, 1, 0, 0, 0, 2, 0, 0]))], "p")
    relu_head(m, "p", 7 * 3 * 4)
    check(m.save(tmp_path / "m.onnx"), noise(2, 4, 9, 8))
