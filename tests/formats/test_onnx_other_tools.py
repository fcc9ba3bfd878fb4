"""Files as tools other than PyTorch write them: other orders of axes, arithmetic, refusals."""

import numpy
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx import helper  # noqa: E402
from onnx_models import Model, check, kinds, needs_tool, nhwc_to_nchw, noise, refusals, relu_head, rewrite  # noqa: E402

pytestmark = [needs_tool, pytest.mark.filterwarnings("ignore")]


def nhwc(m, op_type, inputs, output, **attributes):
    """As tf2onnx writes it: Transpose, the operator, Transpose back."""
    before = m.node("Transpose", [inputs[0]], f"{output}_nchw", perm=[0, 3, 1, 2])
    middle = m.node(op_type, [before, *inputs[1:]], f"{output}_raw", **attributes)
    return m.node("Transpose", [middle], output, perm=[0, 2, 3, 1])


def test_nhwc(tmp_path):
    m = Model((12, 10, 3))
    x = m.node("Sub", ["x", m.constant("mean", numpy.float32([0.1, 0.2, 0.3]))], "centred")
    x = m.node("Pad", [x, m.constant("pads", numpy.int64([0, 1, 1, 0, 0, 1, 1, 0]))], "padded")
    x = nhwc(m, "Conv", [x, m.weight("w1", 8, 3, 3, 3)], "c1", strides=[2, 2])
    x = m.node("Add", [x, m.weight("b1", 8)], "c1_biased")
    x = r = m.node("Relu", [x], "r1")
    x = nhwc(m, "Conv", [x, m.weight("w2", 8, 8, 3, 3)], "c2", auto_pad="SAME_UPPER")
    for op, low in (("Sub", -0.5), ("Mul", 0.5), ("Div", 0.5), ("Add", -0.5)):  # batch norm in pieces
        x = m.node(op, [x, m.weight(f"bn_{op}", 8, low=low, high=1.5)], f"bn_{op}_out")
    x = m.node("Add", [x, r], "sum")
    x = m.node("Relu", [x], "r2")
    x = nhwc(m, "MaxPool", [x], "p", kernel_shape=[2, 2], strides=[2, 2], auto_pad="SAME_UPPER")
    x = m.node("Reshape", [x, m.constant("flat", numpy.int64([-1, 3 * 3 * 8]))], "f")
    x = m.node("MatMul", [x, m.weight("w3", 72, 6)], "fc")
    x = m.node("Add", [x, m.weight("b3", 6)], "fc_biased")
    x = m.node("Relu", [x], "r3")
    x = m.node("MatMul", [x, m.weight("w4", 6, 5)], "logits")
    m.node("Softmax", [x], "y")
    path = m.save(tmp_path / "m.onnx")
    model = onnx.load(str(path))
    done = rewrite(path, tmp_path / "again.onnx")
    assert done.returncode == 0 and "Softmax" in done.stdout, done.stderr
    model.graph.node.pop()  # compare the logits
    model.graph.output[0].name = "logits"
    onnx.save(model, str(path))
    graph = check(path, noise(2, 12, 10, 3), nhwc_to_nchw)
    assert "Transpose" not in kinds(graph) and kinds(graph).count("Conv") == 2


def test_nhwc_mean_and_dense_at_every_position(tmp_path):
    m = Model((6, 5, 3))
    x = nhwc(m, "Conv", ["x", m.weight("w1", 8, 3, 1, 1)], "c1")
    x = m.node("Relu", [x], "r1")
    x = m.node("MatMul", [x, m.weight("w2", 8, 6)], "positions")  # a Dense layer on an image
    x = m.node("Add", [x, m.weight("b2", 6)], "biased")
    x = m.node("Relu", [x], "r2")
    x = m.node("ReduceMean", [x], "mean", axes=[1, 2], keepdims=0)
    m.node("MatMul", [x, m.weight("w3", 6, 4)], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, 6, 5, 3), nhwc_to_nchw)


def test_keras_sequences_and_grey_images(tmp_path):
    m = Model((20, 3))  # (N, L, C)
    x = m.node("Transpose", ["x"], "ncl", perm=[0, 2, 1])
    x = m.node("Unsqueeze", [x, m.constant("two", numpy.int64([2]))], "nchw")
    x = m.node("Conv", [x, m.weight("w", 6, 3, 1, 3)], "c")
    x = m.node("Squeeze", [x, "two"], "s")
    x = m.node("Relu", [x], "r")
    x = m.node("Transpose", [x], "nlc", perm=[0, 2, 1])
    x = m.node("Flatten", [x], "f")
    m.node("MatMul", [x, m.weight("w2", 18 * 6, 4)], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, 20, 3), lambda images: images.transpose(0, 2, 1)[:, :, None, :])

    m = Model((8, 8))  # (N, H, W), the channel is added
    x = m.node("Unsqueeze", ["x", m.constant("one", numpy.int64([1]))], "nchw")
    x = m.node("Conv", [x, m.weight("w", 6, 1, 3, 3)], "c")
    relu_head(m, x, 216)
    check(m.save(tmp_path / "m2.onnx"), noise(2, 8, 8), lambda images: images[:, None])

    m = Model((8, 8, 1))  # (N, H, W, 1), which Keras reshapes
    x = m.node("Reshape", ["x", m.constant("shape", numpy.int64([-1, 1, 8, 8]))], "nchw")
    x = m.node("Conv", [x, m.weight("w", 6, 1, 3, 3)], "c")
    relu_head(m, x, 216)
    check(m.save(tmp_path / "m3.onnx"), noise(2, 8, 8, 1), nhwc_to_nchw)


@pytest.mark.parametrize("form", ["inputs", "attributes", "minimum", "infinite", "none"])
def test_clips(tmp_path, form):
    m = Model((5,))
    m.node("MatMul", ["x", m.weight("w", 5, 6, low=-8, high=8)], "h")
    zero, six = m.constant("zero", numpy.float32(0)), m.constant("six", numpy.float32(6))
    if form == "inputs":
        m.node("Clip", ["h", zero, six], "r")
    elif form == "attributes":
        m.node("Clip", ["h"], "r", min=0.0, max=6.0)
    elif form == "minimum":
        m.node("Max", ["h", zero], "positive")
        m.node("Min", ["positive", six], "r")
    elif form == "infinite":
        m.node("Clip", ["h", zero], "r")
    else:
        m.node("Relu", ["h"], "positive")
        m.node("Clip", ["positive", m.constant("low", numpy.float32(-numpy.inf)), six], "r")
    m.node("MatMul", ["r", m.weight("w2", 6, 4)], "y")
    graph = check(m.save(tmp_path / "m.onnx", opset=7 if form == "attributes" else 13), noise(3, 5, seed=4))
    assert kinds(graph) == ["Gemm", "Relu" if form == "infinite" else "Clip", "Gemm"]


@pytest.mark.parametrize("opset", [9, 13, 18])
def test_channels_are_split_sliced_and_put_together(tmp_path, opset):
    m = Model((6, 5, 5))
    sizes = [] if opset == 18 else [m.constant("sizes", numpy.int64([2, 2, 2]))] if opset == 13 else []
    attributes = {"split": [2, 2, 2]} if opset == 9 else {"num_outputs": 3} if opset == 18 else {}
    m.nodes.append(helper.make_node("Split", ["x", *sizes], ["a", "b", "c"], axis=1, **attributes))
    m.node("Conv", ["a", m.weight("w", 3, 2, 3, 3)], "ca", pads=[1, 1, 1, 1])
    if opset == 9:
        m.node("Slice", ["x"], "s", starts=[-3, 0], ends=[2**31 - 1, 5], axes=[1, 2])
    else:
        m.node("Slice", ["x", m.constant("starts", numpy.int64([-3])), m.constant("ends", numpy.int64([2**63 - 1])),
                         m.constant("axes", numpy.int64([1]))], "s")
    m.node("Concat", ["ca", "c", "s"], "cat", axis=-3)
    m.node("Relu", ["cat"], "r")
    relu_head(m, "r", 8 * 25)
    graph = check(m.save(tmp_path / "m.onnx", opset), noise(2, 6, 5, 5))
    assert kinds(graph).count("Slice") == 3  # nothing reads b


def test_features_are_put_together(tmp_path):
    m = Model((3, 6, 6))
    m.node("Conv", ["x", m.weight("w", 4, 3, 3, 3)], "c")
    m.node("GlobalAveragePool", ["c"], "mean")
    m.node("GlobalMaxPool", ["c"], "most")
    m.node("Squeeze", ["mean", m.constant("axes", numpy.int64([2, 3]))], "mean2")
    m.node("Flatten", ["most"], "most2")
    m.node("Concat", ["mean2", "most2"], "cat", axis=1)
    m.node("Gemm", ["cat", m.weight("wh", 8, 4)], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, 3, 6, 6))


def test_convolution_as_classifier(tmp_path):
    for form in ("pool", "squeeze", "last_relu"):
        m = Model((3, 6, 6))
        m.node("Conv", ["x", m.weight("w", 4, 3, 3, 3)], "c")
        m.node("Relu", ["c"], "r")
        m.node("GlobalAveragePool", [m.node("Conv", ["r", m.weight("w2", 5, 4, 1, 1)], "classes")], "g")
        if form == "pool":
            m.node("Identity", ["g"], "y")
        elif form == "squeeze":
            m.node("Squeeze", ["g"], "y")
        else:
            m.node("Relu", ["g"], "last")
            m.node("Flatten", ["last"], "y")
        path = m.save(tmp_path / f"{form}.onnx", batch=2)
        check(path, noise(2, 3, 6, 6))


def test_a_squeeze_without_axes_and_a_batch_of_one(tmp_path):
    m = Model((3, 6, 6))
    m.node("Conv", ["x", m.weight("w", 4, 3, 3, 3)], "c")
    m.node("GlobalAveragePool", ["c"], "g")
    m.node("Squeeze", ["g"], "s")
    m.node("MatMul", ["s", m.weight("w2", 4, 5)], "h")
    m.node("Add", ["h", m.weight("b2", 5)], "y")
    check(m.save(tmp_path / "m.onnx", batch=1), noise(1, 3, 6, 6))


def test_a_pointwise_convolution_of_features(tmp_path):
    m = Model((3, 6, 6))
    m.node("GlobalAveragePool", ["x"], "g")
    m.node("Flatten", ["g"], "f")
    m.node("Gemm", ["f", m.weight("w", 3, 8)], "h")
    m.node("Unsqueeze", ["h", m.constant("axes", numpy.int64([2, 3]))], "u")
    m.node("Conv", ["u", m.weight("w2", 4, 8, 1, 1), m.weight("b2", 4)], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, 3, 6, 6))


def test_channels_by_number(tmp_path):
    """GoogLeNet's own normalisation: x[:, i] scaled and put together again."""
    m = Model((3, 6, 6))
    parts = []
    for i in range(3):
        x = m.node("Gather", ["x", m.constant(f"i{i}", numpy.int64(i))], f"one{i}", axis=1)
        x = m.node("Unsqueeze", [x, m.constant(f"axis{i}", numpy.int64([1]))], f"channel{i}")
        x = m.node("Mul", [x, m.constant(f"scale{i}", numpy.float32(0.5 + i))], f"scaled{i}")
        parts.append(m.node("Add", [x, m.constant(f"shift{i}", numpy.float32(0.1 * i))], f"shifted{i}"))
    m.node("Concat", parts, "cat", axis=1)
    m.node("Conv", ["cat", m.weight("w", 4, 3, 3, 3)], "c")
    m.node("Flatten", ["c"], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, 3, 6, 6))


def test_softmax_in_front_of_layers_is_refused(tmp_path):
    m = Model((5,))
    m.node("Softmax", ["x"], "s")
    m.node("MatMul", ["s", m.weight("w", 5, 4)], "y")
    done = rewrite(m.save(tmp_path / "m.onnx"), tmp_path / "again.onnx")
    assert done.returncode == 2 and "MatMul" in done.stderr and "softmax" in done.stderr


def test_all_refusals_are_listed_with_what_to_do(tmp_path):
    """Squeeze-and-excitation, LeakyReLU and GELU in one network: one finding each, in one go."""
    m = Model((3, 6, 6))
    m.node("Conv", ["x", m.weight("w", 4, 3, 3, 3)], "c")
    m.node("LeakyRelu", ["c"], "l", alpha=0.1)
    m.node("GlobalAveragePool", ["l"], "g")
    m.node("Conv", ["g", m.weight("w2", 4, 4, 1, 1)], "excite")
    m.node("Sigmoid", ["excite"], "gate", name="the_gate")
    m.node("Mul", ["l", "gate"], "gated")
    m.node("Erf", ["gated"], "e")
    m.node("Resize", ["e", "", "", m.constant("sizes", numpy.int64([1, 4, 8, 8]))], "big")
    m.node("HardSwish", ["big"], "h")
    relu_head(m, "h", 256)
    found = refusals(m.save(tmp_path / "m.onnx", opset=14))
    assert [finding["op"] for finding in found] == ["LeakyRelu", "Sigmoid", "Mul", "Erf", "Resize", "HardSwish"]
    assert all(finding["reason"] and finding["remedy"] for finding in found)
    assert found[1]["node"] == "the_gate" and "gate" in found[1]["reason"] and "GELU" in found[3]["remedy"]
    m = Model((5,))
    m.node("MatMul", ["x", m.weight("w", 5, 4)], "h")
    m.node("Sigmoid", ["h"], "y")
    (last,) = refusals(m.save(tmp_path / "last.onnx"))
    assert "logits" in last["remedy"]
