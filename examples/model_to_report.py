"""A torch model in the style of the model zoos, to a spiking network and a page about it.

    python examples/model_to_report.py [--epochs 8] [--timesteps 8] [--out out/model]

Bring your own: replace the model, and the loaders by those of your data. The page is written by the `neurocuda` program
from the .nir file; --program says where it is.
"""

import argparse
import subprocess
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

import neurocuda


class BasicBlock(nn.Module):
    """Two convolutions and a skip connection, as torchvision writes it."""

    def __init__(self, inplanes: int, planes: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inplanes != planes:
            self.downsample = nn.Sequential(nn.Conv2d(inplanes, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


def small_resnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
        BasicBlock(16, 16), BasicBlock(16, 32, stride=2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip


def train(model: nn.Module, loader: DataLoader, epochs: int) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    for _ in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--timesteps", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("out/model"))
    parser.add_argument("--program", default="build/bin/neurocuda", help="the neurocuda program")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    torch.manual_seed(0)
    digits = neurocuda.datasets.load("digits")
    model = small_resnet()
    train(model, DataLoader(digits.train, batch_size=64, shuffle=True), options.epochs)
    test_loader = DataLoader(digits.test, batch_size=64)
    print(f"ANN accuracy: {neurocuda.evaluate(model, test_loader):.2%}")

    snn = neurocuda.convert(model, DataLoader(digits.train, batch_size=64), timesteps=options.timesteps)
    print(f"SNN accuracy: {neurocuda.evaluate(snn, test_loader):.2%} at T = {options.timesteps}")
    network, page = options.out / "snn.nir", options.out / "report.html"
    neurocuda.to_nir(snn, network)
    subprocess.run([options.program, "eval", network, "--data", "digits", "--report", page], check=True)
    print(f"wrote {network} and {page}")


if __name__ == "__main__":
    main()
