"""What only moves values: views, permutations, parts, padding, concatenation. A handler takes (call, value, ...)."""

import torch
import torch.nn.functional as F

from .fx_graph import Value


def moved(call, input, *unused, **ignored):
    """Any operator that only moves the values of one tensor."""
    return call.gathered(input)


def moved_by_module(call, module, input):
    return call.gathered(input)


def identity(call, input, *unused, **ignored):
    return input


def copied(call, input, *unused, **ignored):
    return call.copied(input)


def pad(call, input, pad, mode="constant", value=None):
    if mode != "constant":
        call.refuse(f"padding mode '{mode}' repeats values at the border", "pad with zeros")
    if value not in (None, 0):
        call.refuse(f"it pads with {value}", "pad with zeros")
    widths = [int(width) for width in pad]
    return call.gathered(input, lambda positions: F.pad(positions, widths, value=-1))


def constant_pad(call, module, input):
    """nn.ZeroPad2d, nn.ConstantPad2d, ..."""
    return pad(call, input, module.padding, value=module.value)


def cat(call, tensors, dim=0, *, axis=None):
    dim = dim if axis is None else axis
    parts = list(tensors)
    known = next(part for part in parts if isinstance(part, Value))
    rank = len(known.shape) + 1
    if dim % rank != 1:
        call.refuse(f"it concatenates along axis {dim}", "concatenate along the channels, torch.cat(tensors, 1)")
    values = [part if isinstance(part, Value) else _zeros(call, known, part) for part in parts]
    return call.add("concat", values)


def _zeros(call, known: Value, constant: torch.Tensor) -> Value:
    """Constant channels, which must be zeros: as many channels of another value, all of them cut away."""
    if bool((constant != 0).any()):
        call.refuse("it concatenates constants with activations", "concatenate activations only; a constant channel acts like a bias")
    shape = tuple(constant.shape[1:])
    return call.gathered(known, lambda positions: torch.full((len(positions), *shape), -1))


