"""torch.fx import: what the core computes is what PyTorch computes; the converted network is equal on all targets."""

import neurocuda
import numpy as np
import pytest
import torch
from networks import CASES, make
from neurocuda.core import _core
from neurocuda.fx_import import import_model
from torch import nn


def images(shape, count=4, seed=1):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


def calibration(shape, count=48, classes=10):
    generator = torch.Generator().manual_seed(2)
    return [(images(shape, 16, seed), torch.randint(0, classes, (16,), generator=generator)) for seed in range(count // 16)]


@pytest.mark.parametrize("name", CASES)
def test_import_equals_pytorch(name):
    model, shape = make(name)
    graph, _ = import_model(model, shape)
    x = images(shape)
    with torch.no_grad():
        expected = model(x).numpy()
    np.testing.assert_allclose(_core.run_float(graph, x, threads=1), expected, atol=1e-5 * max(1, abs(expected).max()))


@pytest.mark.parametrize("name", CASES)
def test_converted_targets_are_equal(name):
    model, shape = make(name)
    snn = neurocuda.convert(model, calibration(shape), timesteps=4, epochs=0)
    assert neurocuda.verify(snn, [(images(shape, 3), None)])["deviations"] == 0


@pytest.mark.parametrize("name", ["functional_residual", "shared_relu", "doubled", "depthwise_separable"])
def test_if_graph_approaches_qcfs(name):
    model, shape = make(name)
    conversion = neurocuda.convert(model, calibration(shape), timesteps=64, epochs=0, levels=64).conversion
    x = images(shape, 16)
    qcfs = _core.run_float(conversion.qcfs, x, threads=1)
    spiking = _core.run_float(conversion.spiking, x, timesteps=64, threads=1)
    assert abs(spiking - qcfs).mean() < 0.15 * qcfs.std()


def test_every_call_of_a_shared_relu_is_a_layer():
    model, shape = make("shared_relu")
    graph, _ = import_model(model, shape)
    assert [name for name, op, _ in graph.nodes() if op == "ReLU"] == ["act", "act_2", "act_3"]


def test_max_pool_can_become_average_pool():
    model, shape = make("resnet18")
    snn = neurocuda.convert(model, calibration(shape), timesteps=2, epochs=0, replace_max_pool=True)
    assert "or_pool" not in {node["kind"] for node in snn.program.nodes()}


def test_activations_are_replaced_on_request():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.Flatten(), nn.Linear(144, 5))
    with pytest.raises(neurocuda.UnsupportedOperator, match="replace_activations"):
        neurocuda.convert(model, calibration((3, 8, 8), classes=5), timesteps=2, epochs=0)
    snn = neurocuda.convert(model, calibration((3, 8, 8), classes=5), timesteps=2, epochs=1, replace_activations="relu")
    assert snn(images((3, 8, 8))).shape == (4, 5)


@pytest.mark.parametrize("name", neurocuda.core._core.architecture_names())
def test_models_have_the_architectures_of_the_core(name):
    build = getattr(neurocuda.models, {"resnet18": "resnet18_cifar"}.get(name, name))
    shape = (1, 8, 8) if name == "digits_resnet" else (3, 32, 32)
    graph, _ = import_model(build(), shape)
    core = _core.build_architecture(name, list(shape))
    assert graph.parameter_count == core.parameter_count and graph.dense_macs == core.dense_macs
    kinds = [sorted(op for _, op, _ in g.nodes()) for g in (graph, core)]
    assert kinds[0] == kinds[1]
