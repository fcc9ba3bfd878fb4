"""Sums, constants and means -> nodes. A handler takes (call, value, ...)."""

import numbers

import numpy as np
import torch

from .fx_graph import Value
from .fx_refusals import explain


def _both_activations(*values) -> bool:
    return all(isinstance(value, Value) for value in values)


def add(call, input, other, *, alpha=1):
    if _both_activations(input, other):
        if input.shape != other.shape:
            call.refuse(f"shapes {input.shape} and {other.shape} are broadcast", "add values of one shape")
        return call.add("add", [input, other if alpha == 1 else call.affine(other, scale=alpha)])
    if isinstance(input, Value):
        value, scale, shift = input, 1, other * alpha
    else:
        value, scale, shift = other, alpha, input
    if scale == 1 and _is(shift, 0):
        return call.copied(value)  # sum() starts with 0
    return call.affine(value, scale, shift)


def subtract(call, input, other, *, alpha=1):
    if _both_activations(input, other):
        call.refuse(*explain("sub"))
    return add(call, input, other, alpha=-alpha)


def subtract_reversed(call, input, other, *, alpha=1):
    if _both_activations(input, other):
        call.refuse(*explain("sub"))
    return subtract(call, other, input, alpha=alpha)


def multiply(call, input, other):
    if _both_activations(input, other):
        call.refuse(*explain("mul"))
    value, constant = (input, other) if isinstance(input, Value) else (other, input)
    return call.copied(value) if _is(constant, 1) else call.affine(value, scale=constant)


def divide(call, input, other, *, rounding_mode=None):
    if rounding_mode is not None:
        call.refuse("it rounds", "leave the rounding out")
    if isinstance(other, Value):
        call.refuse("it divides by activations", "divide by constants only")
    return call.copied(input) if _is(other, 1) else call.affine(input, scale=1 / torch.as_tensor(other, dtype=torch.float64))


def negative(call, input):
    return call.affine(input, scale=-1)


def zeros_like(call, input, **ignored):
    return call.affine(input, scale=0)


def normalize(call, module, input):
    """torchvision's Normalize."""
    mean, deviation = (torch.as_tensor(v, dtype=torch.float64).reshape(-1, 1, 1) for v in (module.mean, module.std))
    return call.affine(input, scale=1 / deviation, shift=-mean / deviation)


def in_place(handler):
    """The same, over its first operand."""

    def handle(call, input, *args, **kwargs):
        result = handler(call, input, *args, **kwargs)
        return call.written_over(input, result) if isinstance(input, Value) else result

    return handle


def _is(constant, number: int) -> bool:
    return isinstance(constant, numbers.Number) and constant == number


# --- over positions ----------------------------------------------------------------------------------------------------


def mean(call, input, dim=None, keepdim=False, *, dtype=None):
    return _reduce(call, "avg_pool", input, dim)


def amax(call, input, dim=None, keepdim=False):
    return _reduce(call, "max_pool", input, dim)


def sum_over(call, input, dim=None, keepdim=False, *, dtype=None):
    pooled = _reduce(call, "avg_pool", input, dim)
    before, after = (int(np.prod(shape)) for shape in (input.shape, call.shape))
    return call.affine(pooled, scale=before // after)


def _reduce(call, kind, input, dim):
    rank = len(input.shape) + 1
    axes = {d % rank for d in ((dim,) if isinstance(dim, int) else dim or ())}
    if not axes or 0 in axes:
        call.refuse(f"it reduces over {dim}", "keep the first axis for the images and pool over (2, 3)")
    node = call.pending(input)
    if node is None:
        return input
    kept = [axis for axis in range(1, rank) if axis not in axes]
    elements = call.elements(input).transpose([axis - 1 for axis in (*kept, *sorted(axes))])
    groups = np.sort(elements.reshape(int(np.prod([input.shape[axis - 1] for axis in kept])), -1), axis=1)
    _, height, width = node.shape if len(node.shape) == 3 else (*node.shape, 1, 1)
    if groups.shape[1] == 1:
        return call.view(input.node, groups[:, 0].reshape(call.shape), call.shape)
    for kernel in ((height, width), (1, width), (height, 1)):
        first = _windows(groups, kernel, height, width)
        if first is not None:
            pooled = _pool(call, kind, input, kernel)
            channel, row, column = first // (height * width), first // width % height, first % width
            row, column = row // kernel[0], column // kernel[1]
            at = (channel * (height // kernel[0]) + row) * (width // kernel[1]) + column
            return call.view(pooled.node, at.reshape(call.shape), call.shape)
    return call.refuse(f"it reduces over {dim}, which are not the positions of a map", "pool over (2, 3)")


def _windows(groups, kernel, height: int, width: int):
    """The first element of every group, if each group is one window of this size that begins at its border; else None."""
    first = groups[:, 0]
    if groups.shape[1] != kernel[0] * kernel[1] or (first < 0).any():
        return None
    window = (np.arange(kernel[0])[:, None] * width + np.arange(kernel[1])).reshape(-1)
    begins = (first // width % height % kernel[0] == 0) & (first % width % kernel[1] == 0)
    return first if begins.all() and (groups == first[:, None] + window).all() else None


def _pool(call, kind, input, kernel):
    node = call.pending(input)
    whole = Value(input.node, node.shape, input.storage, stale=input.stale)
    channels, height, width = node.shape
    shape = (channels, height // kernel[0], width // kernel[1])
    if kind == "avg_pool" and shape[1:] == (1, 1):
        return call.add("global_avg_pool", [whole], shape=shape)
    return call.add(kind, [whole], shape=shape, kernel=kernel, stride=kernel, padding=(0, 0), dilation=(1, 1))
