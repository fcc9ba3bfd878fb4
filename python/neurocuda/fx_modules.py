"""torch.nn modules -> nodes. A handler takes (call, module, value) and gives the value behind the module."""

from collections.abc import Callable

from torch import nn

from . import fx_arithmetic as arithmetic
from . import fx_layers as layers
from . import fx_shapes as shapes


def convolution(call, module: nn.Conv2d, x):
    if module.padding_mode != "zeros":
        call.refuse(f"padding mode '{module.padding_mode}' is not supported", "use zero padding")
    return layers.convolution(
        call, x, module.weight, module.bias, module.stride, module.padding, module.dilation, module.groups
    )


def linear(call, module: nn.Linear, x):
    return layers.linear(call, x, module.weight, module.bias)


def batch_norm(call, module, x):
    return layers.batch_norm(
        call, x, module.running_mean, module.running_var, module.weight, module.bias, eps=module.eps
    )


def relu(call, module: nn.ReLU, x):
    return layers.relu(call, x, module.inplace)


def hardtanh(call, module: nn.Hardtanh, x):
    return layers.hardtanh(call, x, module.min_val, module.max_val, module.inplace)


def threshold(call, module: nn.Threshold, x):
    return layers.threshold(call, x, module.threshold, module.value, module.inplace)


def stand_in(call, module, x):
    return layers.stand_in(call, x, inplace=getattr(module, "inplace", False))


def softmax(call, module, x):
    return layers.softmax(call, x, module.dim)


def max_pool(call, module: nn.MaxPool2d, x):
    return layers.max_pool(
        call, x, module.kernel_size, module.stride, module.padding, module.dilation, module.ceil_mode, module.return_indices
    )


def avg_pool(call, module: nn.AvgPool2d, x):
    return layers.avg_pool(
        call, x, module.kernel_size, module.stride, module.padding, module.ceil_mode, module.count_include_pad,
        getattr(module, "divisor_override", None),
    )  # fmt: skip


def adaptive_avg_pool(call, module: nn.AdaptiveAvgPool2d, x):
    return layers.adaptive_avg_pool(call, x, module.output_size)


def adaptive_max_pool(call, module: nn.AdaptiveMaxPool2d, x):
    return layers.adaptive_max_pool(call, x, module.output_size, module.return_indices)


def identity(call, module, x):
    return x


HANDLERS: dict[type[nn.Module], Callable] = {
    nn.Conv1d: convolution,
    nn.Conv2d: convolution,
    nn.Linear: linear,
    nn.BatchNorm1d: batch_norm,
    nn.BatchNorm2d: batch_norm,
    nn.SyncBatchNorm: batch_norm,
    nn.ReLU: relu,
    nn.Hardtanh: hardtanh,  # and ReLU6
    nn.Threshold: threshold,
    nn.Softmax: softmax,
    nn.LogSoftmax: softmax,
    nn.MaxPool1d: max_pool,
    nn.MaxPool2d: max_pool,
    nn.AvgPool1d: avg_pool,
    nn.AvgPool2d: avg_pool,
    nn.AdaptiveAvgPool1d: adaptive_avg_pool,
    nn.AdaptiveAvgPool2d: adaptive_avg_pool,
    nn.AdaptiveMaxPool1d: adaptive_max_pool,
    nn.AdaptiveMaxPool2d: adaptive_max_pool,
    **dict.fromkeys((nn.Flatten, nn.Unflatten, nn.ChannelShuffle, nn.PixelShuffle, nn.PixelUnshuffle), shapes.moved_by_module),
    **dict.fromkeys((nn.ConstantPad1d, nn.ConstantPad2d, nn.ZeroPad1d, nn.ZeroPad2d), shapes.constant_pad),
    **dict.fromkeys(
        (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout), identity
    ),
    **dict.fromkeys(
        (nn.SiLU, nn.GELU, nn.Hardswish, nn.LeakyReLU, nn.ELU, nn.CELU, nn.SELU, nn.Mish, nn.PReLU, nn.Softplus, nn.RReLU),
        stand_in,
    ),
}  # fmt: skip


def is_normalisation(kind: type) -> bool:
    """torchvision.transforms.Normalize, old or new."""
    return kind.__name__ == "Normalize" and kind.__module__.startswith("torchvision.transforms")


def handler_of(kind: type) -> Callable | None:
    if is_normalisation(kind):
        return arithmetic.normalize
    if not kind.__module__.startswith("torch.nn"):
        return None
    return next((HANDLERS[base] for base in kind.__mro__ if base in HANDLERS), None)
