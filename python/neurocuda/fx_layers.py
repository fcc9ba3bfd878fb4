"""Convolutions, linear layers, batch norms, activations and pools -> nodes, with PyTorch's own parameter names. A handler takes
(call, value, ...)."""

import math

import numpy as np
import torch.nn.functional as F

from .fx_graph import FOLDED_POOL, Value, to_array
from .fx_refusals import explain

_EVAL_FIRST = "call model.eval() before torch.export.export, and write training=self.training where a function takes it"


def _axes(value, count: int, fill: int) -> tuple[int, int]:
    """(vertical, horizontal); `fill` vertically where there is one axis only."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if count == 1:
        return (fill, int(values[-1]))
    return (int(values[0]), int(values[-1]))


def _spatial_axes(call, input) -> int:
    count = len(input.shape) - 1
    if count not in (1, 2):
        call.refuse(f"its input has the shape (n, {', '.join(map(str, input.shape))})", "use images (n, channels, height, width)")
    return count


# --- linear operators --------------------------------------------------------------------------------------------------


def convolution(call, input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    if isinstance(weight, Value) or isinstance(bias, Value):
        call.refuse("its weights depend on the image", "use fixed weights")
    count = weight.dim() - 2
    if count not in (1, 2) or count != len(input.shape) - 1:
        call.refuse("only convolutions of (n, channels, height, width) and (n, channels, length) are supported", "use nn.Conv2d or nn.Conv1d")
    kernels = to_array(weight)
    if count == 1:
        kernels = kernels[:, :, None]
    dilation = _axes(dilation, count, 1)
    if padding == "same":
        input, kernels, margin = _same_padding(call, input, kernels, dilation)
    else:
        margin = (0, 0) if padding == "valid" else _axes(padding, count, 0)
    return call.add(
        "conv2d", [input], weight=kernels, bias=to_array(bias), stride=_axes(stride, count, 1), padding=margin,
        dilation=dilation, groups=int(groups),
    )  # fmt: skip


def _same_padding(call, input, kernels, dilation):
    """(input, kernels, padding): what has to be padded by one more behind than before gets a larger kernel, or is padded
    first where the kernel is dilated."""
    total = [d * (k - 1) for k, d in zip(kernels.shape[2:], dilation)]
    odd = [t % 2 for t in total]
    first = [o if d > 1 else 0 for o, d in zip(odd, dilation)]
    if any(first):
        width = [0, first[1]] if len(input.shape) == 2 else [0, first[1], 0, first[0]]
        input = call.gathered(input, lambda positions: F.pad(positions, width, value=-1))
    grown = [o - f for o, f in zip(odd, first)]
    kernels = np.pad(kernels, [(0, 0), (0, 0), (grown[0], 0), (grown[1], 0)])
    return input, kernels, (total[0] // 2 + grown[0], total[1] // 2 + grown[1])


def linear(call, input, weight, bias=None):
    if isinstance(weight, Value):
        call.refuse(*explain("matmul"))
    if not isinstance(input, Value):
        call.refuse("its weights depend on the image", "use fixed weights")
    if len(input.shape) != 1:
        call.refuse(f"its input has the shape (n, {', '.join(map(str, input.shape))})", "flatten to (n, features) first")
    source, array = call.before_linear(input, to_array(weight))
    return call.add("linear", [source], weight=array, bias=to_array(bias))


def any_convolution(call, input, weight, bias, stride, padding, dilation, transposed, output_padding, groups):
    """torch.ops.aten.convolution"""
    if transposed:
        call.refuse(*explain("convtranspose2d"))
    return convolution(call, input, weight, bias, stride, padding, dilation, groups)


def addmm(call, input, mat1, other, *, beta=1, alpha=1):
    if isinstance(input, Value) or beta != 1 or alpha != 1 or isinstance(other, Value):
        call.refuse(*explain("matmul"))
    return linear(call, mat1, other.t(), input)


def matmul(call, input, other):
    if not isinstance(input, Value) or isinstance(other, Value) or other.dim() != 2:
        call.refuse(*explain("matmul"))
    return linear(call, input, other.t())


def batch_norm(
    call, input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):  # fmt: skip
    if running_mean is None:
        call.refuse("it has no running statistics", "train with track_running_stats=True")
    if training:
        call.refuse(
            "it normalises with the statistics of the batch, also in eval mode",
            _EVAL_FIRST if call.is_exported else "call it with training=self.training",
        )
    mean, variance = to_array(running_mean), to_array(running_var)
    gamma, beta = to_array(weight), to_array(bias)
    return call.add(
        "batch_norm", [input], gamma=np.ones_like(mean) if gamma is None else gamma,
        beta=np.zeros_like(mean) if beta is None else beta, mean=mean, variance=variance, epsilon=float(eps),
    )  # fmt: skip


def first_of(handler):
    """For operators that give more than the value."""

    def handle(call, *args, **kwargs):
        return [handler(call.of(call.result[0]), *args, **kwargs), *(None for _ in call.result[1:])]

    return handle


# --- activations -------------------------------------------------------------------------------------------------------


def relu(call, input, inplace=False, cap=math.inf):
    result = call.elementwise("relu", input, **({} if cap == math.inf else {"cap": float(cap)}))
    return call.written_over(input, result) if inplace else result


def relu_in_place(call, input):
    return relu(call, input, inplace=True)


def relu6(call, input, inplace=False):
    return relu(call, input, inplace, 6.0)


def hardtanh(call, input, min_val=-1.0, max_val=1.0, inplace=False):
    if min_val == 0 and max_val > 0:
        return relu(call, input, inplace, max_val)
    return stand_in(call, input, inplace=inplace)


def clamp(call, input, min=None, max=None):
    """min(max(x, 0), c), also in two steps."""
    low, high = (None if bound is None else _number(call, bound) for bound in (min, max))
    cap = math.inf if high is None else high
    behind = call.pending(input)
    if behind is not None and behind.kind == "relu" and (low is None or low <= 0):
        low = 0.0  # a ReLU's result already
    if low != 0 or not cap > 0:
        call.refuse("integrate-and-fire neurons express min(max(x, 0), c), not these bounds", "use nn.ReLU, nn.ReLU6 or clamp(0, c)")
    return relu(call, input, cap=cap)


def clamp_max(call, input, max):
    return clamp(call, input, max=max)


def _number(call, bound) -> float:
    if isinstance(bound, Value) or getattr(bound, "numel", lambda: 1)() != 1:
        call.refuse("its bounds are not numbers", "use nn.ReLU, nn.ReLU6 or clamp(0, c)")
    return float(bound)


def threshold(call, input, threshold, value, inplace=False):
    if threshold != 0 or value != 0:
        call.refuse(*explain("threshold"))
    return relu(call, input, inplace)


def stand_in(call, input, *unused, inplace=False, **ignored):
    """An activation that is a ReLU on request only."""
    if not call.replaces_activations:
        call.refuse(*explain(call.op))
    call.note_replacement()
    return relu(call, input, inplace)


def softmax(call, input, dim=None, *unused, **ignored):
    """Behind the last layer it changes no arg-max."""
    if not call.is_last:
        call.refuse(*explain("softmax"))
    if dim is not None and len(input.shape) > 0 and dim % (len(input.shape) + 1) != 1:
        call.refuse(f"it normalises over axis {dim}, not over the classes", "leave it out")
    return call.leave_out(input, "left out: the network gives the logits, whose arg-max is the same")


def dropout(call, input, p=0.5, training=True, inplace=False):
    if training and p > 0 and call.is_exported:
        call.refuse("it is on in the exported program", _EVAL_FIRST)
    if training and p > 0:
        call.refuse(
            "it is left on in eval mode: training=True is this function's own default",
            "write F.dropout(x, p, training=self.training), or use nn.Dropout",
        )
    return input


def dropout_off(call, input, p=0.5, training=False, inplace=False):
    """The alpha dropouts, whose default is off."""
    return dropout(call, input, p, training, inplace)


# --- pools -------------------------------------------------------------------------------------------------------------


def max_pool(
    call, input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):  # fmt: skip
    if return_indices:
        call.refuse("it returns indices", "use return_indices=False")
    return _pool(call, "max_pool", input, kernel_size, stride, padding, dilation)


def avg_pool(
    call, input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):  # fmt: skip
    count = _spatial_axes(call, input)
    if not count_include_pad and any(_axes(padding, count, 0)):
        call.refuse("count_include_pad=False divides by another area at the border", "use count_include_pad=True")
    pooled = _pool(call, "avg_pool", input, kernel_size, stride, padding, 1)
    if divisor_override is None:
        return pooled
    return call.affine(pooled, scale=math.prod(_axes(kernel_size, count, 1)) / divisor_override)


def _pool(call, kind, input, kernel_size, stride, padding, dilation):
    count = _spatial_axes(call, input)
    kernel, padding, dilation = _axes(kernel_size, count, 1), _axes(padding, count, 0), _axes(dilation, count, 1)
    stride = kernel if stride is None or stride == [] else _axes(stride, count, 1)
    if dilation != (1, 1):
        call.refuse("it is dilated", "use dilation=1")
    ceil_mode = {}
    if any(call.shape[1 + axis] != _floor_size(input, axis, count, kernel, stride, padding) for axis in range(count)):
        if kind == "avg_pool":
            call.refuse("ceil_mode adds a window that reaches over the border and has another area", "use ceil_mode=False")
        ceil_mode = {"ceil_mode": True}
    return call.add(kind, [input], kernel=kernel, stride=stride, padding=padding, dilation=dilation, **ceil_mode)


def _floor_size(input, axis, count, kernel, stride, padding) -> int:
    at = axis + 2 - count
    return (input.shape[1 + axis] + 2 * padding[at] - kernel[at]) // stride[at] + 1


def adaptive_avg_pool(call, input, output_size):
    count = _spatial_axes(call, input)
    before, after = input.shape[1:], call.shape[1:]
    if after == before:
        return input
    if math.prod(after) == 1:
        return call.add("global_avg_pool", [input])
    if any(b % a for b, a in zip(before, after)):
        return call.add(FOLDED_POOL, [input])  # must lead to a linear layer, see Call.before_linear
    return _even_pool(call, "avg_pool", input, count)


def adaptive_max_pool(call, input, output_size, return_indices=False):
    if return_indices:
        call.refuse("it returns indices", "use return_indices=False")
    count = _spatial_axes(call, input)
    if any(b % a for b, a in zip(input.shape[1:], call.shape[1:])):
        call.refuse("its windows differ in size", "choose an output size that divides the map")
    return _even_pool(call, "max_pool", input, count)


def _even_pool(call, kind, input, count):
    kernel = _axes([b // a for b, a in zip(input.shape[1:], call.shape[1:])], count, 1)
    return call.add(kind, [input], kernel=kernel, stride=kernel, padding=(0, 0), dilation=(1, 1))


