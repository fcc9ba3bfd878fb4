"""torchvision, or None. Its usual wheel is built for CUDA: beside a CPU build of torch its compiled operators do not load,
and declaring the two that its import asks for is enough for the models and data sets."""

import torch
from torch import library as operator_library

if torch.version.cuda is None:
    _operators = operator_library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        _operators.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

try:
    import torchvision
except ImportError:
    torchvision = None
