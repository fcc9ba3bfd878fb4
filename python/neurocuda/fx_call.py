"""What a handler (fx_layers, fx_arithmetic, fx_shapes) sees of one node of the trace."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import torch
from torch import fx

from .core import _core
from .fx_graph import FOLDED_POOL, Pending, Shape, Value, graph_shape, holds_all
from .fx_refusals import Refusal
from .fx_source import aten_name, line_of_node

if TYPE_CHECKING:
    from .fx_import import Importer


class Refused(Exception):
    """Carries a Refusal from a handler to the importer."""

    def __init__(self, refusal: Refusal):
        super().__init__(str(refusal))
        self.refusal = refusal


class Call:
    """One call of an operator: its name, what it gave (`result`), the shape of that without the batch axis (() where it is no
    tensor), and what can come of it."""

    def __init__(self, importer: "Importer", node: fx.Node, op: str, result: Any = None):
        self._importer, self.node, self.op, self.result = importer, node, op, result
        self.shape: Shape = tuple(result.shape[1:]) if isinstance(result, torch.Tensor) else ()
        self._network = importer.network

    def of(self, result: torch.Tensor) -> "Call":
        """The same call where this is what matters of its results."""
        return Call(self._importer, self.node, self.op, result)

    @property
    def name(self) -> str:
        return self._importer.name_of(self.node)

    @property
    def replaces_activations(self) -> bool:
        return self._importer.replace_activations

    def note_replacement(self) -> None:
        self._importer.replaced.append(self.name)

    def refuse(self, reason: str, remedy: str) -> NoReturn:
        raise Refused(Refusal(self.name, self.op, line_of_node(self.node), reason, remedy))

    def leave_out(self, value: Value, reason: str) -> Value:
        """The last operator, which does not change the class."""
        self._importer.leave_out(self, reason)
        return value

    @property
    def is_exported(self) -> bool:
        """An operator of torch.export's, not of the model's own code."""
        return bool(aten_name(self.node.target))

    @property
    def is_last(self) -> bool:
        return all(user.op == "output" for user in self.node.users)

    def tensor(self, position: int = 0) -> torch.Tensor:
        """What stood at this place of the arguments when the model ran."""
        return self._importer.env[self.node.all_input_nodes[position]]

    # --- nodes -------------------------------------------------------------------------------------------------------

    def add(self, kind: str, inputs: list[Value], shape: Shape | None = None, **settings) -> Value:
        """A node of the graph that reads these values as they are shaped; `shape` is that of its value where the trace's is
        a reshaped form of it."""
        shape = self.shape if shape is None else shape
        ids = [self.settled(value) for value in inputs]
        known = [index for index in ids if index is not None]
        if len(known) < len(ids):
            return self._importer.value(None, shape)
        form = graph_shape(shape)
        if form is None:
            self.refuse(f"its result has the shape (n, {', '.join(map(str, shape))})", "use images (n, channels, height, width)")
        index = self._network.add(kind, self.name, known, form, line=line_of_node(self.node), **settings)
        return self._importer.value(index, shape)

    def elementwise(self, kind: str, value: Value, **settings) -> Value:
        """A node that treats every element alike: whatever the value's shape, it takes the form that the value's node has."""
        if value.node is None:
            return self._importer.value(None, self.shape)
        self._require_current(value)
        if not self._is_whole(value) or self._pending(value).kind == FOLDED_POOL:
            return self.add(kind, [value], **settings)
        index = self._network.add(kind, self.name, [value.node], self._pending(value).shape, line=line_of_node(self.node), **settings)
        return self._importer.value(index, value.shape, value.index)

    def settled(self, value: Value) -> int | None:
        """The node that holds the value in its present shape; None behind a refusal."""
        if value.node is None:
            return None
        self._require_current(value)
        form = graph_shape(value.shape)
        pool = self._pending(value)
        if pool.kind == FOLDED_POOL:
            self.refuse(f"it reads the adaptive pooling '{pool.name}', whose windows differ in size",
                        "choose an output size that divides the map, or flatten it into a linear layer directly")  # fmt: skip
        node = None if form is None else self._network.settle(value.node, value.index, form)
        if node is None:
            self.refuse(f"its input was reshaped to (n, {', '.join(map(str, value.shape))})",
                        "keep images (n, channels, height, width) and flatten to (n, features) only")  # fmt: skip
        return node

    def before_linear(self, value: Value, weight: np.ndarray) -> tuple[Value, np.ndarray]:
        """What a linear layer reads instead of features that stand in another order than their node's, or of an adaptive
        pooling whose windows differ in size, and its weight then."""
        if value.node is None:
            return value, weight
        self._require_current(value)
        pool = self._pending(value)
        count = math.prod(pool.shape)
        if value.index is not None and weight.shape[0] * count <= 1 << 28:
            spread = np.zeros((weight.shape[0], count), np.float32)
            taken = value.index.reshape(-1) >= 0
            read = value.index.reshape(-1)[taken]
            if len(np.unique(read)) == len(read):
                spread[:, read] = weight[:, taken]
            else:
                np.add.at(spread.T, read, weight.T[taken])
            value, weight = self._importer.value(value.node, (count,)), spread
        if pool.kind != FOLDED_POOL:
            return value, weight
        channels, *size = self._network.nodes[pool.inputs[0]].shape
        weight = _core.fold_adaptive_avg_pool(weight, channels, tuple(size), pool.shape[1:])
        return self._importer.value(pool.inputs[0], (weight.shape[1],)), weight

    # --- the same values in another shape ------------------------------------------------------------------------------

    def gathered(self, value: Value, run: Callable[[torch.Tensor], Any] | None = None) -> Any:
        """What an operator gives that only moves values (and puts zeros between them), found by letting it move their
        positions. `run` is the operator itself if None; it may give -1 for zeros, and a list of tensors."""
        count = math.prod(value.shape)
        batch = self._importer.batch
        positions = torch.arange(batch * count).reshape(batch, *value.shape)
        moved = self._importer.rerun(self.node, positions) if run is None else run(positions)
        if isinstance(moved, torch.Tensor):
            return self._part(value, moved, self.result)
        results = self.result if isinstance(self.result, (list, tuple)) else [None] * len(moved)
        return [self._part(value, part, result) for part, result in zip(moved, results)]

    def _part(self, value: Value, moved: torch.Tensor, result: Any) -> Value:
        count = math.prod(value.shape)
        positions = moved.numpy()
        shape = tuple(positions.shape[1:])
        first = positions[0] if positions.shape[:1] == (self._importer.batch,) else None
        for image in range(1, self._importer.batch):
            if first is None or not np.array_equal(positions[image], np.where(first < 0, -1, first + image * count)):
                self.refuse("it moves values between the images of a batch", "keep the first axis for the images")
        assert first is not None
        if value.node is None:
            return self._importer.value(None, shape)
        shared = isinstance(result, torch.Tensor) and _shares_memory(result, self.tensor())
        node, index = value.node, first if value.index is None else np.where(first < 0, -1, value.index.reshape(-1)[first])
        if value.index is not None and not self._network.can_settle(node, index, shape):
            # A part that was flattened: what was one before becomes a node of its own.
            if self._network.can_settle(node, value.index, value.shape):
                part = self.settled(value)
                assert part is not None
                node, index = part, first
        view = self.view(node, index, shape, value.storage if shared else None)
        if shared:
            view.stale = value.stale
            view.memory = _positions_in_memory(result) if value.memory is not None or first.size < count else None
        return view

    def view(self, node: int, index: np.ndarray | None, shape: Shape, storage: int | None = None) -> Value:
        """Elements of a node."""
        count = math.prod(self._network.nodes[node].shape)
        if index is not None and index.size == count and (index.reshape(-1) == np.arange(count)).all():
            index = None
        return self._importer.value(node, shape, index, storage)

    def copied(self, value: Value) -> Value:
        """The same values in memory of their own."""
        copy = self._importer.value(value.node, value.shape, value.index)
        copy.stale = value.stale
        return copy

    def written_over(self, target: Value, result: Value) -> Value:
        return self._importer.write(target, result)

    # --- constants ---------------------------------------------------------------------------------------------------

    def affine(self, value: Value, scale: Any = 1.0, shift: Any = 0.0) -> Value:
        """value * scale + shift with constants, one for all or one per channel: a batch norm that normalises nothing."""
        if value.node is None:
            return self._importer.value(None, self.shape)
        if value.shape != self.shape:
            value = self.gathered(value, lambda positions: positions.expand(-1, *self.shape))
        gamma, beta = self._per_channel(value, scale), self._per_channel(value, shift)
        if gamma is None or beta is None:  # one per element of what was flattened
            value = self._importer.value(self.settled(value), value.shape)
            gamma, beta = self._per_channel(value, scale), self._per_channel(value, shift)
        if gamma is None or beta is None:
            self.refuse("its constant differs within a channel", "use one value per channel, shaped (channels, 1, 1)")
        return self.elementwise(
            "batch_norm", value, gamma=gamma, beta=beta, mean=np.zeros_like(gamma), variance=np.ones_like(gamma), epsilon=0.0
        )

    def _per_channel(self, value: Value, constant: Any) -> np.ndarray | None:
        """(channels of the value's node,), or None where the constant is none of a channel's."""
        array = torch.as_tensor(constant).detach().double().numpy()
        while array.ndim > len(value.shape):
            if array.shape[0] != 1:
                self.refuse("its constant differs between the images of a batch", "use one value per channel, shaped (channels, 1, 1)")
            array = array[0]
        if not self._is_whole(value):
            value = self._importer.value(self.settled(value), value.shape)
        spread = np.broadcast_to(array, value.shape).reshape(-1)
        if value.index is not None:
            ordered = np.empty_like(spread)
            ordered[value.index.reshape(-1)] = spread
            spread = ordered
        planes = spread.reshape(self._pending(value).shape[0], -1)
        return None if (planes != planes[:, :1]).any() else np.ascontiguousarray(planes[:, 0], np.float32)

    # --- facts -------------------------------------------------------------------------------------------------------

    def elements(self, value: Value) -> np.ndarray:
        """Which element of its node stands where, in the value's shape."""
        return np.arange(math.prod(value.shape)).reshape(value.shape) if value.index is None else value.index.reshape(value.shape)

    def pending(self, value: Value) -> Pending | None:
        """The node of a value, None behind a refusal."""
        return None if value.node is None else self._pending(value)

    def _pending(self, value: Value) -> Pending:
        assert value.node is not None
        return self._network.nodes[value.node]

    def _is_whole(self, value: Value) -> bool:
        return value.index is None or holds_all(value.index, math.prod(self._pending(value).shape))

    def _require_current(self, value: Value) -> None:
        if value.stale:
            self.refuse("it reads memory that an in-place operator changed a part of", "use operators that are not in-place there")


def _positions_in_memory(tensor: torch.Tensor) -> np.ndarray:
    """Of the first image's elements."""
    storage = torch.arange(tensor.untyped_storage().nbytes() // tensor.element_size())
    return storage.as_strided(tensor.size(), tensor.stride(), tensor.storage_offset())[0].reshape(-1).numpy()


def _shares_memory(a: torch.Tensor, b: Any) -> bool:
    return isinstance(b, torch.Tensor) and a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
