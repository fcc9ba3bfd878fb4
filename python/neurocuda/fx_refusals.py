"""Why an operator cannot be converted, and what to do instead."""

from dataclasses import dataclass

_RELU = 'use nn.ReLU, or convert with replace_activations="relu" and let calibration re-train it'
_NOT_POSITIVE = "integrate-and-fire neurons express a ReLU, not this function"

# Activations that a ReLU can stand in for.
STAND_INS = {
    "silu", "gelu", "hardswish", "leakyrelu", "elu", "celu", "selu", "mish", "relu6", "prelu", "softplus", "rrelu",
    "hardtanh", "swish",
}  # fmt: skip

_REASONS = {
    "sigmoid": (_NOT_POSITIVE, "use nn.ReLU in hidden layers; leave it out behind the last layer: arg-max is the same"),
    "tanh": (_NOT_POSITIVE, "use nn.ReLU and train again"),
    "softmax": ("spikes cannot express a normalisation over classes", "leave it out: the arg-max of the logits is the same"),
    "layernorm": ("it needs the statistics of every single image", "use nn.BatchNorm2d, whose statistics are fixed"),
    "groupnorm": ("it needs the statistics of every single image", "use nn.BatchNorm2d, whose statistics are fixed"),
    "instancenorm2d": ("it needs the statistics of every single image", "use nn.BatchNorm2d"),
    "multiheadattention": ("attention multiplies activations with one another", "use a convolutional network"),
    "attention": ("attention multiplies activations with one another", "use a convolutional network"),
    "matmul": ("it multiplies activations with one another", "use convolutions and linear layers"),
    "cat": ("concatenation is not supported yet", "merge branches by addition"),
    "mul": ("values are scaled or gated outside a layer", "move a constant factor into the weights; gates are not supported"),
    "sub": ("only sums of branches become synapses", "negate the weights of the branch and add"),
    "div": ("values are scaled outside a layer", "move a constant factor into the weights"),
    "convtranspose2d": ("transposed convolutions are not supported", "use nn.Conv2d"),
    "upsample": ("up-sampling is not supported", "use convolutions with stride"),
    "interpolate": ("up-sampling is not supported", "use convolutions with stride"),
    "lstm": ("recurrent layers are not supported", "use a feed-forward network"),
}  # fmt: skip
_SAME = {
    "concat": "cat", "concatenate": "cat", "imul": "mul", "truediv": "div", "logsoftmax": "softmax", "bmm": "matmul",
    "scaleddotproductattention": "attention", "isub": "sub", "rsub": "sub", "gru": "lstm", "rnn": "lstm",
    "hardsigmoid": "sigmoid", "layer_norm": "layernorm", "instancenorm": "instancenorm2d",
}  # fmt: skip


def canonical(op: str) -> str:
    """'log_softmax', 'LogSoftmax' -> 'logsoftmax'; in-place forms lose their underscore."""
    return op.replace("_", "").lower()


@dataclass
class Refusal:
    node: str
    op: str
    line: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = f" at {self.line}" if self.line else ""
        return f"{self.op} '{self.node}'{where}: {self.reason}; {self.remedy}"


def explain(op: str) -> tuple[str, str]:
    """(reason, remedy) for an operator without a handler."""
    name = canonical(op)
    if name in STAND_INS:
        return _NOT_POSITIVE, _RELU
    default = ("this operator has no spiking form here", "rewrite it with convolutions, linear layers, ReLU, addition and pooling")
    return _REASONS.get(_SAME.get(name, name), default)
