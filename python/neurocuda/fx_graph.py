"""The graph while it is being imported: nodes wait here, and only those that the output needs reach the core."""

import math
from dataclasses import dataclass, field

import numpy as np

from .core import _core

Shape = tuple[int, ...]
# An adaptive pooling whose windows differ in size: the linear layers that read it take it into their weights.
FOLDED_POOL = "folded_pool"


@dataclass
class Value:
    """A tensor of the model that depends on the image.

    `shape` is PyTorch's without the batch axis and may be a reshaped form of its node's. Values with one `storage`
    share memory in PyTorch: what an in-place operator does to one happens to all. `node` is None behind a refusal.
    """

    node: int | None
    shape: Shape
    storage: int


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


class PendingGraph:
    def __init__(self) -> None:
        self.nodes: list[Pending] = []
        self._names: set[str] = set()
        self._flattened: dict[int, int] = {}
        self.stand_ins: set[int] = set()

    def add(self, kind: str, name: str, inputs: list[int], shape: Shape, /, *, line: str = "", **settings) -> int:
        self.nodes.append(Pending(kind, self._unique(name), inputs, tuple(shape), settings, line))
        return len(self.nodes) - 1

    def stand_in(self, name: str, shape: Shape) -> int:
        """Spikes of the right shape in place of what was refused, so that all that lies behind is judged too."""
        source = self.add("input", name + ".input", [], shape, shape=list(shape))
        index = self.add("relu", name, [source], shape)
        self.stand_ins |= {source, index}
        return index

    def settle(self, index: int, shape: Shape) -> int | None:
        """The node that holds the value of node `index` in another shape: flattened where the model flattened it.
        None when the reshape is another one."""
        node = self.nodes[index]
        if node.shape == shape:
            return index
        if shape != (math.prod(node.shape),):
            return None
        if index not in self._flattened:
            self._flattened[index] = self.add("flatten", node.name + ".flatten", [index], shape)
        return self._flattened[index]

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
            ids[index] = getattr(graph, "add_" + node.kind)(node.name, *inputs, **node.settings)
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
