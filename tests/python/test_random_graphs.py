"""Random small networks of the supported operators: import = PyTorch within 1e-5, executables equal."""

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import neurocuda
from networks import randomised
from neurocuda.core import _core
from neurocuda.fx_import import import_model

BLOCKS = st.sampled_from(["conv", "bias", "depthwise", "dilated", "residual", "projection", "double", "avg", "max"])
HEADS = st.sampled_from(["adaptive", "adaptive3", "mean", "flatten", "hidden"])
RELUS = st.sampled_from(["module", "function", "method", "in_place"])


class Random(nn.Module):
    def __init__(self, blocks, head, relu, width):
        super().__init__()
        self.blocks, self.head, self.relu_form = blocks, head, relu
        self.act = nn.ReLU()
        self.stem = nn.Conv2d(2, width, 3, padding=1)
        self.convs = nn.ModuleList(self._conv(block, width) for block in blocks)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in blocks)
        self.skips = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in blocks)
        side = 8 // 2 ** sum(block in ("avg", "max") for block in blocks)
        features = width * {"flatten": side * side, "adaptive3": 9}.get(head, 1)
        self.hidden = nn.Linear(features, 6)
        self.fc = nn.Linear(6 if head == "hidden" else features, 4)

    @staticmethod
    def _conv(block, width):
        groups = width if block == "depthwise" else 1
        dilation = 2 if block == "dilated" else 1
        return nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation, groups=groups, bias=block == "bias")

    def relu(self, x):
        if self.relu_form == "module":
            return self.act(x)
        if self.relu_form == "function":
            return torch.relu(x)
        return x.relu() if self.relu_form == "method" else F.relu(x, inplace=True)

    def block(self, i, x):
        kind = self.blocks[i]
        if kind == "avg":
            return F.avg_pool2d(x, 2)
        if kind == "max":
            return F.max_pool2d(x, 2)
        y = self.norms[i](self.convs[i](x))
        if kind == "residual":
            y = y + x
        elif kind == "projection":
            y += self.skips[i](x)
        elif kind == "double":
            y = torch.add(y, x) + x
        return self.relu(y)

    def forward(self, x):
        x = self.relu(self.stem(x))
        for i in range(len(self.blocks)):
            x = self.block(i, x)
        if self.head == "adaptive3":
            x = F.adaptive_avg_pool2d(x, 3)
        if self.head in ("flatten", "adaptive3"):
            return self.fc(x.reshape(x.shape[0], -1))
        x = x.mean((2, 3)) if self.head == "mean" else torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1)
        return self.fc(self.relu(self.hidden(x)) if self.head == "hidden" else x)


def batch(count, seed):
    return torch.randn(count, 2, 8, 8, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    blocks=st.lists(BLOCKS, max_size=4).filter(lambda b: sum(k in ("avg", "max") for k in b) <= 2),
    head=HEADS, relu=RELUS, width=st.integers(2, 5), seed=st.integers(0, 99),
)  # fmt: skip
def test_random_networks(blocks, head, relu, width, seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = randomised(Random(blocks, head, relu, width), seed).eval()
    x = batch(3, seed)
    with torch.no_grad():
        expected = model(x).numpy()
    graph = import_model(model, (2, 8, 8)).graph
    np.testing.assert_allclose(_core.run_float(graph, x, threads=1), expected, rtol=1e-5, atol=1e-5)
    loader = [(batch(8, seed + 1), torch.arange(8) % 4)]
    try:
        snn = neurocuda.convert(model, loader, timesteps=3, epochs=0, tune="none")
    except neurocuda.ConversionError:
        return  # a network of supported operators that has no spiking form, refused with a reason
    assert neurocuda.verify(snn, [x])["deviations"] == 0
