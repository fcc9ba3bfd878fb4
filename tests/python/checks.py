"""What is checked of many networks."""

import numpy as np
import torch

from neurocuda.core import _core
from neurocuda.fx_import import import_model


def images(shape, count=4, seed=1):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


def calibration(shape, count=48, classes=10):
    """Batches of random images and labels."""
    generator = torch.Generator().manual_seed(2)
    return [(images(shape, 16, seed), torch.randint(0, classes, (16,), generator=generator)) for seed in range(count // 16)]


def assert_import_equals_pytorch(model, shape, given=None):
    """`given`: what is imported in place of the model, a form of it."""
    x = images(shape)
    with torch.no_grad():
        expected = model(x).numpy()
    graph = import_model(model if given is None else given, shape).graph
    imported = _core.run_float(graph, x.reshape(len(x), *graph.input_shape), threads=1)
    np.testing.assert_allclose(imported, expected, atol=1e-5 * max(1, abs(expected).max()), rtol=0)
    return graph


def distance_to(snn, model, x):
    """Mean error of the logits, as a share of their standard deviation over images and classes."""
    with torch.no_grad():
        expected = model.eval()(x)
    return float((snn(x) - expected).abs().mean() / expected.std())
