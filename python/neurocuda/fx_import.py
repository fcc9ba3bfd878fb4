"""A PyTorch model -> the core's graph: traced once, then run on a small batch to know every shape."""

import dataclasses
import itertools
import operator
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import fx

from .core import _core
from .errors import ConversionError, UnsupportedOperator, UserError
from .fx_call import Call, Refused
from .fx_functions import FUNCTIONS, METHODS, aten_handler
from .fx_graph import PendingGraph, Shape, Value, graph_shape
from .fx_modules import handler_of
from .fx_refusals import Refusal, explain
from .fx_source import aten_name, line_of_node
from .fx_trace import Traced, first_line, name_of, require_model, trace


class Importer(fx.Interpreter):
    """Runs a traced model and builds the graph on the way. With `on_refusal`, goes on behind what is refused."""

    def __init__(self, traced: Traced, replace_activations: bool, on_refusal=None):
        super().__init__(traced.module, graph=traced.graph)
        self.extra_traceback = False  # messages stay one line
        self.network = PendingGraph()
        self.batch = traced.batch
        self.model_name = traced.name
        self.replace_activations = replace_activations
        self.replaced: list[str] = []
        self.left_out: list[Refusal] = []  # with what changes no class
        self.logits: torch.Tensor | None = None  # what went into it
        self.result: Value | None = None
        self._on_refusal = on_refusal
        self._values: dict[fx.Node, Any] = {}  # a Value, or a list of them
        self._input_shape: Shape = ()
        self._storages = itertools.count()

    def value(self, node: int | None, shape: Shape, index: np.ndarray | None = None, storage: int | None = None) -> Value:
        return Value(node, tuple(shape), next(self._storages) if storage is None else storage, index)

    def name_of(self, node: fx.Node) -> str:
        return name_of(node)

    def rerun(self, node: fx.Node, first: torch.Tensor) -> Any:
        """What a node gives for another first input."""
        replaced = node.all_input_nodes[0]
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), lambda n: first if n is replaced else self.env[n])
        return getattr(self, node.op)(node.target, args, kwargs)

    def leave_out(self, call: Call, reason: str) -> None:
        self.left_out.append(Refusal(call.name, call.op, line_of_node(call.node), reason, ""))
        self.logits = call.tensor()

    def write(self, target: Value, result: Value) -> Value:
        """An in-place operator: everything that shares the target's memory now holds the result."""
        written = dataclasses.replace(result, storage=target.storage, memory=target.memory)
        for node, value in self._values.items():
            self._values[node] = _map(value, lambda v: _after_write(v, target, written))
        return written

    def run_node(self, node: fx.Node):
        try:
            result = super().run_node(node)
        except Exception as error:
            raise UserError(
                f"the model does not take images of shape {self._input_shape} ({first_line(error)}"
                f"{' at ' + line_of_node(node) if line_of_node(node) else ''}); check the data"
            ) from error
        try:
            value = self._visit(node, result)
        except Refused as refused:
            value = self._go_on(node, result, refused.refusal)
        if value is not None:
            self._values[node] = value
        return result

    def _visit(self, node: fx.Node, result) -> Any:
        if node.op == "placeholder":
            return self._input(node, result)
        if node.op == "output":
            self._finish(node)
            return None
        if not any(n in self._values for n in node.all_input_nodes):
            return None  # a constant: weights, sizes
        if not _tensors(result):
            return None  # x.shape, x.size(0), ...
        first = node.args[0] if node.args else None
        if node.target is operator.getitem and isinstance(first, fx.Node) and isinstance(self._values.get(first), list):
            return self._values[first][node.args[1]]  # type: ignore[index]
        return self._convert(node, result)

    def _input(self, node: fx.Node, result) -> Value:
        if self.network.nodes:
            Call(self, node, "Input").refuse("the model takes several inputs", "wrap it in a module that takes the image only")
        shape = self._input_shape = tuple(result.shape[1:])
        return self.value(self.network.add_input(shape), shape)

    def _finish(self, node: fx.Node) -> None:
        call = Call(self, node, "Output")
        output = node.args[0]
        if isinstance(output, (tuple, list)) and len(output) == 1 and self._is_exported():
            output = output[0]
        if not isinstance(output, fx.Node) or not isinstance(self._values.get(output), Value):
            call.refuse("the model does not return one tensor that depends on the image", "return the logits only")
        self.result = self._values[output]
        if self.result.node is not None:
            self.result = self.value(call.settled(self.result), self.result.shape)

    def _is_exported(self) -> bool:
        return any(aten_name(node.target) for node in self.graph.nodes)

    def _convert(self, node: fx.Node, result: Any) -> Any:
        op, handler = self._operator(node)
        call = Call(self, node, op, result)
        inputs = [value for n in node.all_input_nodes if n in self._values for value in _leaves(self._values[n])]
        if all(value.node is None for value in inputs):
            return _unknown(self, result)  # behind a refusal there is nothing more to say
        if handler is None:
            call.refuse(*explain(op))
        first = _tensors(result)[0]
        if first.dim() == 0 or first.shape[0] != self.batch:
            call.refuse("it moves values between the images of a batch", "keep the first axis for the images")
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), self._resolve)
        if node.op == "call_module":
            args = (self.fetch_attr(str(node.target)), *args)
        try:
            return handler(call, *args, **kwargs)
        except TypeError as error:
            return call.refuse(f"it is called in an unusual way ({error})", "call it as PyTorch documents it")

    def _resolve(self, node: fx.Node):
        return self._values[node] if node in self._values else self.env[node]

    def _operator(self, node: fx.Node):
        """(name for messages, handler or None)."""
        if node.op == "call_module":
            kind = type(self.fetch_attr(str(node.target)))
            return kind.__name__, handler_of(kind)
        if node.op == "call_method":
            return str(node.target), METHODS.get(str(node.target))
        if aten_name(node.target):
            return aten_name(node.target).strip("_"), aten_handler(node.target)
        return getattr(node.target, "__name__", str(node.target)), FUNCTIONS.get(node.target) if callable(node.target) else None

    def _go_on(self, node: fx.Node, result, refusal: Refusal) -> Any:
        if self._on_refusal is None:
            raise UnsupportedOperator(str(refusal)) from None
        index = None
        shape = tuple(result.shape[1:]) if isinstance(result, torch.Tensor) else ()
        form = graph_shape(shape) if isinstance(result, torch.Tensor) and result.shape[:1] == (self.batch,) else None
        if form is not None and 0 not in form and self.network.nodes and node.op != "output":
            index = self.network.stand_in(refusal.node, form)
            refusal.node = self.network.nodes[index].name
        self._on_refusal(refusal)
        return self.value(index, shape) if isinstance(result, torch.Tensor) else _unknown(self, result)


def _leaves(value: Any) -> Iterator[Value]:
    if isinstance(value, Value):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)


def _map(value: Any, function) -> Any:
    return [_map(part, function) for part in value] if isinstance(value, list) else value and function(value)


def _tensors(result: Any) -> list[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        return [result]
    return [t for part in result for t in _tensors(part)] if isinstance(result, (list, tuple)) else []


def _unknown(importer: Importer, result: Any) -> Any:
    if isinstance(result, (list, tuple)):
        return [_unknown(importer, part) for part in result]
    return importer.value(None, tuple(result.shape[1:])) if isinstance(result, torch.Tensor) else None


def _after_write(value: Value, target: Value, written: Value) -> Value:
    """A value when `target` has been overwritten: the same memory holds the result, a part of it makes it stale."""
    if value.storage != target.storage:
        return value
    mine, its = value.memory, target.memory
    if mine is not None and its is not None and not np.intersect1d(mine, its).size:
        return value
    same = mine is its or (mine is not None and its is not None and np.array_equal(np.sort(mine), np.sort(its)))
    if not same or value.node != target.node or value.stale or written.node is None:
        return dataclasses.replace(value, stale=value.node is not None, node=value.node if written.node is not None else None)
    return dataclasses.replace(value, node=written.node, index=_moved_index(value, target, written))


def _moved_index(value: Value, target: Value, written: Value) -> np.ndarray | None:
    """Where the elements of a value went, when the node that both it and `target` show was replaced."""
    if target.index is written.index:
        return value.index
    count = int(np.prod(target.shape))
    before, after = (np.arange(count) if v.index is None else v.index.reshape(-1) for v in (target, written))
    went = np.empty(before.max() + 1, np.int64)
    went[before] = after
    shown = np.arange(count) if value.index is None else value.index
    return went[shown].reshape(value.shape)


def run_import(importer: Importer, input_shape: Shape) -> tuple[np.ndarray, torch.Tensor]:
    """Runs the importer on a few random images; gives them and the model's logits."""
    if graph_shape(input_shape) is None or 0 in input_shape:
        raise UserError(
            f"images of shape {tuple(input_shape)}: give (channels, height, width), (channels, length) or (features,) behind the batch axis"
        )
    images = torch.randn(importer.batch, *input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = importer.run(images.clone())
    return images.numpy(), logits if importer.logits is None else importer.logits


@dataclass
class Imported:
    """A model as the core's graph."""

    graph: "_core.Graph"
    replaced: list[str]  # names of the activations that a ReLU replaced
    lines: dict[str, str]  # node name -> line of the model


def import_model(model: Any, input_shape: Shape, replace_activations: str | None = None) -> Imported:
    """The graph computes what the model (a module or an ExportedProgram) computes in eval mode: that is checked on random
    images. Raises UnsupportedOperator with the line of the model, ConversionError, UserError."""
    require_model(model)
    if replace_activations not in (None, "relu"):
        raise UserError(f"replace_activations {replace_activations!r}: the only replacement is 'relu'")
    importer = Importer(trace(model, tuple(input_shape)), replace_activations == "relu")
    images, logits = run_import(importer, input_shape)
    assert importer.result is not None and importer.result.node is not None
    graph = importer.network.emit(importer.result.node, importer.model_name)
    graph.validate()
    if not importer.replaced:
        _check_equal(graph, images, logits)
    for note in importer.left_out:
        warnings.warn(str(note), UserWarning, stacklevel=2)
    return Imported(graph, importer.replaced, importer.network.lines())


def require_convertible(imported: Imported) -> None:
    """Raises ConversionError with the line of the first operator whose place in the network cannot be converted."""
    for finding in imported.graph.diagnose():
        if finding["verdict"] == "refused":
            line = imported.lines.get(finding["node"], "")
            raise ConversionError(str(Refusal(finding["node"], finding["operator"], line, finding["reason"], finding["remedy"])))


def _check_equal(graph, images: np.ndarray, logits: torch.Tensor) -> None:
    batch = images.reshape(len(images), *graph.input_shape)
    imported = _core.run_float(graph, batch, threads=torch.get_num_threads())
    difference = float(np.abs(imported - logits.reshape(imported.shape).numpy()).max())
    if not difference <= 1e-3 * max(1.0, float(logits.abs().max())):
        raise ConversionError(
            f"the imported network differs from the model by {difference:.3g}: forward() does something that tracing does not "
            "see; simplify it, and please report it"
        )
