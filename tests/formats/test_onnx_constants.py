"""Constants that lie elsewhere, have narrow types, or are computed; quantised models."""

import numpy
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx_models import Model, check, logits, needs_tool, noise, relu_head, rewrite  # noqa: E402

pytestmark = [needs_tool, pytest.mark.filterwarnings("ignore")]


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
