"""The architectures that people export, with random weights and batch norms that are not trivial: each comes in from both of
torch's exporters and by torch.fx, equals ONNX Runtime, converts without training, and runs alike on every CPU target."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from torchvision_models import torchvision  # noqa: E402

neurocuda = pytest.importorskip("neurocuda")
from neurocuda.core import _core  # noqa: E402
from neurocuda.fx_import import import_model  # noqa: E402

SIZE = 32
# The whole densenet121 takes a minute to export and to convert.
LARGE = (6, 12, 24, 16) if os.environ.get("NEUROCUDA_REAL_MODELS") else None
pytestmark = [pytest.mark.skipif(torchvision is None, reason="torchvision is not installed"),
              pytest.mark.filterwarnings("ignore")]


class PreActivationBlock(torch.nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.bn2 = torch.nn.BatchNorm2d(inputs), torch.nn.BatchNorm2d(outputs)
        self.conv1 = torch.nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = torch.nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = torch.nn.Conv2d(inputs, outputs, 1, stride, bias=False) if stride > 1 or inputs != outputs else None

    def forward(self, x):
        y = torch.relu(self.bn1(x))
        shortcut = x if self.shortcut is None else self.shortcut(y)
        return shortcut + self.conv2(torch.relu(self.bn2(self.conv1(y))))


def preact_resnet():
    """He et al. 2016, "Identity mappings in deep residual networks": the stream has no activation of its own."""
    blocks, inputs = [], 16
    for outputs, stride in ((16, 1), (16, 1), (32, 2), (32, 1), (64, 2), (64, 1)):
        blocks.append(PreActivationBlock(inputs, outputs, stride))
        inputs = outputs
    return torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3, padding=1, bias=False), *blocks, torch.nn.BatchNorm2d(64), torch.nn.ReLU(),
                               torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(64, 10))


def of_torchvision(name, **arguments):
    return lambda: getattr(torchvision.models, name)(weights=None, num_classes=10, **arguments)


ARCHITECTURES = {
    "resnet18": of_torchvision("resnet18"),
    "resnet50": of_torchvision("resnet50"),
    "densenet": lambda: torchvision.models.DenseNet(block_config=LARGE or (2, 2, 2, 2), num_classes=10),
    "squeezenet1_1": of_torchvision("squeezenet1_1"),
    "mobilenet_v2": of_torchvision("mobilenet_v2"),
    "googlenet": of_torchvision("googlenet", aux_logits=False, init_weights=False, transform_input=True),
    "vgg11_bn": of_torchvision("vgg11_bn"),
    "preact_resnet": preact_resnet,
}


def build(name):
    torch.manual_seed(0)
    model = ARCHITECTURES[name]().eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.6, 1.4)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
    return model


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def model(name):
    return build(name)


@pytest.fixture(scope="module")
def images():
    return torch.randn(4, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))


def assert_equal(actual, expected):
    scale = float(np.abs(expected).max())
    assert scale > 1e-3, "logits that are all zero would compare equal whatever was lost"
    assert float(np.abs(actual - expected).max()) <= 1e-4 * scale


@pytest.mark.parametrize("dynamo", [False, True], ids=["torchscript", "dynamo"])
def test_exports_come_in(name, model, images, tmp_path, dynamo):
    if dynamo:
        pytest.importorskip("onnxscript")
    if name == "vgg11_bn":  # whose adaptive pool to 7x7 torch exports only where it divides the map
        images = torch.nn.functional.interpolate(images[:1], size=224)
    path = tmp_path / "model.onnx"
    torch.onnx.export(model, (images[:1],), str(path), dynamo=dynamo, **({} if dynamo else {"dynamic_axes": {"input": {0: "N"}},
                                                                                            "input_names": ["input"]}))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = session.run(None, {session.get_inputs()[0].name: images[:1].numpy()})[0]
    assert_equal(_core.run_float(neurocuda.load_onnx(path), images[:1].numpy()), expected)


def test_converts_and_verifies(model, images):
    graph = import_model(model, tuple(images.shape[1:])).graph
    with torch.no_grad():
        expected = model(images).numpy()
    assert_equal(_core.run_float(graph, images.numpy()), expected)
    labels = torch.from_numpy(expected.argmax(1))
    snn = neurocuda.convert(model, [(images, labels)], timesteps=2, attribution_images=0)
    document = neurocuda.verify(snn, [(images[:1], labels[:1])], images=1)
    assert document["deviations"] == 0 and document["spikes_compared"] > 10000
