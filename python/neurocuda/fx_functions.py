"""Functions and tensor methods -> nodes, with PyTorch's own parameter names. A handler takes (call, value, ...)."""

import operator
from collections.abc import Callable

import torch
import torch.nn.functional as F

from .fx_graph import FOLDED_POOL, Value, to_array
from .fx_refusals import explain


def _pair(value) -> tuple[int, int]:
    if isinstance(value, (tuple, list)):
        return (int(value[0]), int(value[-1]))
    return (int(value), int(value))


def conv2d(call, input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    if isinstance(weight, Value) or isinstance(bias, Value):
        call.refuse("its weights depend on the image", "use fixed weights")
    if weight.dim() != 4:
        call.refuse("only 2-d convolutions of (n, channels, height, width) are supported", "use nn.Conv2d")
    dilation = _pair(dilation)
    return call.add(
        "conv2d", [input], weight=to_array(weight), bias=to_array(bias), stride=_pair(stride),
        padding=_explicit_padding(call, padding, weight.shape[2:], dilation), dilation=dilation, groups=groups,
    )  # fmt: skip


def _explicit_padding(call, padding, kernel, dilation) -> tuple[int, int]:
    if padding == "valid":
        return (0, 0)
    if padding != "same":
        return _pair(padding)
    total = [d * (k - 1) for k, d in zip(kernel, dilation)]
    if any(t % 2 for t in total):
        call.refuse("padding='same' with an even kernel pads one side more than the other", "use an odd kernel")
    return (total[0] // 2, total[1] // 2)


def linear(call, input, weight, bias=None):
    if isinstance(weight, Value):
        call.refuse(*explain("matmul"))
    if len(input.shape) != 1:
        call.refuse(f"its input has the shape (n, {', '.join(map(str, input.shape))})", "flatten to (n, features) first")
    source, array = call.before_adaptive_pool(input, to_array(weight))
    return call.add("linear", [source], weight=array, bias=to_array(bias))


def batch_norm(
    call, input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):  # fmt: skip
    if running_mean is None:
        call.refuse("it has no running statistics", "train with track_running_stats=True")
    ones = torch.ones_like(running_mean)
    return call.add(
        "batch_norm", [input], gamma=to_array(ones if weight is None else weight),
        beta=to_array(0 * ones if bias is None else bias), mean=to_array(running_mean), variance=to_array(running_var),
        epsilon=float(eps),
    )  # fmt: skip


def relu(call, input, inplace=False):
    result = call.add("relu", [input])
    return call.written_over(input, result) if inplace else result


def relu_in_place(call, input):
    return relu(call, input, inplace=True)


def stand_in(call, input, *unused, inplace=False, **ignored):
    """An activation that is a ReLU on request only."""
    if not call.replaces_activations:
        call.refuse(*explain(call.op))
    call.note_replacement()
    return relu(call, input, inplace)


def clamp(call, input, min=None, max=None):
    if min == 0 and max is None:
        return relu(call, input)
    return call.refuse("only clamp(min=0), a ReLU, has a spiking form", "use nn.ReLU")


def add(call, input, other, *, alpha=1):
    if alpha != 1:
        call.refuse("an addition with alpha scales a branch", "move the factor into the weights")
    for value, constant in ((input, other), (other, input)):
        if not isinstance(constant, Value):
            if isinstance(constant, (int, float)) and constant == 0:
                return value  # sum() starts with 0
            call.refuse("a constant is added to activations", "move it into the bias of the layer before")
    if input.shape != other.shape:
        call.refuse(f"shapes {input.shape} and {other.shape} are broadcast", "add values of one shape")
    return call.add("add", [input, other])


def add_in_place(call, input, other, *, alpha=1):
    result = add(call, input, other, alpha=alpha)
    return call.written_over(input, result) if isinstance(input, Value) else result


def max_pool2d(
    call, input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):  # fmt: skip
    if return_indices:
        call.refuse("it returns indices", "use return_indices=False")
    kernel, dilation = _pair(kernel_size), _pair(dilation)
    return _pool(call, "max_pool", input, kernel, stride, padding, dilation)


def avg_pool2d(
    call, input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):  # fmt: skip
    if divisor_override is not None:
        call.refuse("divisor_override is not supported", "leave it out")
    if not count_include_pad and any(_pair(padding)):
        call.refuse("count_include_pad=False divides by another area at the border", "use count_include_pad=True")
    return _pool(call, "avg_pool", input, _pair(kernel_size), stride, padding, (1, 1))


def _pool(call, kind, input, kernel, stride, padding, dilation):
    stride, padding = _pair(stride or kernel), _pair(padding)
    for axis in (0, 1):
        reach = input.shape[1 + axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1
        if reach // stride[axis] + 1 != call.shape[1 + axis]:
            call.refuse("ceil_mode adds a window that reaches over the border", "use ceil_mode=False")
    return call.add(kind, [input], kernel=kernel, stride=stride, padding=padding, dilation=dilation)


def adaptive_avg_pool2d(call, input, output_size):
    _, height, width = input.shape
    size = call.shape[1:]
    if size == (1, 1):
        return input if (height, width) == (1, 1) else call.add("global_avg_pool", [input])
    if size == (height, width):
        return input
    if height % size[0] or width % size[1]:
        return call.add(FOLDED_POOL, [input])  # must lead to a linear layer, see Call.before_adaptive_pool
    kernel = (height // size[0], width // size[1])
    return call.add("avg_pool", [input], kernel=kernel, stride=kernel, padding=(0, 0), dilation=(1, 1))


def mean(call, input, dim=None, keepdim=False, *, dtype=None):
    axes = {d % 4 for d in ((dim,) if isinstance(dim, int) else dim or ())}
    if len(input.shape) != 3 or axes != {2, 3}:
        call.refuse(f"a mean over {dim} is not a global pooling", "take the mean over (2, 3)")
    pooled = input if input.shape[1:] == (1, 1) else call.add("global_avg_pool", [input], shape=(input.shape[0], 1, 1))
    return pooled if keepdim else call.reshaped(pooled)


def reshape(call, input, *unused, **ignored):
    return call.reshaped(input)


def identity(call, input, *unused, **ignored):
    return input


def copied(call, input, *unused, **ignored):
    return call.copied(input)


FUNCTIONS: dict[Callable, Callable] = {
    F.conv2d: conv2d,
    torch.conv2d: conv2d,
    F.linear: linear,
    F.batch_norm: batch_norm,
    F.relu: relu,
    F.relu_: relu_in_place,
    torch.relu: relu,
    torch.relu_: relu_in_place,
    torch.clamp: clamp,
    operator.add: add,
    operator.iadd: add_in_place,
    torch.add: add,
    F.max_pool2d: max_pool2d,
    torch.max_pool2d: max_pool2d,
    F.avg_pool2d: avg_pool2d,
    F.adaptive_avg_pool2d: adaptive_avg_pool2d,
    torch.mean: mean,
    torch.flatten: reshape,
    torch.reshape: reshape,
    torch.squeeze: reshape,
    torch.unsqueeze: reshape,
    torch.clone: copied,
    F.dropout: identity,
    F.dropout2d: identity,
    F.alpha_dropout: identity,
    **dict.fromkeys(
        (F.silu, F.gelu, F.hardswish, F.leaky_relu, F.elu, F.celu, F.selu, F.mish, F.relu6, F.softplus, F.hardtanh), stand_in
    ),
}  # fmt: skip

METHODS: dict[str, Callable] = {
    "relu": relu,
    "relu_": relu_in_place,
    "clamp": clamp,
    "clamp_min": clamp,
    "add": add,
    "add_": add_in_place,
    "__add__": add,
    "__radd__": add,
    "__iadd__": add_in_place,
    "mean": mean,
    **dict.fromkeys(("view", "reshape", "flatten", "squeeze", "unsqueeze", "unflatten"), reshape),
    **dict.fromkeys(("contiguous", "float", "to", "detach"), identity),
    "clone": copied,
}
