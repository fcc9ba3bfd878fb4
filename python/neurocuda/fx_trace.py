"""A PyTorch model -> a graph of calls, by torch.fx or from torch.export. The model itself is left as it is."""

import copy
import inspect
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, TypeGuard

import torch
from torch import fx
from torch.nn.utils import parametrize, prune
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from .errors import UnsupportedOperator, UserError
from .fx_modules import is_normalisation
from .fx_source import aten_name, line_of_error, where_defined
from .interrupts import interrupts_deferred

_BATCH = 3
_TORCHSCRIPT = "TorchScript keeps no code that can be traced; give the torch.nn.Module that it was made from, or its ONNX file to load_onnx"


@dataclass
class Traced:
    """A private copy of a model, on the CPU, in eval mode, and the calls that it makes for a batch of images."""

    module: torch.nn.Module
    graph: fx.Graph
    name: str
    batch: int = _BATCH


def is_exported(model: Any) -> TypeGuard[torch.export.ExportedProgram]:
    return isinstance(model, torch.export.ExportedProgram)


def require_model(model: Any) -> None:
    """UserError for what is no model that can be traced."""
    if isinstance(model, torch.jit.ScriptFunction):
        raise UserError(f"the model is a ScriptFunction: {_TORCHSCRIPT}")
    if is_exported(model):
        return
    if not isinstance(model, torch.nn.Module):
        raise UserError(f"convert a torch.nn.Module, an ExportedProgram or what load_onnx gives, not {type(model).__name__}")
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            what = f"its submodule '{name}'" if name else "the model"
            raise UserError(f"{what} is a {type(module).__name__}: {_TORCHSCRIPT}")


def trace(model: Any, input_shape: tuple[int, ...]) -> Traced:
    """UserError, UnsupportedOperator with the line of the model."""
    if is_exported(model):
        return _exported(model)
    model = _unwrapped(model)
    require_model(model)
    private = _private_copy(model)
    with interrupts_deferred():
        try:
            return Traced(private, _Tracer().trace(private), type(model).__name__)
        except UserError:
            raise
        except Exception as error:
            traced = _traced_by_export(private, input_shape)
            if traced is not None:
                return traced
            where = line_of_error(error)
            raise UnsupportedOperator(
                f"{type(model).__name__}{' at ' + where if where else ''}: the model cannot be traced, {_cause(error)}; "
                "make forward() the same sequence of calls for every image"
            ) from error


def _cause(error: Exception) -> str:
    depends = isinstance(error, fx.proxy.TraceError) or "Proxy" in str(error)
    return f"{'its control flow depends on values' if depends else 'forward() fails'} ({first_line(error)})"


def first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


class _Tracer(fx.Tracer):
    """Calls forward() with the image alone: Python then fills in the defaults of its other parameters."""

    def __init__(self) -> None:
        super().__init__(param_shapes_constant=True)
        self.record_stack_traces = True

    def create_args_for_root(self, root_fn, is_module, concrete_args=None):
        image, *others = list(inspect.signature(root_fn).parameters.values())[1:] or [None]
        if image is None:
            raise UserError(f"{type(self.root).__name__}.forward() takes no image; give it one parameter")
        positional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        missing = [p.name for p in others if p.default is p.empty and p.kind not in positional]
        if missing:
            raise UnsupportedOperator(
                f"{type(self.root).__name__}.forward() at {where_defined(root_fn)}: it takes several inputs "
                f"({', '.join([image.name, *missing])}); wrap it in a module that takes the image only, or give the others defaults"
            )
        return root_fn, [self.root, self.create_proxy("placeholder", image.name, (), {})]

    def is_leaf_module(self, m: torch.nn.Module, module_qualified_name: str) -> bool:
        return is_normalisation(type(m)) or super().is_leaf_module(m, module_qualified_name)


def _unwrapped(model: Any) -> Any:
    """The module inside torch.compile and the parallel wrappers."""
    model = getattr(model, "_orig_mod", model)
    parallel = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    return model.module if isinstance(model, parallel) else model


# --- a copy with plain weights -------------------------------------------------------------------------------------------


def _private_copy(model: torch.nn.Module) -> torch.nn.Module:
    try:
        private = copy.deepcopy(model, _computed_tensors(model)).cpu().float().eval()
    except Exception as error:
        raise UserError(f"the model cannot be copied ({first_line(error)}); give a plain torch.nn.Module") from error
    with torch.no_grad():
        for module in list(private.modules()):
            _make_weights_plain(module)
    return private


def _computed_tensors(model: torch.nn.Module) -> dict[int, torch.Tensor]:
    """A memo for deepcopy with copies of the attributes that hold results of autograd, which it does not copy: weights
    that pruning or weight_norm computed, features that forward() kept."""
    memo: dict[int, torch.Tensor] = {}
    waiting: list[Any] = [vars(module) for module in model.modules()]
    while waiting:
        held = waiting.pop()
        for value in held.values() if isinstance(held, dict) else held:
            if isinstance(value, torch.Tensor) and not value.is_leaf:
                memo[id(value)] = value.detach().clone()
            elif type(value) in (list, tuple, dict):
                waiting.append(value)
    return memo


def _make_weights_plain(module: torch.nn.Module) -> None:
    """Pruning masks, weight norm, spectral norm and parametrizations go into the weights that they stand for."""
    if parametrize.is_parametrized(module):
        for name in list(module.parametrizations):  # type: ignore[arg-type]
            parametrize.remove_parametrizations(module, name, leave_parametrized=True)
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, (prune.BasePruningMethod, WeightNorm, SpectralNorm)):
            hook.remove(module)
            del module._forward_pre_hooks[key]


# --- torch.export ------------------------------------------------------------------------------------------------------


def _exported(program: torch.export.ExportedProgram) -> Traced:
    """Its graph of torch.ops.aten operators, for as many images as it was exported for."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of torch, about itself
            module = copy.deepcopy(program.module()).cpu().float()
    except Exception as error:
        raise UserError(f"the exported program cannot be unpacked ({first_line(error)}); give the torch.nn.Module itself") from error
    graph = module.graph
    for node in list(graph.nodes):
        if node.op == "call_module" and node.target == "_guards_fn":
            graph.erase_node(node)  # the shapes are compared by what follows
    batch = image_shape_of(program, with_batch=True)[0]
    names = (kind for node in graph.nodes for _, kind in list((node.meta.get("nn_module_stack") or {}).values())[:1])
    kind = next(names, "ExportedProgram")
    name = kind if isinstance(kind, str) else kind.__name__
    return Traced(module, graph, name.rsplit(".", 1)[-1], batch if isinstance(batch, int) else _BATCH)


def _traced_by_export(private: torch.nn.Module, input_shape: tuple[int, ...]) -> Traced | None:
    """For forward()s that torch.fx cannot trace because they ask for sizes: torch.export knows them. None where it fails, too."""
    try:
        with _silence():
            return _exported(torch.export.export(private, (torch.zeros(_BATCH, *input_shape),), strict=False))
    except Exception:  # it raises many kinds; the message about the first attempt says what is wrong
        return None


@contextmanager
def _silence() -> Iterator[None]:
    """torch.export tells at length, on several ways, what it fails at."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def image_shape_of(program: torch.export.ExportedProgram, with_batch: bool = False) -> tuple:
    """The shape of the first input that the program was exported for."""
    inputs = set(program.graph_signature.user_inputs)
    values = [node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder" and node.name in inputs]
    if not values or not isinstance(values[0], torch.Tensor):
        raise UserError("the exported program takes no image; export a module that takes one")
    return tuple(values[0].shape[0 if with_batch else 1 :])


def name_of(node: fx.Node) -> str:
    """That of the module where there is one."""
    if node.op == "call_module":
        return str(node.target)
    stack = list((node.meta.get("nn_module_stack") or {}).values()) if aten_name(node.target) else []
    path, kind = stack[-1] if stack else ("", "")
    kind = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__name__}"
    return path if path and kind.startswith("torch.nn.modules.") and ".container." not in kind else node.name
