"""Models as people write them, small. The torchvision-like ones repeat its definitions with narrow layers."""

import torch
import torch.nn.functional as F
from torch import nn


class BasicBlock(nn.Module):
    """As in torchvision: one in-place ReLU module used twice, downsample, `out += identity`."""

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class TorchvisionResNet(nn.Module):
    """resnet18 (layers 2, 2, 2, 2) and resnet34 (3, 4, 6, 3): 7x7 stem with stride 2, max pooling, four stages."""

    def __init__(self, layers, width=4, num_classes=10, in_channels=3):
        super().__init__()
        self.inplanes = width
        self.conv1 = nn.Conv2d(in_channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        for stage, blocks in enumerate(layers):
            setattr(self, f"layer{stage + 1}", self._stage(width * 2**stage, blocks, 1 if stage == 0 else 2))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(self.inplanes, num_classes)

    def _stage(self, planes, blocks, stride):
        downsample = None
        if stride != 1 or self.inplanes != planes:
            downsample = nn.Sequential(nn.Conv2d(self.inplanes, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))
        modules = [BasicBlock(self.inplanes, planes, stride, downsample)]
        self.inplanes = planes
        return nn.Sequential(*modules, *(BasicBlock(planes, planes) for _ in range(blocks - 1)))

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


class TorchvisionVGG11BN(nn.Module):
    """vgg11_bn: convolutions with bias, max pooling, adaptive pooling, three linear layers with dropout."""

    def __init__(self, width=4, num_classes=10, in_channels=3, pooled=7, hidden=32):
        super().__init__()
        layers = []
        for item in (1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M"):
            if item == "M":
                layers.append(nn.MaxPool2d(2, 2))
                continue
            layers += [nn.Conv2d(in_channels, item * width, 3, padding=1), nn.BatchNorm2d(item * width), nn.ReLU(inplace=True)]
            in_channels = item * width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((pooled, pooled))
        self.classifier = nn.Sequential(
            nn.Linear(in_channels * pooled**2, hidden), nn.ReLU(True), nn.Dropout(p=0.5),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(p=0.5), nn.Linear(hidden, num_classes),
        )  # fmt: skip

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class FunctionalResidual(nn.Module):
    """F.relu, torch.relu and x.relu(); torch.add; x.view; mean over (2, 3)."""

    def __init__(self, channels=3, width=8, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding="same", bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.fc = nn.Linear(2 * width, num_classes)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = torch.relu(torch.add(self.bn(self.conv2(x)), x))
        x = F.dropout(self.conv3(x).relu(), training=self.training)
        x = x.mean((2, 3), keepdim=True)
        return self.fc(x.view(x.size(0), -1))


class SharedReLU(nn.Module):
    """One ReLU module, three layers of neurons."""

    def __init__(self, channels=3, num_classes=10):
        super().__init__()
        self.act = nn.ReLU()
        self.conv1 = nn.Conv2d(channels, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 8, 3, padding=1, stride=2)
        self.fc1 = nn.Linear(8, 16)
        self.fc2 = nn.Linear(16, num_classes)

    def forward(self, x):
        x = self.act(self.conv2(self.act(self.conv1(x))))
        x = F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1)
        return self.fc2(self.act(self.fc1(x)))


class Doubled(nn.Module):
    """x + x as the current of a layer."""

    def __init__(self, channels=3, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.fc = nn.Linear(6, num_classes)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(x + x + self.conv2(x))
        return self.fc(x.mean([-2, -1]))


class InPlaceReLU(nn.Module):
    """What was read before the in-place ReLU holds its result afterwards."""

    def __init__(self, channels=3, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.fc = nn.Linear(6, num_classes)

    def forward(self, x):
        y = self.conv1(x)
        same = nn.functional.dropout(y, training=False)
        F.relu(y, inplace=True)
        z = self.conv2(y)
        z += same
        z.relu_()
        return self.fc(F.avg_pool2d(z, z.shape[-1]).flatten(1))


class DepthwiseSeparable(nn.Module):
    def __init__(self, channels=3, num_classes=10):
        super().__init__()

        def separable(inputs, outputs, stride):
            return nn.Sequential(
                nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False), nn.BatchNorm2d(inputs), nn.ReLU(),
                nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            )  # fmt: skip

        self.stem = nn.Sequential(nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU())
        self.body = nn.Sequential(separable(8, 16, 2), nn.Identity(), separable(16, 16, 1))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, num_classes))

    def forward(self, x):
        return self.head(self.body(self.stem(x)))


class AdaptivePooling(nn.Module):
    """8x8 -> 3x3, with windows that overlap, in front of a linear layer."""

    def __init__(self, channels=3, num_classes=10):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(channels, 6, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d((4, 4)))
        self.conv = nn.Conv2d(6, 5, 3, padding=1)
        self.fc1 = nn.Linear(5 * 3 * 3, 12)
        self.fc2 = nn.Linear(12, num_classes)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(F.relu(self.conv(self.features(x))), 3)
        return self.fc2(F.relu(self.fc1(F.dropout(x.flatten(1), training=self.training))))


MAX_POOLED = ("resnet18", "resnet34", "vgg11_bn")
CASES = {
    "resnet18": (lambda: TorchvisionResNet((2, 2, 2, 2)), (3, 32, 32)),
    "resnet34": (lambda: TorchvisionResNet((3, 4, 6, 3)), (3, 32, 32)),
    "vgg11_bn": (TorchvisionVGG11BN, (3, 32, 32)),
    "functional_residual": (FunctionalResidual, (3, 8, 8)),
    "shared_relu": (SharedReLU, (3, 8, 8)),
    "doubled": (Doubled, (3, 8, 8)),
    "in_place_relu": (InPlaceReLU, (3, 8, 8)),
    "adaptive_pooling": (AdaptivePooling, (3, 8, 8)),
    "depthwise_separable": (DepthwiseSeparable, (3, 8, 8)),
}


def randomised(model: nn.Module, seed: int = 0) -> nn.Module:
    """Batch norm statistics as after some training, so that folding them matters."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.copy_(0.1 * torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(0.5 + torch.rand(module.num_features, generator=generator))
    return model


def make(name: str, seed: int = 0) -> tuple[nn.Module, tuple[int, int, int]]:
    build, shape = CASES[name]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return randomised(build()).eval(), shape
