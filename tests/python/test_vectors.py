"""Networks of vectors (N, features) and of (N, channels, length): imported, converted, evaluated and run on such loaders."""

import pytest
import torch
from torch import nn

import neurocuda
from checks import images
from networks import randomised

VECTOR = nn.Sequential(nn.Linear(13, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
LENGTH = nn.Sequential(
    nn.Conv1d(2, 6, 3, padding=1), nn.BatchNorm1d(6), nn.ReLU(), nn.Conv1d(6, 8, 3, stride=2), nn.ReLU(),
    nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 3),
)  # fmt: skip


class Signal(nn.Module):
    """Vectors that the model makes one channel of."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv1d(1, 6, 3), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc(self.conv(x.unsqueeze(1)).relu().mean(2))


@pytest.mark.parametrize(
    "model, shape", [(VECTOR, (13,)), (LENGTH, (2, 16)), (Signal(), (20,))], ids=["vectors", "channels_and_length", "signal"]
)
def test_vectors_go_all_the_way(model, shape, tmp_path):
    model = randomised(model).eval()
    x = images(shape, 60)
    labels = model(x).argmax(1)
    loader = [(x[:40], labels[:40]), (x[40:], labels[40:])]
    snn = neurocuda.convert(model, loader, timesteps=32, epochs=0, tune="none", eval_loader=loader)
    assert neurocuda.verify(snn, loader)["deviations"] == 0
    assert neurocuda.evaluate(model, loader) == 1.0
    accuracy = neurocuda.evaluate(snn, loader)
    assert accuracy > 0.8 and 0 <= neurocuda.measure_sparsity(snn, loader) <= 1
    assert snn(x).shape == (60, 3) and float((snn(x).argmax(1) == labels).float().mean()) == pytest.approx(accuracy)
    neurocuda.to_nir(snn, tmp_path / "snn.nir")
    assert torch.equal(neurocuda.from_nir(tmp_path / "snn.nir")(x), snn(x))
    assert "refused" not in {f.verdict for f in neurocuda.doctor(model, shape)}


def test_vectors_as_images_are_the_same():
    model = nn.Sequential(nn.Flatten(), *VECTOR).eval()
    x, labels = images((13,), 24), torch.arange(24) % 3
    same = {"timesteps": 4, "epochs": 0, "tune": "none"}
    snn = neurocuda.convert(model, [(x[:, :, None, None], labels)], **same)
    assert torch.equal(snn(x), snn(x[:, :, None, None]))
    assert neurocuda.convert(model, [(x, labels)], **same).program == snn.program


def test_images_of_another_shape_are_not_reshaped():
    """Only vectors, and axes of one position, may differ."""
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)).eval()
    snn = neurocuda.convert(model, [(images((2, 4, 4), 12), torch.arange(12) % 3)], timesteps=2, epochs=0, tune="none")
    with pytest.raises(neurocuda.UserError, match=r"\(12, 4, 4, 2\)"):
        snn(images((4, 4, 2), 12))


@pytest.mark.parametrize("shape", [(2, 2, 3, 4, 5), ()])
def test_other_numbers_of_axes_are_refused(shape):
    with pytest.raises(neurocuda.UserError, match=r"give \(channels, height, width\), \(channels, length\) or \(features,\)"):
        neurocuda.convert(nn.Flatten(), [(images(shape, 4), torch.arange(4))])
