"""Blocks of timesteps, early exit, signed neurons and spike trains in Python."""

import numpy as np
import pytest
import torch

import neurocuda

T = 8


@pytest.fixture(scope="module")
def digits():
    return neurocuda.datasets.load("digits")


def loader(images, count):
    return [(torch.stack([images[i][0] for i in range(count)]), images.labels[:count])]


class Small(torch.nn.Module):
    def __init__(self, channels=1):
        super().__init__()
        torch.manual_seed(4)
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(channels, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 8, 3, stride=2), torch.nn.ReLU(),
            torch.nn.Flatten(), torch.nn.Linear(72, 10),
        )

    def forward(self, x):
        return self.layers(x)


@pytest.fixture(scope="module")
def network(digits):
    return neurocuda.convert(Small(), loader(digits.train, 200), timesteps=T, attribution_images=0)


@pytest.mark.parametrize("target", ["reference", "cpu"])
def test_blocks_equal_one_run(network, digits, target):
    x = loader(digits.test, 6)[0][0]
    network.compile(target)
    whole = network.run(x, record="membranes", by_timestep=True)
    stream = network.open(6, record="membranes", by_timestep=True)
    first = 0
    for block in (1, 3, 4):
        part = stream.advance(x, block)
        assert np.array_equal(part.accumulators, whole.accumulators[:, first : first + block])
        for name, membranes in part.membrane_record().items():
            assert np.array_equal(membranes, whole.membrane_record()[name][:, first : first + block])
        first += block
    assert stream.timesteps == T
    assert np.array_equal(part.logits(), whole.logits())
    stream.reset()
    assert stream.timesteps == 0
    assert np.array_equal(stream.advance(x, 2).accumulators, whole.accumulators[:, :2])
    network.compile("cpu")


def test_a_stopped_image_keeps_its_answer(network, digits):
    x = loader(digits.test, 3)[0][0]
    stream = network.open(3)
    before = stream.advance(x, 4).logits() * 4
    stream.stop(1)
    after = stream.advance(x).logits() * 5
    assert np.allclose(after[1], before[1]) and not np.allclose(after[0], before[0])
    with pytest.raises(neurocuda.UserError, match="no image 3"):
        stream.stop(3)
    with pytest.raises(neurocuda.UserError, match="opened for 3"):
        stream.advance(x[:2], 1)


def test_early_exit(network, digits):
    x = loader(digits.test, 50)[0][0]
    whole = network.run(x, by_timestep=True)
    classes, timesteps = network.early_exit(x)
    assert torch.equal(classes, torch.from_numpy(whole.predictions())) and timesteps.max() <= T
    classes, timesteps = network.early_exit(x, margin=0.0)
    assert torch.equal(timesteps, torch.ones(50, dtype=torch.int64))
    assert torch.equal(classes, torch.from_numpy(whole.predictions(0)))
    classes, timesteps = network.early_exit(x, margin=1e9, block=3)
    assert torch.equal(timesteps, torch.full((50,), T))
    with pytest.raises(neurocuda.UserError, match="margin of -1"):
        network.early_exit(x, margin=-1)


def test_signed_neurons(digits):
    signed = neurocuda.convert(Small(), loader(digits.train, 200), timesteps=4, neuron="signed", attribution_images=0)
    assert signed.settings["neuron"] == "signed" and "signed IF" in str(signed)
    record = signed.run(loader(digits.test, 20)[0][0], record="spikes").spike_record()
    spikes = np.concatenate([layer.ravel() for layer in record.values()])
    assert spikes.dtype == np.int8 and set(np.unique(spikes)) == {-1, 0, 1}
    assert neurocuda.verify(signed, loader(digits.test, 20))["deviations"] == 0


def test_spike_trains(digits):
    """Rows of spikes at the rate of the brightness: as bytes, as floats, and block by block."""
    generator = torch.Generator().manual_seed(3)

    def trains(images, count):
        rates = images.pixels[:count].float() / 255
        return (torch.rand((count, T, 1, 8, 8), generator=generator) < rates.unsqueeze(1)).to(torch.uint8), images.labels[:count]

    model = Small().eval()
    train, test = [trains(digits.train, 300)], [trains(digits.test, 60)]
    snn = neurocuda.convert(model, train, timesteps=T, attribution_images=0)
    x, labels = test[0]
    answers = model(x.float().mean(1)).argmax(1)
    predictions = torch.from_numpy(snn.run(x).predictions())
    assert (predictions == answers).float().mean() > 0.6
    assert neurocuda.evaluate(model, test) == pytest.approx(float((answers == labels).float().mean()))
    assert neurocuda.evaluate(snn, test) == pytest.approx(float((predictions == labels).float().mean()))
    stream = snn.open(60)
    for t in range(0, T, 2):
        block = stream.advance(x[:, t : t + 2].float())
    assert np.array_equal(block.predictions(), predictions.numpy())
    with pytest.raises(neurocuda.UserError, match="0 and 1"):
        neurocuda.convert(model, [(x.float() * 2, labels)], timesteps=T)
    with pytest.raises(neurocuda.UserError, match="have 8"):
        neurocuda.convert(model, train, timesteps=T + 1)
