"""What onnx_rewrite (our reader and writer in a row) writes must compute what the original file computes."""

import numpy
import pytest

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
from onnx import helper, numpy_helper  # noqa: E402
from onnx_models import Model, logits, needs_tool, rewrite  # noqa: E402

pytestmark = needs_tool


def check(path, input_shape, batch=3):
    """Rewrites the file and compares the logits of both, then rewrites the result, which must not change any more."""
    again, third = path.with_suffix(".again.onnx"), path.with_suffix(".third.onnx")
    done = rewrite(path, again)
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(str(again), full_check=True)
    images = numpy.random.default_rng(0).normal(size=(batch, *input_shape)).astype(numpy.float32)
    expected = logits(path, images)
    assert numpy.abs(expected).max() > 1e-3, "logits that are all zero would compare equal whatever was lost"
    numpy.testing.assert_allclose(logits(again, images), expected, atol=1e-4, rtol=1e-4)
    assert rewrite(again, third).returncode == 0
    assert again.read_bytes() == third.read_bytes()
    return onnx.load(str(again))


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 18])
def test_convolutions(tmp_path, opset):
    m = Model((4, 11, 14))
    c = m.node("Conv", ["x", m.weight("w1", 6, 2, 3, 5), m.weight("b1", 6)], "c1", group=2, strides=[2, 1],
               pads=[1, 3, 1, 3], dilations=[1, 2])
    c = m.node("Relu", [c], "r1")
    c = m.node("Conv", [c, m.weight("w2", 6, 6, 3, 3)], "c2", auto_pad="SAME_UPPER")
    c = m.node("Add", [c, m.weight("late_bias", 6, 1, 1)], "c2_biased")
    c = m.node("Add", [c, "r1"], "sum")
    c = m.node("Conv", [c, m.weight("w3", 5, 6, 2, 2)], "c3", auto_pad="VALID")
    m.node("Flatten", [c], "y")
    check(m.save(tmp_path / "m.onnx", opset), m.input_shape)


@pytest.mark.parametrize("trans_b", [0, 1])
def test_gemm_with_alpha_and_beta(tmp_path, trans_b):
    m = Model((7,))
    weight = m.weight("w", *((5, 7) if trans_b else (7, 5)))
    m.node("Gemm", ["x", weight, m.weight("b", 1, 5)], "y", alpha=0.3, beta=-2.0, transB=trans_b)
    check(m.save(tmp_path / "m.onnx"), m.input_shape)


def test_matmul_and_add_become_one_layer(tmp_path):
    m = Model((7,))
    h = m.node("MatMul", ["x", m.weight("w1", 7, 6)], "h1")
    h = m.node("Add", [m.weight("b1", 6), h], "h2")
    h = m.node("Relu", [h], "h3")
    h = m.node("MatMul", [h, m.weight("w2", 6, 4)], "h4")
    m.node("Add", [h, m.weight("b2", 1)], "y")
    rewritten = check(m.save(tmp_path / "m.onnx"), m.input_shape)
    assert [node.op_type for node in rewritten.graph.node] == ["Gemm", "Relu", "Gemm"]


@pytest.mark.parametrize("op_type,extra", [("AveragePool", {"count_include_pad": 1}), ("MaxPool", {})])
def test_pooling_with_padding(tmp_path, op_type, extra):
    m = Model((3, 9, 12))
    m.node("Conv", ["x", m.weight("w", 4, 3, 3, 3)], "c")
    m.node("Relu", ["c"], "r")
    p = m.node(op_type, ["r"], "p", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 1, 1, 1], **extra)
    m.node("Flatten", [p], "y")
    check(m.save(tmp_path / "m.onnx"), m.input_shape)


def test_average_over_the_whole_map(tmp_path):
    m = Model((3, 6, 5))
    p = m.node("AveragePool", ["x"], "p", kernel_shape=[6, 5])
    m.node("Flatten", [p], "y")
    check(m.save(tmp_path / "m.onnx"), m.input_shape)


@pytest.mark.parametrize("target", [[0, -1], [-1, 60], [3, -1]])
def test_reshape(tmp_path, target):
    m = Model((3, 4, 5))
    f = m.node("Reshape", ["x", m.constant("shape", numpy.array(target, numpy.int64))], "f")
    m.node("Gemm", [f, m.weight("w", 60, 4)], "y")
    check(m.save(tmp_path / "m.onnx"), m.input_shape)


@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("axes", [[2, 3], [-1, -2]])
def test_reduce_mean(tmp_path, axes, keepdims):
    m = Model((3, 4, 5))
    f = m.node("ReduceMean", ["x"], "f", axes=axes, keepdims=keepdims)
    if keepdims:
        f = m.node("Flatten", [f], "flat")
    m.node("Gemm", [f, m.weight("w", 3, 4)], "y")
    check(m.save(tmp_path / "m.onnx"), m.input_shape)


def test_reduce_mean_with_axes_as_input(tmp_path):
    m = Model((3, 4, 5))
    m.nodes.append(helper.make_node("Constant", [], ["axes"], value_ints=[2, 3]))
    m.node("ReduceMean", ["x", "axes"], "y", keepdims=0)
    check(m.save(tmp_path / "m.onnx", opset=18), m.input_shape)


def test_batch_norm_dropout_and_identity(tmp_path):
    m = Model((3, 4, 5))
    parameters = [m.weight(n, 3, low=0.2, high=1.5) for n in ("gamma", "beta", "mean", "var")]
    b = m.node("BatchNormalization", ["x", *parameters], "b", epsilon=1e-3)
    b = m.node("Dropout", [b, m.constant("rate", numpy.float32(0.4))], "d")
    b = m.node("Identity", [b], "i")
    b = m.node("GlobalAveragePool", [b], "g")
    m.node("Flatten", [b], "y")
    check(m.save(tmp_path / "m.onnx"), m.input_shape)


def test_float64_weights_and_constant_nodes(tmp_path):
    # ONNX Runtime needs one element type throughout, so the original is the float32 twin of the float64 file.
    m = Model((6,))
    weight = m.random.uniform(-1, 1, size=(6, 4))
    m.nodes.append(helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(weight)))
    m.node("MatMul", ["x", "w"], "y")
    wide = m.save(tmp_path / "wide.onnx")
    assert rewrite(wide, tmp_path / "rewritten.onnx").returncode == 0
    images = numpy.random.default_rng(2).normal(size=(3, 6)).astype(numpy.float32)
    numpy.testing.assert_allclose(logits(tmp_path / "rewritten.onnx", images), images @ weight, atol=1e-5)


def test_metadata_is_kept_to_the_bit(tmp_path):
    m = Model((3, 4, 4))
    m.node("Relu", ["x"], "y")
    path = m.save(tmp_path / "m.onnx")
    model = onnx.load(str(path))
    mean = [0.4914, 0.48216, 1 / 3]
    helper.set_model_props(model, {"neurocuda.mean": ",".join(map(str, mean)), "neurocuda.stddev": "1,2,0.25"})
    onnx.save(model, str(path))
    assert rewrite(path, tmp_path / "again.onnx").returncode == 0
    found = {p.key: p.value for p in onnx.load(str(tmp_path / "again.onnx")).metadata_props}
    numpy.testing.assert_array_equal(numpy.float32(found["neurocuda.mean"].split(",")), numpy.float32(mean))
    assert found["neurocuda.stddev"] == "1,2,0.25"


def test_refusals_are_one_line_and_leave_no_file(tmp_path):
    m = Model((3, 4, 4))
    m.node("Sigmoid", ["x"], "y", name="squash")
    done = rewrite(m.save(tmp_path / "m.onnx"), tmp_path / "out.onnx")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "Sigmoid 'squash'" in done.stderr and "m.onnx" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.onnx"]


# --- files that PyTorch writes -----------------------------------------------------------------------------------------


def residual_network(torch):
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.skip = nn.Identity()
            if stride != 1 or inputs != outputs:
                self.skip = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            h = torch.relu(self.bn1(self.conv1(x)))
            return torch.relu(self.bn2(self.conv2(h)) + self.skip(x))

    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        Block(8, 8, 1), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 10),
    )  # fmt: skip


def vgg(torch):
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3, padding=2, dilation=2, groups=4), nn.ReLU(), nn.AvgPool2d(3, 2, padding=1),
        nn.Flatten(), nn.Linear(12 * 16, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Linear(20, 10, bias=False),
    )  # fmt: skip


def mean_pooled(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 6, 3)
            self.fc = torch.nn.Linear(6, 4)

        def forward(self, x):
            return self.fc(torch.relu(self.conv(x)).mean(dim=(2, 3)))

    return Net()


@pytest.mark.parametrize("training", ["EVAL", "PRESERVE"])
@pytest.mark.parametrize("opset", [11, 13, 18])
@pytest.mark.parametrize("build", [residual_network, vgg, mean_pooled])
@pytest.mark.filterwarnings("ignore")
def test_pytorch_exports(tmp_path, build, opset, training):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = build(torch)
    with torch.no_grad():  # batch norm statistics that are not the initial ones
        for module in model.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.running_mean.uniform_(-0.3, 0.3)
                module.running_var.uniform_(0.5, 2)
    path = tmp_path / "m.onnx"
    try:
        torch.onnx.export(model.eval(), (torch.zeros(1, 3, 16, 16),), str(path), dynamo=False, opset_version=opset,
                          input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "N"}},
                          training=getattr(torch.onnx.TrainingMode, training))
    except (ImportError, ModuleNotFoundError, TypeError) as missing:
        pytest.skip(f"this PyTorch cannot export offline: {missing}")
    rewritten = check(path, (3, 16, 16))
    images = torch.from_numpy(numpy.random.default_rng(5).normal(size=(4, 3, 16, 16)).astype(numpy.float32))
    ours = logits(tmp_path / "m.again.onnx", images.numpy())
    numpy.testing.assert_allclose(ours, model(images).detach().numpy(), atol=1e-4, rtol=1e-4)
    assert rewritten.graph.output[0].name == "logits"


@pytest.mark.filterwarnings("ignore")
def test_a_batch_that_pytorch_fixed(tmp_path):
    torch = pytest.importorskip("torch")
    model = vgg(torch).eval()
    path = tmp_path / "m.onnx"
    try:
        torch.onnx.export(model, (torch.zeros(2, 3, 16, 16),), str(path), dynamo=False, opset_version=13)
    except (ImportError, ModuleNotFoundError, TypeError) as missing:
        pytest.skip(f"this PyTorch cannot export offline: {missing}")
    check(path, (3, 16, 16), batch=2)


def qcfs_function():
    """neurocuda.QCFS written down anew: lambda clip(floor(x L / lambda + 1/2), 0, L) / L."""
    number = helper.make_node("Constant", [], ["L"])
    number.attribute.add(name="value_float", ref_attr_name="levels", type=onnx.AttributeProto.FLOAT)
    steps = [
        number,
        helper.make_node("Constant", [], ["half"], value_float=0.5),
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        helper.make_node("Mul", ["x", "L"], ["a"]),
        helper.make_node("Div", ["a", "lambda"], ["b"]),
        helper.make_node("Add", ["b", "half"], ["c"]),
        helper.make_node("Floor", ["c"], ["d"]),
        helper.make_node("Clip", ["d", "zero", "L"], ["e"]),
        helper.make_node("Mul", ["e", "lambda"], ["f"]),
        helper.make_node("Div", ["f", "L"], ["h"]),
    ]
    opsets = [helper.make_opsetid("", 13)]
    return helper.make_function("neurocuda", "QCFS", ["x", "lambda"], ["h"], steps, opsets, ["levels"])


def test_qcfs_runs_elsewhere_as_it_was_trained(tmp_path):
    m = Model((3, 9, 8))
    c = m.node("Conv", ["x", m.weight("w1", 6, 3, 3, 3)], "c1", pads=[1, 1, 1, 1])
    c = m.node("QCFS", [c, m.weight("l1", 6, 1, 1, low=0.3, high=2.0)], "q1", domain="neurocuda", levels=4.0)
    c = m.node("Flatten", [c], "f")
    c = m.node("Gemm", [c, m.weight("w2", 432, 5)], "g")
    m.node("QCFS", [c, m.weight("l2", 5, low=0.5, high=3.0)], "y", domain="neurocuda", levels=8.0)
    path = m.save(tmp_path / "qcfs.onnx")
    model = onnx.load(str(path))
    model.opset_import.append(helper.make_opsetid("neurocuda", 1))
    model.functions.append(qcfs_function())
    onnx.save(model, str(path))
    rewritten = check(path, m.input_shape)
    assert [f.name for f in rewritten.functions] == ["QCFS"]
