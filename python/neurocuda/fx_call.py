"""What a handler (fx_functions, fx_modules) sees of one node of the trace."""

from typing import TYPE_CHECKING, NoReturn

import numpy as np
from torch import fx

from .core import _core
from .fx_graph import FOLDED_POOL, Shape, Value
from .fx_refusals import Refusal
from .fx_source import line_of_node

if TYPE_CHECKING:
    from .fx_import import Importer


class Refused(Exception):
    """Carries a Refusal from a handler to the importer."""

    def __init__(self, refusal: Refusal):
        super().__init__(str(refusal))
        self.refusal = refusal


class Call:
    """One call of an operator: its name, the shape of its result (without the batch axis), and what can come of it."""

    def __init__(self, importer: "Importer", node: fx.Node, op: str, shape: Shape):
        self._importer, self.node, self.op, self.shape = importer, node, op, shape
        self._network = importer.network

    @property
    def name(self) -> str:
        return str(self.node.target) if self.node.op == "call_module" else self.node.name

    @property
    def replaces_activations(self) -> bool:
        return self._importer.replace_activations

    def note_replacement(self) -> None:
        self._importer.replaced.append(self.name)

    def refuse(self, reason: str, remedy: str) -> NoReturn:
        raise Refused(Refusal(self.name, self.op, line_of_node(self.node), reason, remedy))

    def add(self, kind: str, inputs: list[Value], shape: Shape | None = None, **settings) -> Value:
        """A node of the graph; `shape` is that of its value where the trace's is a reshaped form of it."""
        shape = self.shape if shape is None else shape
        ids = [self.settled(value) for value in inputs]
        known = [index for index in ids if index is not None]
        if len(known) < len(ids):
            return self._importer.value(None, shape)
        index = self._network.add(kind, self.name, known, shape, line=line_of_node(self.node), **settings)
        return self._importer.value(index, shape)

    def reshaped(self, value: Value) -> Value:
        """The same memory in the trace's shape."""
        return Value(value.node, self.shape, value.storage)

    def copied(self, value: Value) -> Value:
        """The same values in memory of their own."""
        return self._importer.value(value.node, value.shape)

    def written_over(self, target: Value, result: Value) -> Value:
        return self._importer.write(target, result)

    def settled(self, value: Value) -> int | None:
        """The node that holds the value in its present shape; None behind a refusal."""
        if value.node is None:
            return None
        node = self._network.settle(value.node, value.shape)
        if node is None:
            self.refuse(f"its input was reshaped to (n, {', '.join(map(str, value.shape))})",
                        "only flattening to (n, features) is supported")  # fmt: skip
        if self._network.nodes[value.node].kind == FOLDED_POOL:
            pool = self._network.nodes[value.node]
            self.refuse(f"it reads the adaptive pooling '{pool.name}', whose windows differ in size",
                        "choose an output size that divides the map, or flatten it into a linear layer directly")  # fmt: skip
        return node

    def before_adaptive_pool(self, value: Value, weight: np.ndarray) -> tuple[Value, np.ndarray]:
        """What a linear layer reads instead of an adaptive pooling whose windows differ in size, and its weight then."""
        pool = None if value.node is None else self._network.nodes[value.node]
        if pool is None or pool.kind != FOLDED_POOL:
            return value, weight
        channels, *size = self._network.nodes[pool.inputs[0]].shape
        weight = _core.fold_adaptive_avg_pool(weight, channels, tuple(size), pool.shape[1:])
        return self._importer.value(pool.inputs[0], (weight.shape[1],)), weight
