"""What exporters write and our reader once refused: the network that is read must compute what ONNX Runtime computes."""

import numpy
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx_models import Model, logits, needs_tool, refusals, rewrite  # noqa: E402

pytestmark = [needs_tool, pytest.mark.filterwarnings("ignore")]


def check(path, images, to_ours=lambda images: images, notes=(), tolerance=1e-5):
    """Compares the file with what our reader makes of it, on the same images; to_ours brings their axes into our order."""
    again = path.with_suffix(".again.onnx")
    done = rewrite(path, again)
    assert done.returncode == 0, done.stderr
    for note in notes:
        assert note in done.stdout
    assert bool(notes) == bool(done.stdout), done.stdout
    onnx.checker.check_model(str(again), full_check=True)
    expected = logits(path, images)
    ours = logits(again, numpy.ascontiguousarray(to_ours(images)))
    assert numpy.abs(expected).max() > 1e-3, "logits that are all zero would compare equal whatever was lost"
    assert ours.size == expected.size
    numpy.testing.assert_allclose(ours.ravel(), expected.ravel(), rtol=0, atol=tolerance * numpy.abs(expected).max())
    third = path.with_suffix(".third.onnx")
    assert rewrite(again, third).returncode == 0
    assert third.read_bytes() == again.read_bytes()
    return onnx.load(str(again)).graph


def noise(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype(numpy.float32)


def kinds(graph):
    return [node.op_type for node in graph.node]


def nhwc_to_nchw(images):
    return images.transpose(0, 3, 1, 2)


# --- PyTorch's exporters -----------------------------------------------------------------------------------------------


def torch_networks():
    torch = pytest.importorskip("torch")
    nn, functional = torch.nn, torch.nn.functional

    class Dense(nn.Module):
        """DenseNet: batch norm and ReLU before convolutions, Concat of all that came before."""

        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3, padding=1)
            self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in (8, 12, 16))
            self.convs = nn.ModuleList(nn.Conv2d(c, 4, 3, padding=1, bias=False) for c in (8, 12, 16))
            self.fc = nn.Linear(20, 5)

        def forward(self, x):
            x = self.stem(x)
            for norm, conv in zip(self.norms, self.convs, strict=True):
                x = torch.cat([x, conv(torch.relu(norm(x)))], 1)
            x = functional.adaptive_avg_pool2d(x, 1)
            return self.fc(torch.flatten(x, 1))

    class Inverted(nn.Module):
        """MobileNetV2: linear bottlenecks, depthwise convolutions, ReLU6; the mean over positions."""

        def __init__(self):
            super().__init__()
            self.expand, self.depth = nn.Conv2d(3, 12, 1), nn.Conv2d(12, 12, 3, 2, 1, groups=12)
            self.project, self.bn, self.fc = nn.Conv2d(12, 6, 1, bias=False), nn.BatchNorm2d(6), nn.Linear(6, 5)

        def forward(self, x):
            x = functional.relu6(self.depth(functional.relu6(self.expand(x))))
            return self.fc(self.bn(self.project(x)).mean([2, 3]))

    class Squeezed(nn.Module):
        """SqueezeNet: fire modules, max pools in ceil mode, a convolution as classifier."""

        def __init__(self):
            super().__init__()
            self.stem, self.squeeze = nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 4, 1)
            self.one, self.three, self.classes = nn.Conv2d(4, 6, 1), nn.Conv2d(4, 6, 3, padding=1), nn.Conv2d(12, 5, 1)

        def forward(self, x):
            x = functional.max_pool2d(torch.relu(self.stem(x)), 3, 2, ceil_mode=True)
            x = torch.relu(self.squeeze(x))
            x = torch.cat([torch.relu(self.one(x)), torch.relu(self.three(x))], 1)
            return functional.adaptive_avg_pool2d(torch.relu(self.classes(x)), 1).squeeze(3).squeeze(2)

    class Sequence(nn.Module):
        """Conv1d over (N, C, L)."""

        def __init__(self):
            super().__init__()
            self.a, self.b, self.fc = nn.Conv1d(3, 6, 5, 2, 2), nn.Conv1d(6, 8, 3), nn.Linear(8, 5)
            self.bn = nn.BatchNorm1d(6)

        def forward(self, x):
            x = functional.max_pool1d(torch.relu(self.bn(self.a(x))), 2)
            return self.fc(torch.relu(self.b(x)).mean(2))

    class Sums(nn.Module):
        """Normalisation inside the model, padding on its own, x.view, a difference, chunks of channels, LogSoftmax."""

        def __init__(self):
            super().__init__()
            self.a, self.b, self.fc = nn.Conv2d(3, 8, 3), nn.Conv2d(4, 4, 3, padding=1), nn.Linear(4 * 64, 5)
            self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))

        def forward(self, x):
            x = torch.relu(self.a(functional.pad((x - self.mean) / 0.25, (0, 1, 0, 1)))) * 0.5 + 1
            p, q = x.chunk(2, 1)
            x = functional.avg_pool2d(torch.relu(self.b(p) - q), 2)[:, :, :8, :8]
            return torch.log_softmax(self.fc(x.reshape(x.size(0), -1)), 1)

    mlp = nn.Sequential(nn.Linear(7, 9), nn.BatchNorm1d(9), nn.ReLU(), nn.Dropout(0.1), nn.Linear(9, 5))
    return {
        "dense": (Dense(), (3, 16, 16)), "inverted": (Inverted(), (3, 16, 16)), "squeezed": (Squeezed(), (3, 20, 20)),
        "sequence": (Sequence(), (3, 40)), "sums": (Sums(), (3, 17, 17)), "vectors": (mlp, (7,)),
    }  # fmt: skip


def export(torch, model, shape, path, exporter, opset=None):
    torch.manual_seed(1)
    with torch.no_grad():  # batch norm statistics that are not the initial ones
        for module in model.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.running_mean.uniform_(-0.3, 0.3)
                module.running_var.uniform_(0.5, 2)
                module.weight.uniform_(0.5, 1.5)
    example = torch.randn(2, *shape)
    try:
        if exporter == "dynamo":
            batch = torch.export.Dim("N", min=1, max=1024)
            torch.onnx.export(model.eval(), (example,), str(path), dynamo=True, dynamic_shapes=({0: batch},), opset_version=opset,
                              verbose=False)
        else:
            torch.onnx.export(model.eval(), (example,), str(path), dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "N"}},
                              opset_version=opset)
    except (ImportError, ModuleNotFoundError, TypeError) as missing:
        pytest.skip(f"this PyTorch cannot export offline: {missing}")


def conv1d_to_image(images):
    return images[:, :, None, :] if images.ndim == 3 else images


@pytest.mark.parametrize("exporter", ["dynamo", "torchscript"])
@pytest.mark.parametrize("name", ["dense", "inverted", "squeezed", "sequence", "sums", "vectors"])
def test_torch_exports(tmp_path, name, exporter):
    torch = pytest.importorskip("torch")
    model, shape = torch_networks()[name]
    path = tmp_path / "m.onnx"
    export(torch, model, shape, path, exporter)
    notes = ["LogSoftmax"] if name == "sums" else []
    images = noise(3, *shape)
    if not notes:
        check(path, images, conv1d_to_image)
        ours = logits(tmp_path / "m.again.onnx", conv1d_to_image(images))
        numpy.testing.assert_allclose(ours, model(torch.from_numpy(images)).detach().numpy(), rtol=1e-4, atol=1e-5)
    else:
        done = rewrite(path, tmp_path / "again.onnx")
        assert done.returncode == 0 and notes[0] in done.stdout, done.stderr
        ours = torch.log_softmax(torch.from_numpy(logits(tmp_path / "again.onnx", images)), 1)
        numpy.testing.assert_allclose(ours.numpy(), logits(path, images), rtol=1e-5, atol=1e-5)


def test_torchs_default_export_with_external_data(tmp_path):
    torch = pytest.importorskip("torch")
    model, shape = torch_networks()["inverted"]
    path = tmp_path / "m.onnx"
    try:
        torch.onnx.export(model.eval(), (torch.randn(1, *shape),), str(path), verbose=False)
    except (ImportError, ModuleNotFoundError, TypeError) as missing:
        pytest.skip(f"this PyTorch cannot export offline: {missing}")
    if not (tmp_path / "m.onnx.data").exists():  # small weights may be kept in the file
        onnx.save(onnx.load(str(path)), str(path), save_as_external_data=True, location="m.onnx.data", size_threshold=0)
    check(path, noise(1, *shape))


# --- files of other tools, by hand -------------------------------------------------------------------------------------


def relu_head(m, value, features, flatten=True):
    """Flatten and a linear layer, so that every file ends in logits."""
    if flatten:
        value = m.node("Flatten", [value], "head_flat")
    return m.node("Gemm", [value, m.weight("w_head", features, 4), m.weight("b_head", 4)], "y")


def save_external(path, **options):
    model = onnx.load(str(path))
    onnx.save(model, str(path), save_as_external_data=True, size_threshold=0, **options)


def convolutional(path, seed=1):
    m = Model((3, 8, 8), seed)
    m.node("Conv", ["x", m.weight("w", 4, 3, 3, 3), m.weight("b", 4)], "c")
    m.node("Relu", ["c"], "r")
    relu_head(m, "r", 4 * 36)
    return m.save(path)


@pytest.mark.parametrize("one_file", [True, False])
def test_external_data(tmp_path, one_file):
    path = convolutional(tmp_path / "m.onnx")
    save_external(path, all_tensors_to_one_file=one_file, location="weights.bin" if one_file else None)
    check(path, noise(2, 3, 8, 8))


def test_external_data_that_cannot_be_had_is_one_line(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    path = convolutional(folder / "m.onnx")
    save_external(path, location="weights.bin")
    whole = (folder / "weights.bin").read_bytes()
    out = tmp_path / "out.onnx"

    def refused(*words):
        done = rewrite(path, out)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and not out.exists(), done.stderr
        assert all(word in done.stderr for word in words), done.stderr

    (folder / "weights.bin").write_bytes(whole[:100])
    refused("weights.bin", "only 100")
    (folder / "weights.bin").unlink()
    refused("weights.bin", "cannot be read")
    (tmp_path / "weights.bin").write_bytes(whole)
    (folder / "weights.bin").symlink_to(tmp_path / "weights.bin")
    refused("weights.bin", "leaves the folder")
    for location in ("../weights.bin", str(tmp_path / "weights.bin"), "sub/../../weights.bin"):
        model = onnx.load(str(path), load_external_data=False)
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                if entry.key == "location":
                    entry.value = location
        path.write_bytes(model.SerializeToString())
        refused("weights.bin", "only files in the folder")


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


def test_flatten_by_arithmetic_on_shapes(tmp_path):
    """x.view(x.size(0), -1) and x.view(-1, c * h * w) as TorchScript writes them."""
    m = Model((3, 6, 5))
    m.node("Relu", ["x"], "r")
    m.node("Shape", ["r"], "shape")
    m.node("Gather", ["shape", m.constant("zero", numpy.int64(0))], "n", axis=0)
    m.node("Unsqueeze", ["n", m.constant("axes", numpy.int64([0]))], "n1")
    m.node("Slice", ["shape", m.constant("one", numpy.int64([1])), m.constant("end", numpy.int64([2**63 - 1]))], "chw")
    m.node("ReduceProd", ["chw"], "features", axes=[0], keepdims=1)
    m.node("Concat", ["n1", "features"], "target", axis=0)
    x = m.node("Reshape", ["r", "target"], "f")
    relu_head(m, x, 90, flatten=False)
    check(m.save(tmp_path / "m.onnx"), noise(2, 3, 6, 5))


def test_weights_that_are_computed(tmp_path):
    """Cast from float16, transposed, scaled, put together from halves, taken from int8 by DequantizeLinear."""
    m = Model((3, 8, 8))
    m.constant("half", m.random.normal(size=(3, 3, 4, 3)).astype(numpy.float16))
    m.node("Cast", ["half"], "single", to=TensorProto.FLOAT)
    m.node("Transpose", ["single"], "oihw", perm=[2, 3, 0, 1])
    m.node("Mul", ["oihw", m.constant("scale", numpy.float32([[[[0.5]]], [[[1.0]]], [[[2.0]]], [[[0.1]]]]))], "w1")
    m.node("Conv", ["x", "w1"], "c1")
    m.node("Relu", ["c1"], "r1")
    m.constant("q", m.random.integers(-127, 127, size=(6, 4, 3, 3)).astype(numpy.int8))
    m.node("DequantizeLinear", ["q", m.constant("s", m.random.uniform(0.001, 0.01, 6).astype(numpy.float32)),
                                m.constant("z", numpy.zeros(6, numpy.int8))], "w2", axis=0)
    m.constant("bias_q", m.random.integers(-1000, 1000, size=6).astype(numpy.int32))
    m.node("DequantizeLinear", ["bias_q", m.constant("bias_s", numpy.float32(0.001))], "b2")
    m.node("Conv", ["r1", "w2", "b2"], "c2")
    m.node("Flatten", ["c2"], "f")
    m.node("Concat", [m.weight("upper", 48, 5), m.weight("lower", 48, 5)], "w3", axis=0)
    m.node("MatMul", ["f", "w3"], "y")
    check(m.save(tmp_path / "m.onnx"), noise(2, 3, 8, 8))


def test_bfloat16_weights(tmp_path):
    m = Model((6,))
    values = m.random.normal(size=(6, 4)).astype(numpy.float32)
    upper = (values.view(numpy.uint32) >> 16).astype(numpy.uint16)
    m.constants.append(helper.make_tensor("w", TensorProto.BFLOAT16, [6, 4], upper.tobytes(), raw=True))
    m.node("Cast", ["w"], "wide", to=TensorProto.FLOAT)
    m.node("MatMul", ["x", "wide"], "y")
    assert rewrite(m.save(tmp_path / "m.onnx"), tmp_path / "again.onnx").returncode == 0
    expected = noise(3, 6) @ (upper.astype(numpy.uint32) << 16).view(numpy.float32)
    numpy.testing.assert_allclose(logits(tmp_path / "again.onnx", noise(3, 6)), expected, rtol=1e-5, atol=1e-5)


def quantised(m, value, scale, zero, kind=numpy.uint8):
    s, z = m.constant(f"{value}_s", numpy.float32(scale)), m.constant(f"{value}_z", kind(zero))
    m.node("QuantizeLinear", [value, s, z], f"{value}_q")
    return m.node("DequantizeLinear", [f"{value}_q", s, z], f"{value}_dq")


@pytest.mark.parametrize("kind, lowest", [(numpy.uint8, 0), (numpy.int8, -128)])
def test_qdq_is_read_as_the_float_network(tmp_path, kind, lowest):
    """The ReLU behind the first convolution is left out, as quantisers do: numbers that begin at 0 clip by themselves."""

    def network(path, quantise):
        m = Model((3, 8, 8))
        q = (lambda value, scale, zero: quantised(m, value, scale, zero, kind)) if quantise else (lambda value, *_: value)
        m.node("Conv", [q("x", 0.05, lowest + 128), m.weight("w", 4, 3, 3, 3)], "c")
        x = "c" if quantise else m.node("Relu", ["c"], "r")
        x = q(x, 0.02, lowest)
        m.node("Flatten", [x], "f")
        m.node("MatMul", [q("f", 0.02, lowest), m.weight("w2", 144, 4)], "y")
        return m.save(path)

    done = rewrite(network(tmp_path / "q.onnx", True), tmp_path / "again.onnx")
    assert done.returncode == 0 and "float32 network that it stands for" in done.stdout, done.stderr
    images = noise(2, 3, 8, 8)
    expected = logits(network(tmp_path / "float.onnx", False), images)
    ours = logits(tmp_path / "again.onnx", images)
    numpy.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5 * numpy.abs(expected).max())
    quantised_logits = logits(tmp_path / "q.onnx", images)
    assert numpy.abs(quantised_logits - ours).max() < 0.1 * numpy.abs(expected).max()


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
    m.node("Pad", ["r", m.constant("pads", numpy.int64([0, 0, 0, 1, 0, 0, 1, 1]))], "padded", mode=mode)
    m.node("MaxPool", ["padded"], "p", kernel_shape=[3, 3], strides=[2, 2])
    m.node("Flatten", ["p"], "y")
    graph = check(m.save(tmp_path / "m.onnx"), noise(2, 3, 10, 10))
    assert kinds(graph) == ["Conv", "Relu" if mode == "constant" else "Identity", "MaxPool", "Flatten"]
    m = Model((3, 10, 10))
    m.node("Pad", ["x", m.constant("pads", numpy.int64([0, 0, 0, 1, 0, 0, 1, 1]))], "padded", mode="edge")
    m.node("Relu", ["padded"], "y")
    assert "edge" in rewrite(m.save(tmp_path / "relu.onnx"), tmp_path / "relu.again.onnx").stderr


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


def test_crops_subsampling_and_channels_of_zeros(tmp_path):
    """The shortcut of CIFAR's ResNet-20: x[:, :, ::2, ::2] and zeros as further channels."""
    m = Model((4, 9, 8))
    m.node("Slice", ["x", m.constant("starts", numpy.int64([1, 0])), m.constant("ends", numpy.int64([8, 2**31 - 1])),
                     m.constant("axes", numpy.int64([2, 3])), m.constant("steps", numpy.int64([3, 2]))], "s")
    m.node("Pad", ["s", m.constant("pads", numpy.int64([0, 1, 0, 0, 0, 2, 0, 0]))], "p")
    relu_head(m, "p", 7 * 3 * 4)
    check(m.save(tmp_path / "m.onnx"), noise(2, 4, 9, 8))


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


def test_refusals_name_the_line_of_the_model(tmp_path):
    torch = pytest.importorskip("torch")

    class Gated(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 4, 3)

        def forward(self, x):
            x = self.conv(x)
            return torch.nn.functional.silu(x)

    export(torch, Gated(), (3, 8, 8), tmp_path / "m.onnx", "dynamo")
    found = refusals(tmp_path / "m.onnx")
    assert found and found[0]["line"].startswith("test_onnx_exports.py line "), found


def test_models_of_16_bit_numbers(tmp_path):
    m = Model((5,))
    m.constant("w", m.random.normal(size=(5, 4)).astype(numpy.float16))
    m.node("MatMul", ["x", "w"], "y")
    path = m.save(tmp_path / "m.onnx")
    model = onnx.load(str(path))
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    onnx.save(model, str(path))
    done = rewrite(path, tmp_path / "again.onnx")
    assert done.returncode == 0 and "FLOAT16" in done.stdout, done.stderr
    expected = noise(3, 5) @ numpy_helper.to_array(model.graph.initializer[0]).astype(numpy.float32)
    numpy.testing.assert_allclose(logits(tmp_path / "again.onnx", noise(3, 5)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("what", ["Range", "ConstantOfShape", "Expand", "Tile", "Where", "Add", "Pad"])
def test_constants_that_would_fill_the_memory(tmp_path, what):
    m = Model((5,))
    many = m.constant("many", numpy.int64([2**20, 2**20]))
    if what == "Range":
        m.node("Range", [m.constant("a", numpy.int64(0)), m.constant("b", numpy.int64(2**40)), m.constant("c", numpy.int64(1))], "big")
    elif what == "ConstantOfShape":
        m.node("ConstantOfShape", [many], "big")
    elif what == "Expand":
        m.node("Expand", [m.constant("one", numpy.float32([1])), many], "big")
    elif what == "Tile":
        m.node("Tile", [m.constant("one", numpy.float32([[1]])), many], "big")
    elif what == "Where":
        m.node("Expand", [m.constant("t", numpy.ones((2**12, 1), bool)), m.constant("side", numpy.int64([2**12, 2**12]))], "wide")
        m.node("Where", ["wide", m.constant("p", numpy.ones((2**6, 1, 1), numpy.float32)), m.constant("q", numpy.float32(1))], "big")
    elif what == "Add":
        m.node("Add", [m.constant("p", numpy.ones((2**15, 1), numpy.float32)), m.constant("q", numpy.ones((1, 2**15), numpy.float32))],
               "big")
    else:
        m = Model((3, 5, 5))
        m.node("Pad", ["x", m.constant("pads", numpy.int64([0, 0, 0, 0, 0, 0, 2**18, 2**18]))], "y")
    if what != "Pad":
        m.node("ReduceSum", ["big"], "sum", keepdims=0)
        m.node("Cast", ["sum"], "number", to=TensorProto.FLOAT)
        m.node("Add", ["x", "number"], "y")
    done = rewrite(m.save(tmp_path / "m.onnx"), tmp_path / "again.onnx")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "larger than the file" in done.stderr, done.stderr
