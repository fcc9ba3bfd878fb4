"""The graph while it is being imported: nodes wait here, and only those that the output needs reach the core."""

import math
from dataclasses import dataclass, field

import numpy as np

from .core import _core

Shape = tuple[int, ...]


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


def to_array(tensor) -> np.ndarray | None:
    """A float32 array of a parameter, or None for None."""
    if tensor is None:
        return None
    return np.ascontiguousarray(tensor.detach().cpu().float().numpy())


class PendingGraph:
    def __init__(self):
        self.nodes: list[Pending] = []
        self._names: set[str] = set()
        self._flattened: dict[int, int] = {}

    def add(self, kind: str, name: str, inputs: list[int], shape: Shape, /, **settings) -> int:
        self.nodes.append(Pending(kind, self._unique(name), inputs, tuple(shape), settings))
        return len(self.nodes) - 1

    def settle(self, value: Value) -> int | None:
        """The node that holds the value in its present shape: flattened where the model flattened it.
        None when the reshape is another one."""
        node = self.nodes[value.node]
        if node.shape == value.shape:
            return value.node
        if value.shape != (math.prod(node.shape),):
            return None
        if value.node not in self._flattened:
            self._flattened[value.node] = self.add("flatten", node.name + ".flatten", [value.node], value.shape)
        return self._flattened[value.node]

    def emit(self, output: int, name: str) -> "_core.Graph":
        """The core's graph of everything that `output` depends on."""
        graph = _core.Graph()
        graph.name = name
        ids: dict[int, int] = {}
        for index in sorted(self._needed(output) | {0}):
            node = self.nodes[index]
            inputs = [ids[i] for i in node.inputs]
            ids[index] = getattr(graph, "add_" + node.kind)(node.name, *inputs, **node.settings)
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
