"""torchvision's own definitions at full width, on 32x32 images."""

import pytest
import torch

import neurocuda
from checks import assert_import_equals_pytorch, calibration, distance_to, images
from networks import randomised
from torchvision_models import torchvision

pytestmark = pytest.mark.skipif(torchvision is None, reason="torchvision is not installed")
SHAPE = (3, 32, 32)


@pytest.fixture(scope="module", params=["resnet18", "resnet34", "vgg11_bn"])
def model(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return randomised(getattr(torchvision.models, request.param)(weights=None, num_classes=10)).eval()


def test_import_equals_pytorch(model):
    assert_import_equals_pytorch(model, SHAPE)


# Name -> (side of the images, arguments).
IMPORTED = {
    "resnet50": (32, {}),
    "densenet121": (32, {}),
    "squeezenet1_1": (64, {}),
    "mobilenet_v2": (32, {}),
    "shufflenet_v2_x0_5": (64, {}),
    "googlenet": (64, {"aux_logits": False, "init_weights": False}),
    "googlenet, transform_input": (64, {"aux_logits": False, "init_weights": False, "transform_input": True}),
    "alexnet": (64, {}),
}


def build(name):
    side, arguments = IMPORTED[name]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = getattr(torchvision.models, name.split(",")[0])(weights=None, num_classes=10, **arguments)
    return randomised(network).eval(), (3, side, side)


@pytest.mark.parametrize("name", IMPORTED)
def test_more_imports_equal_pytorch(name):
    assert_import_equals_pytorch(*build(name))


@pytest.mark.parametrize("name", ["mobilenet_v2", "squeezenet1_1"])
def test_exported_programs_equal_pytorch(name):
    network, shape = build(name)
    assert_import_equals_pytorch(network, shape, torch.export.export(network, (images(shape, 2),)))


def test_converted(model):
    snn = neurocuda.convert(model, calibration(SHAPE, 16), timesteps=16, mode="exact", attribution_images=0)
    assert distance_to(snn, model, images(SHAPE, 2)) < 0.2
    assert neurocuda.verify(snn, [images(SHAPE, 1)], timesteps=2)["deviations"] == 0
