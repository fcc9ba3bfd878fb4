"""Random chains of views, parts, sums and in-place operators: imported as PyTorch computes them, or refused with a reason."""

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import neurocuda
from neurocuda.core import _core
from neurocuda.fx_import import import_model

# Each takes a list of values, the youngest last, and leaves one more or changes some in place.
MOVES = {
    "permute": lambda values: values.append(values[-1].permute(0, 2, 3, 1)),
    "permute_back": lambda values: values.append(values[-1].permute(0, 3, 1, 2)),
    "transpose": lambda values: values.append(values[-1].transpose(1, -1)),
    "halves": lambda values: values.extend(values[-1].chunk(2, 1)),
    "half": lambda values: values.append(values[-1][:, : max(1, values[-1].shape[1] // 2)]),
    "every_second": lambda values: values.append(values[-1][:, :, ::2]),
    "crop": lambda values: values.append(values[-1][:, :, 1:]),
    "pad": lambda values: values.append(F.pad(values[-1], (1, 0, 0, 2))),
    "flip": lambda values: values.append(values[-1].flip(1)),
    "flatten": lambda values: values.append(values[-1].flatten(1)),
    "flat_map": lambda values: values.append(values[-1].flatten(2)),
    "reshape": lambda values: values.append(values[-1].reshape(values[-1].shape)),
    "again": lambda values: values.append(values[0]),
    "clone": lambda values: values.append(values[-1].clone()),
    "relu": lambda values: values.append(values[-1].relu()),
    "relu_": lambda values: values[-1].relu_(),
    "first_relu_": lambda values: values[0].relu_(),
    "scale_": lambda values: values[-1].mul_(2),
    "scale": lambda values: values.append(1 - values[-1] * 0.5),
    "add": lambda values: values.append(values[-1] + values[-1].relu()),
    "cat": lambda values: values.append(torch.cat([values[-1], values[-1]], 1)),
    "mean": lambda values: values.append(values[-1].mean(-1)),
}


class Moving(nn.Module):
    def __init__(self, names):
        super().__init__()
        self.names = names
        self.conv = nn.Conv2d(2, 4, 3)

    def forward(self, x):
        values = [self.conv(x)]
        for name in self.names:
            MOVES[name](values)
        return torch.cat([value.flatten(1) for value in values], 1)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(names=st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=7))
def test_random_moves(names):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Moving(names).eval()
    x = torch.randn(2, 2, 7, 6, generator=torch.Generator().manual_seed(1))
    try:
        with torch.no_grad():
            expected = model(x).numpy()
    except (RuntimeError, IndexError, ValueError):
        return  # a chain that PyTorch does not run
    try:
        graph = import_model(model, (2, 7, 6)).graph
    except neurocuda.UnsupportedOperator:
        return
    np.testing.assert_allclose(_core.run_float(graph, x, threads=1), expected, rtol=1e-5, atol=1e-5)
