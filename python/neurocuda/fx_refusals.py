"""Why an operator cannot be converted, and what to do instead."""

from dataclasses import dataclass

_RELU = 'use nn.ReLU, or convert with replace_activations="relu" and let calibration re-train it'
_NOT_POSITIVE = "integrate-and-fire neurons express a ReLU, not this function"
_NEGATIVE_PART = "its negative part would need spikes of both signs; integrate-and-fire neurons express a ReLU"
_PRODUCT = "it multiplies activations with one another"
_IMAGE_STATISTICS = "it needs the statistics of every single image"
_BATCH_NORM = "use nn.BatchNorm2d, whose statistics are fixed, and train again"

# Activations that a ReLU can stand in for.
STAND_INS = {
    "silu", "gelu", "hardswish", "leakyrelu", "elu", "celu", "selu", "mish", "prelu", "softplus", "rrelu", "hardtanh", "swish",
}  # fmt: skip
_SIGNED = {"leakyrelu", "prelu", "rrelu", "elu", "celu", "selu"}

_REASONS = {
    "sigmoid": (_NOT_POSITIVE, "use nn.ReLU in hidden layers; leave it out behind the last layer: arg-max is the same"),
    "tanh": (_NOT_POSITIVE, "use nn.ReLU and train again"),
    "threshold": (_NOT_POSITIVE, "use nn.ReLU"),
    "softmax": ("spikes cannot express a normalisation over channels", "leave it out; as the last operator it is left out for you"),
    "argmax": ("it gives classes instead of logits", "return the logits"),
    "layernorm": (_IMAGE_STATISTICS, _BATCH_NORM),
    "groupnorm": (_IMAGE_STATISTICS, _BATCH_NORM),
    "instancenorm2d": (_IMAGE_STATISTICS, _BATCH_NORM),
    "localresponsenorm": ("it divides activations by one another", "leave it out and train again"),
    "attention": ("attention multiplies activations with one another", "use a convolutional network"),
    "matmul": (_PRODUCT, "use convolutions and linear layers with fixed weights"),
    "mul": (
        f"{_PRODUCT}: a gate (squeeze-and-excitation, attention)",
        "leave the gate out and train again; products with constants are supported",
    ),
    "sub": ("only sums of branches become synapses", "negate the weights of the branch, or multiply it by -1, and add"),
    "div": ("it divides by activations", "divide by constants only"),
    "stack": ("it adds an axis", "concatenate along the channels, torch.cat(tensors, 1)"),
    "convtranspose2d": ("transposed convolutions are not supported", "use nn.Conv2d"),
    "upsample": ("up-sampling is not supported", "leave it out, and use convolutions with less stride before"),
    "lstm": ("recurrent layers are not supported", "use a feed-forward network"),
}  # fmt: skip
_SAME = {
    "imul": "mul", "truediv": "div", "itruediv": "div", "logsoftmax": "softmax", "softmax2d": "softmax", "bmm": "matmul",
    "einsum": "matmul", "baddbmm": "matmul", "scaleddotproductattention": "attention", "multiheadattention": "attention",
    "isub": "sub", "rsub": "sub", "gru": "lstm", "rnn": "lstm", "hardsigmoid": "sigmoid", "instancenorm": "instancenorm2d",
    "instancenorm1d": "instancenorm2d", "nativelayernorm": "layernorm", "nativegroupnorm": "groupnorm", "interpolate": "upsample",
    "upsamplenearest2d": "upsample", "upsamplebilinear2d": "upsample", "upsamplingnearest2d": "upsample",
    "upsamplingbilinear2d": "upsample", "convtranspose1d": "convtranspose2d", "hstack": "stack", "vstack": "stack",
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
        return f"{self.op} '{self.node}'{where}: {self.reason}{'; ' + self.remedy if self.remedy else ''}"


def explain(op: str) -> tuple[str, str]:
    """(reason, remedy) for an operator without a handler."""
    name = canonical(op)
    if name in STAND_INS:
        return (_NEGATIVE_PART if name in _SIGNED else _NOT_POSITIVE), _RELU
    default = ("this operator has no spiking form here", "rewrite it with convolutions, linear layers, ReLU, addition and pooling")
    return _REASONS.get(_SAME.get(name, name), default)
