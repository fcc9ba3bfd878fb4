"""A PyTorch model -> the core's graph, by torch.fx: traced once, then run on a small batch to know every shape."""

import copy
import itertools
from dataclasses import dataclass

import numpy as np
import torch
from torch import fx

from .core import _core
from .errors import ConversionError, UnsupportedOperator, UserError
from .fx_call import Call, Refused
from .fx_functions import FUNCTIONS, METHODS
from .fx_graph import PendingGraph, Shape, Value
from .fx_modules import HANDLERS
from .fx_refusals import Refusal, explain
from .fx_source import line_of_error, line_of_node
from .interrupts import interrupts_deferred

_BATCH = 3


class Importer(fx.Interpreter):
    """Runs a traced model and builds the graph on the way. With `on_refusal`, goes on behind what is refused."""

    def __init__(self, traced: fx.GraphModule, replace_activations: bool, on_refusal=None):
        super().__init__(traced)
        self.extra_traceback = False  # messages stay one line
        self.network = PendingGraph()
        self.replace_activations = replace_activations
        self.replaced: list[str] = []
        self.result: Value | None = None
        self._on_refusal = on_refusal
        self._values: dict[fx.Node, Value] = {}
        self._input_shape: Shape = ()
        self._storages = itertools.count()

    def value(self, node: int | None, shape: Shape) -> Value:
        return Value(node, tuple(shape), next(self._storages))

    def write(self, target: Value, result: Value) -> Value:
        """An in-place operator: everything that shares the target's memory now holds the result."""
        for node, value in self._values.items():
            if value.storage == target.storage:
                self._values[node] = Value(result.node, value.shape, value.storage)
        return Value(result.node, result.shape, target.storage)

    def run_node(self, node: fx.Node):
        try:
            result = super().run_node(node)
        except Exception as error:
            raise UserError(
                f"the model does not take images of shape {self._input_shape} ({_first_line(error)}"
                f"{' at ' + line_of_node(node) if line_of_node(node) else ''}); check the data"
            ) from error
        try:
            value = self._visit(node, result)
        except Refused as refused:
            value = self._go_on(node, result, refused.refusal)
        if value is not None:
            self._values[node] = value
        return result

    def _visit(self, node: fx.Node, result) -> Value | None:
        if node.op == "placeholder":
            return self._input(node, result)
        if node.op == "output":
            self._finish(node)
            return None
        if not any(n in self._values for n in node.all_input_nodes):
            return None  # a constant: weights, sizes
        if not isinstance(result, torch.Tensor):
            if isinstance(result, (list, tuple)) and any(isinstance(r, torch.Tensor) for r in result):
                op = self._operator(node)[0]
                Call(self, node, op, ()).refuse(*explain(op))
            return None  # x.shape, x.size(0), ...
        return self._convert(node, result)

    def _input(self, node: fx.Node, result) -> Value | None:
        if self.network.nodes:
            if node.args:  # has a default
                return None
            Call(self, node, "Input", ()).refuse("the model takes several inputs", "wrap it in a module that takes the image only")
        shape = self._input_shape = tuple(result.shape[1:])
        return self.value(self.network.add("input", "input", [], shape, shape=list(shape)), shape)

    def _finish(self, node: fx.Node) -> None:
        call = Call(self, node, "Output", ())
        output = node.args[0]
        if not isinstance(output, fx.Node) or output not in self._values:
            call.refuse("the model does not return one tensor that depends on the image", "return the logits only")
        self.result = self._values[output]
        if self.result.node is not None:
            self.result = self.value(call.settled(self.result), self.result.shape)

    def _convert(self, node: fx.Node, result: torch.Tensor) -> Value:
        op, handler = self._operator(node)
        batch = result.shape[0] if result.dim() else 0
        call = Call(self, node, op, tuple(result.shape[1:]))
        if all(self._values[n].node is None for n in node.all_input_nodes if n in self._values):
            return self.value(None, call.shape)  # behind a refusal there is nothing more to say
        if handler is None:
            call.refuse(*explain(op))
        if batch != _BATCH:
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
            known = [HANDLERS[base] for base in kind.__mro__ if base in HANDLERS] if kind.__module__.startswith("torch.nn") else []
            return kind.__name__, known[0] if known else None
        if node.op == "call_method":
            return str(node.target), METHODS.get(str(node.target))
        return getattr(node.target, "__name__", str(node.target)), FUNCTIONS.get(node.target) if callable(node.target) else None

    def _go_on(self, node: fx.Node, result, refusal: Refusal) -> Value | None:
        if self._on_refusal is None:
            raise UnsupportedOperator(str(refusal)) from None
        index = None
        shape = tuple(result.shape[1:]) if isinstance(result, torch.Tensor) else ()
        if len(shape) in (1, 3) and self.network.nodes and node.op != "output":
            index = self.network.stand_in(refusal.node, shape)
            refusal.node = self.network.nodes[index].name
        self._on_refusal(refusal)
        return self.value(index, shape)


def trace(model: torch.nn.Module) -> fx.GraphModule:
    """The model as a graph of calls, on the CPU, in eval mode. The model itself is left as it is."""
    model = _unwrapped(model)
    try:
        private = copy.deepcopy(model).cpu().float().eval()
    except Exception as error:
        raise UserError(f"the model cannot be copied ({error}); give a plain torch.nn.Module") from error
    tracer = fx.Tracer()
    tracer.record_stack_traces = True
    with interrupts_deferred():
        try:
            return fx.GraphModule(private, tracer.trace(private))
        except Exception as error:
            where = line_of_error(error)
            reason = _first_line(error)
            raise UnsupportedOperator(
                f"{type(model).__name__}{' at ' + where if where else ''}: the model cannot be traced, its control flow "
                f"depends on values ({reason}); make forward() the same sequence of calls for every image"
            ) from error


def _unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """The module inside torch.compile and the parallel wrappers."""
    model = getattr(model, "_orig_mod", model)
    parallel = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    return model.module if isinstance(model, parallel) else model


def run_import(importer: Importer, input_shape: Shape) -> tuple[np.ndarray, torch.Tensor]:
    """Runs the importer on a few random images; gives them and the model's logits."""
    images = torch.randn(_BATCH, *input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = importer.run(images)
    return images.numpy(), logits


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


@dataclass
class Imported:
    """A model as the core's graph."""

    graph: "_core.Graph"
    replaced: list[str]  # names of the activations that a ReLU replaced
    lines: dict[str, str]  # node name -> line of the model


def import_model(model: torch.nn.Module, input_shape: Shape, replace_activations: str | None = None) -> Imported:
    """The graph computes what the model computes in eval mode: that is checked on random images. Raises
    UnsupportedOperator with the line of the model, ConversionError, UserError."""
    if replace_activations not in (None, "relu"):
        raise UserError(f"replace_activations {replace_activations!r}: the only replacement is 'relu'")
    importer = Importer(trace(model), replace_activations == "relu")
    images, logits = run_import(importer, input_shape)
    assert importer.result is not None and importer.result.node is not None
    graph = importer.network.emit(importer.result.node, type(model).__name__)
    graph.validate()
    if not importer.replaced:
        _check_equal(graph, images, logits)
    return Imported(graph, importer.replaced, importer.network.lines())


def require_convertible(imported: Imported) -> None:
    """Raises ConversionError with the line of the first operator whose place in the network cannot be converted."""
    for finding in imported.graph.diagnose():
        if finding["verdict"] == "refused":
            line = imported.lines.get(finding["node"], "")
            raise ConversionError(str(Refusal(finding["node"], finding["operator"], line, finding["reason"], finding["remedy"])))


def _check_equal(graph, images: np.ndarray, logits: torch.Tensor) -> None:
    imported = _core.run_float(graph, images, threads=torch.get_num_threads())
    difference = float(np.abs(imported - logits.numpy()).max())
    if not difference <= 1e-3 * max(1.0, float(logits.abs().max())):
        raise ConversionError(
            f"the imported network differs from the model by {difference:.3g}: forward() does something that tracing does not "
            "see; simplify it, and please report it"
        )
