"""torch.nn modules -> nodes. A handler takes (call, module, value) and gives the value behind the module."""

from collections.abc import Callable

from torch import nn

from . import fx_functions as functions


def conv2d(call, module: nn.Conv2d, x):
    if module.padding_mode != "zeros":
        call.refuse(f"padding mode '{module.padding_mode}' is not supported", "use zero padding")
    return functions.conv2d(
        call, x, module.weight, module.bias, module.stride, module.padding, module.dilation, module.groups
    )


def linear(call, module: nn.Linear, x):
    return functions.linear(call, x, module.weight, module.bias)


def batch_norm(call, module, x):
    if module.running_mean is None:
        call.refuse("it has no running statistics", "train with track_running_stats=True")
    return functions.batch_norm(
        call, x, module.running_mean, module.running_var, module.weight, module.bias, eps=module.eps
    )


def relu(call, module: nn.ReLU, x):
    return functions.relu(call, x, module.inplace)


def stand_in(call, module, x):
    return functions.stand_in(call, x, inplace=getattr(module, "inplace", False))


def max_pool(call, module: nn.MaxPool2d, x):
    return functions.max_pool2d(
        call, x, module.kernel_size, module.stride, module.padding, module.dilation, module.ceil_mode, module.return_indices
    )


def avg_pool(call, module: nn.AvgPool2d, x):
    return functions.avg_pool2d(
        call, x, module.kernel_size, module.stride, module.padding, module.ceil_mode, module.count_include_pad,
        module.divisor_override,
    )  # fmt: skip


def adaptive_avg_pool(call, module: nn.AdaptiveAvgPool2d, x):
    return functions.adaptive_avg_pool2d(call, x, module.output_size)


def reshape(call, module, x):
    return call.reshaped(x)


def identity(call, module, x):
    return x


HANDLERS: dict[type[nn.Module], Callable] = {
    nn.Conv2d: conv2d,
    nn.Linear: linear,
    nn.BatchNorm1d: batch_norm,
    nn.BatchNorm2d: batch_norm,
    nn.SyncBatchNorm: batch_norm,
    nn.ReLU: relu,
    nn.MaxPool2d: max_pool,
    nn.AvgPool2d: avg_pool,
    nn.AdaptiveAvgPool2d: adaptive_avg_pool,
    nn.Flatten: reshape,
    nn.Unflatten: reshape,
    nn.Identity: identity,
    nn.Dropout: identity,
    nn.Dropout1d: identity,
    nn.Dropout2d: identity,
    nn.AlphaDropout: identity,
    nn.FeatureAlphaDropout: identity,
    **{
        activation: stand_in
        for activation in (
            nn.SiLU, nn.GELU, nn.Hardswish, nn.LeakyReLU, nn.ELU, nn.CELU, nn.SELU, nn.Mish, nn.ReLU6, nn.PReLU,
            nn.Softplus, nn.RReLU, nn.Hardtanh,
        )
    },
}  # fmt: skip
