"""Files of the native profile in the hands of the Python package `nir`: it must load them, and what docs/nir.md says of
them must be enough to compute every spike of the reference from what it loads."""

import json
import os
import pathlib
import subprocess

import numpy
import pytest

nir = pytest.importorskip("nir")

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ.get("NEUROCUDA_BIN", ROOT / "build" / "bin")) / "nir_sample"
SEEDS = range(25)

pytestmark = pytest.mark.skipif(
    not TOOL.exists(), reason=f"{TOOL} is not built; set NEUROCUDA_BIN to the folder that holds it"
)


def tool(*arguments):
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """(path, run of the reference, the loaded graph) for every seed."""
    folder = tmp_path_factory.mktemp("nir")
    result = []
    for seed in SEEDS:
        path, run = folder / f"{seed}.nir", folder / f"{seed}.json"
        done = tool("make", seed, path, run)
        assert done.returncode == 0, done.stderr
        result.append((path, json.loads(run.read_text()), nir.read(path, type_check=False)))
    return result


def facts(node):
    return node.metadata["neurocuda"]


def beyond_type_check(graph):
    """What the package's own type check gets wrong: docs/nir.md, "What nir.read cannot check"."""
    for node in graph.nodes.values():
        if isinstance(node, nir.Conv2d):
            if node.groups != 1 or node.weight.shape[2] != node.weight.shape[3]:
                return True
        if isinstance(node, nir.SumPool2d) and (facts(node)["dilation"] != 1).any():
            return True
    return False


def test_type_check_passes_wherever_it_can(samples):
    checked = 0
    for path, _, graph in samples:
        if beyond_type_check(graph):
            continue
        nir.read(path, type_check=True)
        checked += 1
    assert checked >= 5, "too few of the samples could be type-checked"


def test_nodes_are_what_the_documentation_says(samples):
    types = {
        "input": nir.Input,
        "if_layer": nir.IF,
        "sum_pool": nir.SumPool2d,
        "or_pool": nir.Threshold,
        "accumulator": nir.Output,
        "conv": nir.Conv2d,
        "linear": (nir.Linear, nir.Affine),
        "diagonal": (nir.Scale, nir.Conv2d, nir.Affine),
        "flatten": nir.Flatten,
        "or_sum": nir.SumPool2d,
    }
    seen = set()
    for _, run, graph in samples:
        assert facts(graph)["timesteps"] == run["timesteps"]
        for name, node in graph.nodes.items():
            kind = facts(node)["kind"]
            seen.add(kind)
            assert isinstance(node, types[kind]), name
            assert name.isidentifier()
            if kind == "if_layer":
                assert node.v_threshold.shape == node.r.shape == tuple(node.input_type["input"])
                assert facts(node)["v0"].shape == node.v_threshold.shape[:1]
            if kind == "conv":
                assert node.weight.dtype == numpy.float32
                assert (node.weight == numpy.round(node.weight)).all()
    assert seen == set(types), f"the samples never have {set(types) - seen}"


def windows(x, kernel, stride, padding, dilation, ceil_mode=False):
    """For every position of the kernel: the values (C, H', W') under it."""
    size = x.shape[1:]
    x = numpy.pad(x, ((0, 0), (padding[0],) * 2, (padding[1],) * 2))
    span = [dilation[i] * (kernel[i] - 1) + 1 for i in (0, 1)]
    out = [(x.shape[1 + i] - span[i]) // stride[i] + 1 for i in (0, 1)]
    if ceil_mode:
        over = [(x.shape[1 + i] - span[i]) % stride[i] > 0 and out[i] * stride[i] < size[i] + padding[i] for i in (0, 1)]
        x = numpy.pad(x, ((0, 0), *((0, stride[i] if over[i] else 0) for i in (0, 1))))
        out = [out[i] + over[i] for i in (0, 1)]
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            top, left = i * dilation[0], j * dilation[1]
            bottom, right = top + (out[0] - 1) * stride[0] + 1, left + (out[1] - 1) * stride[1] + 1
            yield i, j, x[:, top : bottom : stride[0], left : right : stride[1]]


def convolve(node, x):
    groups = int(node.groups)
    weight = node.weight.astype(x.dtype).reshape(groups, -1, *node.weight.shape[1:])
    total = 0
    for i, j, values in windows(x, weight.shape[-2:], node.stride, node.padding, node.dilation):
        values = values.reshape(groups, -1, *values.shape[1:])
        total = total + numpy.einsum("goi,gihw->gohw", weight[..., i, j], values)
    return total.reshape(-1, *total.shape[2:]) + node.bias.astype(x.dtype)[:, None, None]


class Executor:
    """Runs a native file by docs/nir.md. No knowledge of NeuroCUDA but that page."""

    def __init__(self, graph, dtype):
        self.graph, self.dtype = graph, dtype
        self.before = {name: [a for a, b in graph.edges if b == name] for name in graph.nodes}
        self.order = []
        while len(self.order) < len(graph.nodes):
            for name in graph.nodes:
                if name not in self.order and set(self.before[name]) <= set(self.order):
                    self.order.append(name)
        self.v = {}
        for name, node in graph.nodes.items():
            if isinstance(node, nir.IF):
                v0 = facts(node)["v0"].astype(dtype)
                self.v[name] = numpy.broadcast_to(v0.reshape(-1, *[1] * (node.r.ndim - 1)), node.r.shape).copy()
        self.sums = {name: 0 for name in self.v}  # of the spikes so far
        self.counts, self.pooled = {}, {}  # of max pools of counts
        self.accumulator = 0
        self.t = 0

    def step(self, x):
        values = {}
        for name in self.order:
            arriving = sum(values[source] for source in self.before[name]) if self.before[name] else x
            if facts(self.graph.nodes[name]).get("rule") == "maximum_of_counts":
                sum_pool = self.before[name][0]
                values[name] = self.growth(name, self.graph.nodes[sum_pool], values[self.before[sum_pool][0]])
                continue
            values[name] = self.node(name, self.graph.nodes[name], arriving)
        self.t += 1
        return values

    def growth(self, name, pool, spikes):
        """Of the largest (or least) count under every window. Padding is 0 and takes no part: counts begin at 1 here."""
        self.counts[name] = self.counts.get(name, 1) + spikes
        where = (pool.kernel_size, pool.stride, pool.padding, facts(pool)["dilation"], facts(pool).get("ceil_mode", 0) == 1)
        under = numpy.stack([part for _, _, part in windows(self.counts[name], *where)])
        least = numpy.where(under == 0, numpy.inf, under).min(axis=0)
        takes_minimum = facts(self.graph.nodes[name]).get("takes_minimum", numpy.zeros(len(spikes)))
        best = numpy.where(takes_minimum.reshape(-1, 1, 1) != 0, least, under.max(axis=0))
        best = numpy.where((under == 0).all(axis=0), 1, best)
        before, self.pooled[name] = self.pooled.get(name, 1), best
        return (best - before).astype(self.dtype)

    def change_of_bias(self, node, x):
        """What the bias of this timestep has more than the mean, which has arrived."""
        rows = facts(node).get("bias_by_timestep")
        if rows is None or self.t >= len(rows):
            return 0
        change = rows[self.t].astype(numpy.float64) - numpy.rint(rows.astype(numpy.float64).mean(axis=0))
        return change.astype(self.dtype).reshape(-1, *[1] * (x.ndim - 1))

    def node(self, name, node, x):
        if isinstance(node, nir.IF):
            threshold = node.v_threshold.astype(self.dtype)
            self.v[name] += x + self.change_of_bias(node, x)
            spikes = (self.v[name] >= threshold).astype(self.dtype)
            if facts(node).get("neuron") == "signed":
                spikes -= ((self.v[name] < 0) & (self.sums[name] > 0)).astype(self.dtype)
            self.sums[name] = self.sums[name] + spikes
            self.v[name] -= threshold * spikes
            return spikes
        if isinstance(node, nir.Output):
            self.accumulator = self.accumulator + x + self.change_of_bias(node, x)
            return self.accumulator
        if isinstance(node, nir.Conv2d):
            return convolve(node, x)
        if isinstance(node, nir.Affine):
            return node.weight.astype(self.dtype) @ x + node.bias.astype(self.dtype)
        if isinstance(node, nir.Linear):
            return node.weight.astype(self.dtype) @ x
        if isinstance(node, nir.Scale):
            return node.scale.astype(self.dtype) * x
        if isinstance(node, nir.SumPool2d):
            return sum(
                part
                for _, _, part in windows(
                    x, node.kernel_size, node.stride, node.padding, facts(node)["dilation"], facts(node).get("ceil_mode", 0) == 1
                )
            )
        if isinstance(node, nir.Threshold):
            return (x > node.threshold).astype(self.dtype)
        if isinstance(node, nir.Flatten):
            return x.reshape(-1)
        assert isinstance(node, nir.Input), type(node)
        return x


def test_documented_semantics_give_every_spike(samples):
    in_float32 = spikes = taken_back = 0
    for path, run, graph in samples:
        exact = run["exact_in_float32"]
        in_float32 += exact
        executor = Executor(graph, numpy.float32 if exact else numpy.float64)
        constant = facts(graph.nodes["input"])["encoding"] == "constant_current"
        image = numpy.array(run["input"], executor.dtype).reshape(run["input_shape"])[0]
        accumulators = numpy.array(run["accumulators"]).reshape(run["timesteps"], -1)
        original = {facts(node)["name"]: name for name, node in graph.nodes.items() if isinstance(node, nir.IF)}
        assert set(original) == set(run["spikes"] or {})
        for t in range(run["timesteps"]):
            values = executor.step(image if constant else image[t])
            for layer, rows in run["spikes"].items():
                mine = "".join("-01"[1 + int(s)] for s in values[original[layer]].reshape(-1))
                assert mine == rows[t], f"{path.name}: {layer} at t={t}"
                spikes, taken_back = spikes + mine.count("1"), taken_back + mine.count("-")
            assert (values["output"].reshape(-1) == accumulators[t]).all(), f"{path.name} at t={t}"
    assert in_float32 >= 10, "too few samples were run in float32"
    assert spikes > 1000, "the samples hardly spike"
    assert taken_back > 20, "the samples hardly have signed neurons"


def test_a_pass_through_the_package_loses_nothing(samples, tmp_path):
    for path, _, graph in samples[:10]:
        resaved, again = tmp_path / "resaved.nir", tmp_path / "again.nir"
        nir.write(resaved, graph)
        done = tool("rewrite", resaved, again)
        assert done.returncode == 0, done.stderr
        assert again.read_bytes() == path.read_bytes()


@pytest.fixture(scope="module")
def full_samples(tmp_path_factory):
    """(path, the loaded graph) of files that hold all that format version 2 can."""
    folder = tmp_path_factory.mktemp("full")
    result = []
    for seed in SEEDS:
        path = folder / f"{seed}.nir"
        done = tool("full", seed, path)
        assert done.returncode == 0, done.stderr
        result.append((path, nir.read(path, type_check=False)))
    return result


def test_fields_of_version_2_are_what_the_documentation_says(samples, full_samples):
    added = {"neuron", "density", "bias_by_timestep", "rule", "takes_minimum"}
    seen = set()
    for _, graph in full_samples:
        assert facts(graph)["format_version"] == 2
        assert facts(graph)["mode"] == "exact"
        assert json.loads(facts(graph)["settings"])["percentile"] == 99.9
        assert facts(graph)["made_by"] == "neurocuda 9.8.7"
        for name, node in graph.nodes.items():
            own = facts(node)
            seen |= added & set(own)
            assert own.get("neuron", "signed") == "signed"
            assert 0 <= own.get("density", 0) <= 1
            if "bias_by_timestep" in own:
                biases = own["bias_by_timestep"]
                carriers = [graph.nodes[a] for a, b in graph.edges if b == name]
                arriving = sum(numpy.asarray(c.bias, numpy.float64) for c in carriers if hasattr(c, "bias"))
                assert (numpy.rint(biases.mean(axis=0)) == arriving).all(), "the bias of NIR is the mean, half to even"
            if "takes_minimum" in own:
                assert own["kind"] == "or_pool" and own["rule"] == "maximum_of_counts"
                assert own["takes_minimum"].shape == node.threshold.shape[:1]
    assert seen == added, f"the samples never have {added - seen}"
    for _, _, graph in samples:
        assert facts(graph)["format_version"] == 2
        assert not {"mode", "settings", "made_by"} & set(facts(graph)), "what is not set is not in the file"
        assert not any("density" in facts(node) for node in graph.nodes.values())


def test_a_pass_through_the_package_keeps_the_fields_of_version_2(full_samples, tmp_path):
    for path, graph in full_samples[:10]:
        resaved, again = tmp_path / "resaved.nir", tmp_path / "again.nir"
        nir.write(resaved, graph)
        done = tool("rewrite", resaved, again)
        assert done.returncode == 0, done.stderr
        assert again.read_bytes() == path.read_bytes()


def test_files_of_other_origin_are_refused(tmp_path):
    path = tmp_path / "foreign.nir"
    layer = nir.Affine(numpy.ones((2, 3), numpy.float32), numpy.zeros(2, numpy.float32))
    neurons = nir.IF(numpy.ones(2, numpy.float32), numpy.ones(2, numpy.float32))
    nir.write(path, nir.NIRGraph.from_list(layer, neurons))
    done = tool("rewrite", path, tmp_path / "out.nir")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr and "neurocuda convert" in done.stderr
    assert not (tmp_path / "out.nir").exists()
