"""Data sets as torch tensors, read by the core: the bundled digits, image folders, .npz files, CIFAR, MNIST, EMNIST
(docs/data.md)."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import Dataset

from .core import _runtime


class Images(Dataset):
    """Normalised images and labels, with random crop (padding) and flip for training. Without labels, every label is -1.

    Image files of large sets are decoded when they are asked for; `pixels` are then all of them, decoded."""

    def __init__(self, data: _runtime.Dataset, *, crop_padding: int = 0, flip: bool = False):
        self._data = data
        self.name = data.name
        self.classes = data.classes
        self.class_names = data.class_names
        self.notices = data.notices
        self.timesteps = data.timesteps
        self.labelled = data.labelled
        self.labels = torch.from_numpy(data.labels).long() if data.labelled else torch.full((len(data),), -1)
        self.mean = torch.tensor(data.mean).view(-1, 1, 1)
        self.stddev = torch.tensor(data.stddev).view(-1, 1, 1)
        self.crop_padding, self.flip = crop_padding, flip
        self._kept: torch.Tensor | None = None
        if data.normalized:
            self._kept = torch.from_numpy(data.values())
        elif not data.in_files:
            self._kept = self.pixels

    @property
    def pixels(self) -> torch.Tensor:
        """uint8, (N, C, H, W), or (N, T, C, H, W) with a time axis; of floats, those."""
        return self._kept if self._kept is not None else torch.from_numpy(self._data.pixels(0, len(self._data)))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index):
        image = self._image(index)
        if self.timesteps:  # a spike train
            return image.float(), self.labels[index]
        if image.dtype == torch.uint8:
            image = image.float() / 255
        if self.crop_padding:
            image = self._cropped(image)
        if self.flip and torch.rand(()) < 0.5:
            image = image.flip(-1)
        if not self._data.normalized:
            image = (image - self.mean) / self.stddev
        return image, self.labels[index]

    def _image(self, index: int) -> torch.Tensor:
        if self._kept is not None:
            return self._kept[index]
        index = range(len(self))[index]
        return torch.from_numpy(self._data.pixels(index, index + 1))[0]

    def _cropped(self, image: torch.Tensor) -> torch.Tensor:
        height, width = image.shape[-2:]
        padded = torch.nn.functional.pad(image, [self.crop_padding] * 4)
        top, left = torch.randint(0, 2 * self.crop_padding + 1, (2,)).tolist()
        return padded[..., top : top + height, left : left + width]


@dataclass
class Splits:
    train: Images
    test: Images


def load(
    source: str | os.PathLike,
    *,
    resize: int = 0,
    crop: int | tuple[int, int] | None = None,
    mean: float | Sequence[float] = (),
    stddev: float | Sequence[float] = (),
    crop_padding: int = 0,
    flip: bool = False,
) -> Splits:
    """Both parts of `digits`, of a folder or of a .npz file (docs/data.md). Images are scaled until their shorter side is
    `resize` and then cut to `crop` (a side, or height and width), like torchvision's Resize and CenterCrop; `mean` and
    `stddev` are one value or one per channel. crop_padding and flip augment the training part. What is assumed is a
    UserWarning, and stands in `Images.notices`."""
    sides = [] if crop is None else [crop, crop] if isinstance(crop, int) else list(crop)
    options: dict[str, Any] = {"resize": resize, "crop": sides, "mean": _numbers(mean), "stddev": _numbers(stddev)}
    # The small part first: most mistakes show there.
    test = _runtime.load_images(os.fspath(source), "test", **options)
    train = _runtime.load_images(os.fspath(source), "train", **options)
    for notice in dict.fromkeys(train.notices + test.notices):
        warnings.warn(notice, stacklevel=2)
    return Splits(Images(train, crop_padding=crop_padding, flip=flip), Images(test))


def _numbers(values: float | Sequence[float]) -> list[float]:
    return [float(values)] if isinstance(values, (int, float)) else [float(value) for value in values]
