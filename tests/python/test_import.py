"""torch.fx import: what the core computes is what PyTorch computes; the converted network is equal on all targets."""

import pytest
import torch
from torch import nn

import neurocuda
from checks import assert_import_equals_pytorch, calibration, distance_to, images
from networks import CASES, MAX_POOLED, make
from neurocuda.core import _core
from neurocuda.fx_import import import_model


@pytest.mark.parametrize("name", CASES)
def test_import_equals_pytorch(name):
    model, shape = make(name)
    assert_import_equals_pytorch(model, shape)


@pytest.mark.parametrize("name", CASES)
def test_converted_targets_are_equal(name):
    model, shape = make(name)
    snn = neurocuda.convert(model, calibration(shape), timesteps=4, epochs=0, tune="none")
    assert neurocuda.verify(snn, [(images(shape, 3), None)])["deviations"] == 0


@pytest.mark.parametrize("name", CASES)
def test_the_exact_mode_is_near_the_model(name):
    model, shape = make(name)
    snn = neurocuda.convert(model, calibration(shape), timesteps=64, mode="exact")
    assert distance_to(snn, model, images(shape, 16)) < 0.02


@pytest.mark.parametrize("name", [name for name in CASES if name not in MAX_POOLED])
def test_spikes_as_they_come_are_near_the_model(name):
    model, shape = make(name)
    snn = neurocuda.convert(model, calibration(shape), timesteps=64)
    x = images(shape, 16)
    assert distance_to(snn, model, x) < 0.02
    # The float graph of the conversion is that network.
    spiking = torch.from_numpy(_core.run_float(snn.conversion.spiking, x, timesteps=64, threads=1))
    assert float((spiking - snn(x)).abs().mean() / snn(x).std()) < 0.05


def test_every_call_of_a_shared_relu_is_a_layer():
    model, shape = make("shared_relu")
    graph = import_model(model, shape).graph
    assert [name for name, op, _ in graph.nodes() if op == "ReLU"] == ["act", "act_2", "act_3"]


def test_max_pool_can_become_average_pool():
    model, shape = make("resnet18")
    snn = neurocuda.convert(model, calibration(shape), timesteps=2, epochs=0, tune="none", replace_max_pool=True)
    assert "or_pool" not in {node["kind"] for node in snn.program.nodes()}


def test_activations_are_replaced_on_request():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.Flatten(), nn.Linear(144, 5))
    with pytest.raises(neurocuda.UnsupportedOperator, match="replace_activations"):
        neurocuda.convert(model, calibration((3, 8, 8), classes=5), timesteps=2, epochs=0, tune="none")
    snn = neurocuda.convert(model, calibration((3, 8, 8), classes=5), timesteps=2, epochs=1, replace_activations="relu")
    assert snn(images((3, 8, 8))).shape == (4, 5)


@pytest.mark.parametrize("name", neurocuda.core._core.architecture_names())
def test_models_have_the_architectures_of_the_core(name):
    build = getattr(neurocuda.models, {"resnet18": "resnet18_cifar"}.get(name, name))
    shape = (1, 8, 8) if name == "digits_resnet" else (3, 32, 32)
    graph = import_model(build(), shape).graph
    core = _core.build_architecture(name, list(shape))
    assert graph.parameter_count == core.parameter_count and graph.dense_macs == core.dense_macs
    kinds = [sorted(op for _, op, _ in g.nodes()) for g in (graph, core)]
    assert kinds[0] == kinds[1]


def test_wrapped_models_are_unwrapped():
    model, shape = make("shared_relu")
    nodes = import_model(model, shape).graph.nodes()
    assert import_model(torch.nn.DataParallel(model), shape).graph.nodes() == nodes
    assert import_model(torch.compile(model), shape).graph.nodes() == nodes


def test_more_than_256_classes():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 1000))
    loader = [(images((3, 8, 8), 16), torch.arange(984, 1000))]
    snn = neurocuda.convert(model, loader, timesteps=2, epochs=1)
    assert snn(images((3, 8, 8))).shape == (4, 1000)
    assert 0 <= neurocuda.evaluate(snn, loader) <= 1
