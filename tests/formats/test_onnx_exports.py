"""What PyTorch's exporters write: the network that is read must compute what ONNX Runtime computes."""

import numpy
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx_models import check, logits, needs_tool, noise, refusals, rewrite  # noqa: E402

pytestmark = [needs_tool, pytest.mark.filterwarnings("ignore")]


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
