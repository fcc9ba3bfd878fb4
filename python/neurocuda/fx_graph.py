"""The graph while it is being imported: nodes wait here, and only those that the output needs reach the core."""

import math
from dataclasses import dataclass, field

import numpy as np

from .batches import may_stand_for
from .core import _core
from .fx_layout import Gather, Steps, separate

Shape = tuple[int, ...]
# An adaptive pooling whose windows differ in size: the linear layers that read it take it into their weights.
FOLDED_POOL = "folded_pool"
# One-hot matrices larger than this are refused: a permutation of so many features is better left out.
_LARGEST_ONE_HOT = 1 << 26


@dataclass
class Value:
    """A tensor of the model that depends on the image.

    `shape` is PyTorch's without the batch axis and may be a reshaped form of its node's; `index` says which element of
    the node stands where, -1 for a zero, None for all of them in order. Values with one `storage` share memory in
    PyTorch, `memory` its elements that this value has (None for all): what an in-place operator does to one happens to
    all. A `stale` one was changed in part. `node` is None behind a refusal.
    """

    node: int | None
    shape: Shape
    storage: int
    index: np.ndarray | None = None
    memory: np.ndarray | None = None
    stale: bool = False


@dataclass
class Pending:
    kind: str
    name: str
    inputs: list[int]
    shape: Shape
    settings: dict = field(default_factory=dict)
    line: str = ""  # of the model


def to_array(tensor) -> np.ndarray | None:
    """A float32 array of a parameter, or None for None."""
    if tensor is None:
        return None
    return np.ascontiguousarray(tensor.detach().cpu().float().numpy())


def graph_shape(shape: Shape) -> Shape | None:
    """The core's form of a value: (F,), (C, H, W), and (C, L) as (C, 1, L); None for other numbers of axes."""
    if len(shape) == 2:
        return (shape[0], 1, shape[1])
    return tuple(shape) if len(shape) in (1, 3) else None


def holds_all(index: np.ndarray, count: int) -> bool:
    """Whether every one of `count` elements stands in the index once."""
    flat = index.reshape(-1)
    if flat.size != count or (count and flat.min() < 0):
        return False
    return bool((np.bincount(flat, minlength=count) == 1).all())


class PendingGraph:
    def __init__(self) -> None:
        self.nodes: list[Pending] = []
        self._names: set[str] = set()
        self._flattened: dict[int, int] = {}
        self._gathered: dict[tuple, int | None] = {}
        self._image_shape: Shape = ()
        self._input_is_free = False
        self.stand_ins: set[int] = set()

    def add(self, kind: str, name: str, inputs: list[int], shape: Shape, /, *, line: str = "", **settings) -> int:
        self._input_is_free = self._input_is_free and 0 not in inputs
        self.nodes.append(Pending(kind, self._unique(name), inputs, tuple(shape), settings, line))
        return len(self.nodes) - 1

    def add_input(self, shape: Shape) -> int:
        """The image. What is no image, (F,) or (C, L), gets the form in which it is read first: the core takes images."""
        form = graph_shape(shape)
        assert form is not None
        self._image_shape, self._input_is_free = tuple(shape), len(shape) != 3
        image = form if len(form) == 3 else (*form, 1, 1)
        return self.add("input", "input", [], image, shape=list(image))

    def stand_in(self, name: str, shape: Shape) -> int:
        """Spikes of the right shape in place of what was refused, so that all that lies behind is judged too."""
        source = self.add("input", name + ".input", [], shape, shape=list(shape))
        index = self.add("relu", name, [source], shape)
        self.stand_ins |= {source, index}
        return index

    def settle(self, node: int, index: np.ndarray | None, shape: Shape) -> int | None:
        """The node that holds these elements of another in one of the core's shapes: flattened where the model flattened it,
        cut, padded or in another order of channels by slices and one-hot convolutions. None when none of them does it."""
        source = self.nodes[node]
        if index is None:
            if source.shape == shape:
                return node
            if node == 0 and self._input_is_free and len(shape) == 3 and may_stand_for(self._image_shape, shape):
                source.shape, source.settings["shape"] = shape, list(shape)
                return node
            if len(shape) == 1:
                return self._flatten(node)
            index = np.arange(math.prod(shape))
        gather = self._separated(node, index, shape)
        if gather is None:
            return None
        key = (node, gather.key())
        if key not in self._gathered:
            self._gathered[key] = self._gather(node, gather)
        gathered = self._gathered[key]
        if gathered is None or self.nodes[gathered].shape == shape:
            return gathered
        return self._flatten(gathered) if len(shape) == 1 else None

    def can_settle(self, node: int, index: np.ndarray, shape: Shape) -> bool:
        """Whether slices and one-hot convolutions give these elements."""
        form = graph_shape(shape)
        return self.nodes[node].kind != FOLDED_POOL and form is not None and self._separated(node, index, form) is not None

    def _separated(self, node: int, index: np.ndarray, shape: Shape) -> Gather | None:
        source = self.nodes[node].shape
        image = shape if len(shape) == 3 else (*shape, 1, 1)
        return separate(index.reshape(image), source if len(source) == 3 else (*source, 1, 1))

    def _flatten(self, index: int) -> int:
        node = self.nodes[index]
        if len(node.shape) == 1:
            return index
        if index not in self._flattened:
            self._flattened[index] = self.add("flatten", node.name + ".flatten", [index], (math.prod(node.shape),), line=node.line)
        return self._flattened[index]

    def _gather(self, node: int, gather: Gather) -> int | None:
        """Channels first, unless there are more of them afterwards."""
        if len(gather.channels) > self.nodes[node].shape[0]:
            return self._channels(self._window(node, gather.rows, gather.columns), gather.channels)
        chosen = self._channels(node, gather.channels)
        return None if chosen is None else self._window(chosen, gather.rows, gather.columns)

    def _channels(self, node: int, channels: np.ndarray) -> int | None:
        source = self.nodes[node]
        begin, count, total = int(channels[0]), len(channels), source.shape[0]
        if begin >= 0 and (channels == np.arange(begin, begin + count)).all():
            if count == total:
                return node
            shape = (count, *source.shape[1:])
            return self.add("slice", source.name + ".slice", [node], shape, line=source.line, begin=begin, count=count)
        if count * total > _LARGEST_ONE_HOT:
            return None
        weight = np.zeros((count, total), np.float32)
        taken = channels >= 0
        weight[np.flatnonzero(taken), channels[taken]] = 1
        name = source.name + ".channels"
        if len(source.shape) == 1:
            return self.add("linear", name, [node], (count,), line=source.line, weight=weight, bias=None)
        return self.add(
            "conv2d", name, [node], (count, *source.shape[1:]), line=source.line, weight=weight[:, :, None, None], bias=None,
            stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1,
        )  # fmt: skip

    def _window(self, node: int, rows: Steps, columns: Steps) -> int:
        """A depthwise one-hot convolution that cuts, pads with zeros, or takes every n-th position."""
        if rows.is_identity and columns.is_identity:
            return node
        source = self.nodes[node]
        channels = source.shape[0]
        vertical, horizontal = rows.window(), columns.window()
        weight = np.zeros((channels, 1, vertical.kernel, horizontal.kernel), np.float32)
        weight[:, :, vertical.tap, horizontal.tap] = 1
        return self.add(
            "conv2d", source.name + ".window", [node], (channels, rows.count, columns.count), line=source.line, weight=weight,
            bias=None, stride=(vertical.stride, horizontal.stride), padding=(vertical.padding, horizontal.padding),
            dilation=(1, 1), groups=channels,
        )  # fmt: skip

    def lines(self) -> dict[str, str]:
        """Node name -> line of the model."""
        return {node.name: node.line for node in self.nodes if node.line}

    def emit(self, output: int, name: str) -> _core.Graph:
        """The core's graph of everything that `output` depends on."""
        return self._emit(sorted(self._needed(output) | {0}), output, name)

    def emit_all(self, output: int | None, name: str) -> _core.Graph:
        """All nodes, for diagnosis only: without the output where that is behind a refusal."""
        known = None if output in self.stand_ins else output
        return self._emit([i for i, node in enumerate(self.nodes) if node.kind != FOLDED_POOL], known, name)

    def _emit(self, indices: list[int], output: int | None, name: str) -> _core.Graph:
        graph = _core.Graph()
        graph.name = name
        ids: dict[int, int] = {}
        for index in indices:
            node = self.nodes[index]
            inputs = [ids[i] for i in node.inputs]
            add = getattr(graph, "add_" + node.kind)
            ids[index] = add(node.name, inputs, **node.settings) if node.kind == "concat" else add(node.name, *inputs, **node.settings)
        if output is not None:
            graph.add_output(graph.unique_name("output"), ids[output])
        return graph

    def _needed(self, output: int) -> set[int]:
        needed, waiting = set(), [output]
        while waiting:
            index = waiting.pop()
            if index not in needed:
                needed.add(index)
                waiting.extend(self.nodes[index].inputs)
        return needed

    def _unique(self, base: str) -> str:
        name, count = base, 1
        while name in self._names:
            count += 1
            name = f"{base}_{count}"
        self._names.add(name)
        return name
