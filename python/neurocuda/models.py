"""The command line's architectures as torch modules, ReLU behind the residual addition, average pooling."""

import torch
from torch import nn


def _conv_bn(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


class BasicBlock(nn.Module):
    """He et al. 2016: two 3x3 convolutions beside an identity, or a 1x1 projection where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1, self.bn1 = _conv_bn(inputs, outputs, 3, stride)
        self.relu1 = nn.ReLU()
        self.conv2, self.bn2 = _conv_bn(outputs, outputs)
        same = stride == 1 and inputs == outputs
        self.skip = nn.Identity() if same else nn.Sequential(*_conv_bn(inputs, outputs, 1, stride))
        self.relu2 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(y)) + self.skip(x))


class ResNet(nn.Module):
    """A 3x3 stem, then stages of basic blocks; every stage but the first halves the map."""

    def __init__(self, widths: list[int], blocks: int, num_classes: int, in_channels: int):
        super().__init__()
        self.stem = nn.Sequential(*_conv_bn(in_channels, widths[0]), nn.ReLU())
        stages, inputs = [], widths[0]
        for stage, width in enumerate(widths):
            strides = [2 if stage > 0 else 1] + [1] * (blocks - 1)
            stages += [BasicBlock(inputs if i == 0 else width, width, stride) for i, stride in enumerate(strides)]
            inputs = width
        self.blocks = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, num_classes)
        _initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(torch.flatten(self.pool(self.blocks(self.stem(x))), 1))


class VGG(nn.Module):
    """Groups of 3x3 convolutions, each followed by 2x2 average pooling; one linear layer."""

    def __init__(self, groups: list[list[int]], num_classes: int, in_channels: int, image_size: int):
        super().__init__()
        layers: list[nn.Module] = []
        for group in groups:
            for width in group:
                layers += [*_conv_bn(in_channels, width), nn.ReLU()]
                in_channels = width
            layers.append(nn.AvgPool2d(2))
        self.features = nn.Sequential(*layers)
        side = image_size // 2 ** len(groups)
        self.fc = nn.Linear(in_channels * side * side, num_classes)
        _initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(torch.flatten(self.features(x), 1))


def _initialise(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def resnet18_cifar(num_classes: int = 10, in_channels: int = 3) -> ResNet:
    return ResNet([64, 128, 256, 512], 2, num_classes, in_channels)


def resnet20(num_classes: int = 10, in_channels: int = 3) -> ResNet:
    return ResNet([16, 32, 64], 3, num_classes, in_channels)


def resnet8(num_classes: int = 10, in_channels: int = 3) -> ResNet:
    return ResNet([16, 32, 64], 1, num_classes, in_channels)


def digits_resnet(num_classes: int = 10, in_channels: int = 1) -> ResNet:
    """For 8x8 grey images: about 20,000 parameters."""
    return ResNet([16, 32], 1, num_classes, in_channels)


def vgg16(num_classes: int = 10, in_channels: int = 3, image_size: int = 32) -> VGG:
    return VGG([[64, 64], [128, 128], [256] * 3, [512] * 3, [512] * 3], num_classes, in_channels, image_size)


def vgg_small(num_classes: int = 10, in_channels: int = 3, image_size: int = 32) -> VGG:
    return VGG([[32, 32], [64, 64], [128, 128]], num_classes, in_channels, image_size)


def mlp(num_classes: int = 10, features: int = 3 * 32 * 32) -> nn.Sequential:
    """Linear layers of 256 and 128 features with batch norm, for vectors (N, features, 1, 1) and images alike."""
    layers: list[nn.Module] = [nn.Flatten()]
    for width in (256, 128):
        layers += [nn.Linear(features, width, bias=False), nn.BatchNorm1d(width), nn.ReLU()]
        features = width
    model = nn.Sequential(*layers, nn.Linear(features, num_classes))
    _initialise(model)
    return model
