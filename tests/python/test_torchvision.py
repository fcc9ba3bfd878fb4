"""torchvision's own definitions at full width, on 32x32 images."""

import pytest
import torch

import neurocuda
from checks import assert_exact_spikes_equal_qcfs, assert_import_equals_pytorch, calibration, images
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


def test_converted(model):
    snn = neurocuda.convert(model, calibration(SHAPE, 16), timesteps=64, levels=64, epochs=0, tune="none", correction_rounds=0)
    assert_exact_spikes_equal_qcfs(snn, images(SHAPE, 2))
    assert neurocuda.verify(snn, [images(SHAPE, 1)], timesteps=2)["deviations"] == 0
