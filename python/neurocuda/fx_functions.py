"""Which handler takes a function, a tensor method or an operator of torch.ops.aten."""

import operator
from collections.abc import Callable

import torch
import torch.nn.functional as F

from . import fx_arithmetic as arithmetic
from . import fx_layers as layers
from . import fx_shapes as shapes
from .fx_source import aten_name

FUNCTIONS: dict[Callable, Callable] = {
    **dict.fromkeys((F.conv1d, F.conv2d, torch.conv1d, torch.conv2d), layers.convolution),
    F.linear: layers.linear,
    **dict.fromkeys((operator.matmul, torch.matmul, torch.mm), layers.matmul),
    F.batch_norm: layers.batch_norm,
    **dict.fromkeys((F.relu, torch.relu), layers.relu),
    **dict.fromkeys((F.relu_, torch.relu_), layers.relu_in_place),
    F.relu6: layers.relu6,
    F.hardtanh: layers.hardtanh,
    F.threshold: layers.threshold,
    **dict.fromkeys((torch.clamp, torch.clip, torch.clamp_min), layers.clamp),
    torch.clamp_max: layers.clamp_max,
    **dict.fromkeys((torch.clamp_, torch.clip_), arithmetic.in_place(layers.clamp)),
    **dict.fromkeys((F.max_pool1d, F.max_pool2d, torch.max_pool1d, torch.max_pool2d), layers.max_pool),
    **dict.fromkeys((F.avg_pool1d, F.avg_pool2d), layers.avg_pool),
    **dict.fromkeys((F.adaptive_avg_pool1d, F.adaptive_avg_pool2d), layers.adaptive_avg_pool),
    **dict.fromkeys((F.adaptive_max_pool1d, F.adaptive_max_pool2d), layers.adaptive_max_pool),
    **dict.fromkeys((F.softmax, F.log_softmax, torch.softmax, torch.log_softmax), layers.softmax),
    **dict.fromkeys((F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, torch.dropout), layers.dropout),
    **dict.fromkeys((F.alpha_dropout, F.feature_alpha_dropout), layers.dropout_off),
    **dict.fromkeys(
        (F.silu, F.gelu, F.hardswish, F.leaky_relu, F.elu, F.celu, F.selu, F.mish, F.softplus), layers.stand_in
    ),
    **dict.fromkeys((operator.add, torch.add), arithmetic.add),
    operator.iadd: arithmetic.in_place(arithmetic.add),
    **dict.fromkeys((operator.sub, torch.sub, torch.subtract), arithmetic.subtract),
    operator.isub: arithmetic.in_place(arithmetic.subtract),
    torch.rsub: arithmetic.subtract_reversed,
    **dict.fromkeys((operator.mul, torch.mul, torch.multiply), arithmetic.multiply),
    operator.imul: arithmetic.in_place(arithmetic.multiply),
    **dict.fromkeys((operator.truediv, torch.div, torch.divide, torch.true_divide), arithmetic.divide),
    operator.itruediv: arithmetic.in_place(arithmetic.divide),
    **dict.fromkeys((operator.neg, torch.neg, torch.negative), arithmetic.negative),
    torch.zeros_like: arithmetic.zeros_like,
    torch.mean: arithmetic.mean,
    torch.sum: arithmetic.sum_over,
    torch.amax: arithmetic.amax,
    **dict.fromkeys((torch.cat, torch.concat, torch.concatenate), shapes.cat),
    F.pad: shapes.pad,
    torch.clone: shapes.copied,
    **dict.fromkeys(
        (
            getattr, operator.getitem, torch.chunk, torch.split, torch.tensor_split, torch.narrow, torch.select, torch.unbind,
            torch.flatten, torch.reshape, torch.squeeze, torch.unsqueeze, torch.unflatten, torch.permute, torch.transpose,
            torch.swapaxes, torch.movedim, torch.index_select, torch.flip, torch.channel_shuffle, F.pixel_unshuffle,
            F.pixel_shuffle,
        ),
        shapes.moved,
    ),
}  # fmt: skip

_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE = arithmetic.add, arithmetic.subtract, arithmetic.multiply, arithmetic.divide
_MOVES = (
    "view", "reshape", "flatten", "squeeze", "unsqueeze", "unflatten", "permute", "transpose", "swapaxes", "movedim", "chunk",
    "split", "tensor_split", "narrow", "select", "unbind", "index_select", "flip", "expand", "expand_as", "view_as",
    "reshape_as", "repeat", "__getitem__",
)  # fmt: skip

METHODS: dict[str, Callable] = {
    "relu": layers.relu,
    "relu_": layers.relu_in_place,
    **dict.fromkeys(("clamp", "clip", "clamp_min"), layers.clamp),
    **dict.fromkeys(("clamp_", "clip_", "clamp_min_"), arithmetic.in_place(layers.clamp)),
    "clamp_max": layers.clamp_max,
    **dict.fromkeys(("softmax", "log_softmax"), layers.softmax),
    "matmul": layers.matmul,
    **dict.fromkeys(("add", "__add__", "__radd__"), _ADD),
    **dict.fromkeys(("add_", "__iadd__"), arithmetic.in_place(_ADD)),
    **dict.fromkeys(("sub", "subtract", "__sub__"), _SUBTRACT),
    **dict.fromkeys(("sub_", "__isub__"), arithmetic.in_place(_SUBTRACT)),
    "__rsub__": arithmetic.subtract_reversed,
    **dict.fromkeys(("mul", "multiply", "__mul__", "__rmul__"), _MULTIPLY),
    **dict.fromkeys(("mul_", "__imul__"), arithmetic.in_place(_MULTIPLY)),
    **dict.fromkeys(("div", "divide", "true_divide", "__truediv__"), _DIVIDE),
    **dict.fromkeys(("div_", "__itruediv__"), arithmetic.in_place(_DIVIDE)),
    **dict.fromkeys(("neg", "negative", "__neg__"), arithmetic.negative),
    "mean": arithmetic.mean,
    "sum": arithmetic.sum_over,
    "amax": arithmetic.amax,
    **dict.fromkeys(_MOVES, shapes.moved),
    **dict.fromkeys(("contiguous", "float", "to", "detach", "type_as"), shapes.identity),
    "clone": shapes.copied,
}

# By the names of their schemas; their arguments have PyTorch's names, but for those in _RENAMED.
_OPERATORS: dict[str, Callable] = {
    **dict.fromkeys(("conv1d", "conv2d"), layers.convolution),
    "convolution": layers.any_convolution,
    "linear": layers.linear,
    "addmm": layers.addmm,
    **dict.fromkeys(("mm", "matmul"), layers.matmul),
    "batch_norm": layers.batch_norm,
    "_native_batch_norm_legit_no_training": layers.first_of(layers.batch_norm),
    "relu": layers.relu,
    "relu6": layers.relu6,
    "hardtanh": layers.hardtanh,
    "threshold": layers.threshold,
    **dict.fromkeys(("clamp", "clip", "clamp_min"), layers.clamp),
    "clamp_max": layers.clamp_max,
    **dict.fromkeys(("max_pool1d", "max_pool2d"), layers.max_pool),
    "max_pool2d_with_indices": layers.first_of(layers.max_pool),
    **dict.fromkeys(("avg_pool1d", "avg_pool2d"), layers.avg_pool),
    **dict.fromkeys(("adaptive_avg_pool1d", "adaptive_avg_pool2d", "_adaptive_avg_pool2d"), layers.adaptive_avg_pool),
    **dict.fromkeys(("adaptive_max_pool1d", "adaptive_max_pool2d"), layers.first_of(layers.adaptive_max_pool)),
    **dict.fromkeys(("softmax", "log_softmax", "_softmax", "_log_softmax"), layers.softmax),
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"), layers.dropout),
    **dict.fromkeys(("silu", "gelu", "hardswish", "leaky_relu", "elu", "celu", "selu", "mish", "softplus"), layers.stand_in),
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "rsub": arithmetic.subtract_reversed,
    "mul": arithmetic.multiply,
    "div": arithmetic.divide,
    "neg": arithmetic.negative,
    "zeros_like": arithmetic.zeros_like,
    "mean": arithmetic.mean,
    "sum": arithmetic.sum_over,
    "amax": arithmetic.amax,
    **dict.fromkeys(("cat", "concat", "concatenate"), shapes.cat),
    "pad": shapes.pad,
    "constant_pad_nd": shapes.pad,
    **dict.fromkeys(
        (*_MOVES, "slice", "split_with_sizes", "_unsafe_view", "pixel_unshuffle", "pixel_shuffle", "channel_shuffle", "t"),
        shapes.moved,
    ),
    **dict.fromkeys(("contiguous", "to", "_to_copy", "detach", "alias"), shapes.identity),
    "clone": shapes.copied,
}  # fmt: skip
_RENAMED = {"self": "input", "mat2": "other", "train": "training"}
_UNUSED = ("cudnn_enabled", "half_to_float", "memory_format")


def aten_handler(target) -> Callable | None:
    """Takes what an operator of torch.ops.aten takes."""
    name = aten_name(target)
    handler = _OPERATORS.get(name) or _OPERATORS.get(name.removesuffix("_"))
    if handler is None:
        return None
    if name not in _OPERATORS:
        handler = arithmetic.in_place(handler)
    names = [_RENAMED.get(argument.name, argument.name) for argument in target._schema.arguments]

    def handle(call, *args, **kwargs):
        given = dict(zip(names, args)) | {_RENAMED.get(name, name): value for name, value in kwargs.items()}
        if handler is shapes.moved:
            return handler(call, given["input"])
        return handler(call, **{name: value for name, value in given.items() if name not in _UNUSED})

    return handle
