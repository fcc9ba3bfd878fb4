"""Small data sets as torch tensors, read by the core: the bundled digits, CIFAR-10 in the binary layout, MNIST."""

import os
from dataclasses import dataclass

import torch
from torch.utils.data import Dataset

from .core import _runtime


class Images(Dataset):
    """Normalised images and labels, with random crop (padding) and flip for training."""

    def __init__(self, entry: dict, *, crop: int = 0, flip: bool = False):
        self.name: str = entry["name"]
        self.pixels = torch.from_numpy(entry["images"])
        self.labels = torch.from_numpy(entry["labels"]).long()
        self.mean = torch.tensor(entry["mean"]).view(-1, 1, 1)
        self.stddev = torch.tensor(entry["stddev"]).view(-1, 1, 1)
        self.crop, self.flip = crop, flip

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index):
        image = self.pixels[index].float() / 255
        if self.crop:
            image = self._cropped(image)
        if self.flip and torch.rand(()) < 0.5:
            image = image.flip(-1)
        return (image - self.mean) / self.stddev, self.labels[index]

    def _cropped(self, image: torch.Tensor) -> torch.Tensor:
        _, height, width = image.shape
        padded = torch.nn.functional.pad(image, [self.crop] * 4)
        top, left = torch.randint(0, 2 * self.crop + 1, (2,)).tolist()
        return padded[:, top : top + height, left : left + width]


@dataclass
class Splits:
    train: Images
    test: Images


def load(source: str | os.PathLike, *, crop: int = 0, flip: bool = False) -> Splits:
    """`digits` (1,797 grey images of 8x8, in the package), or a folder with CIFAR-10 in the official binary layout or
    MNIST's idx files. crop and flip augment the training part."""
    both = _runtime.load_images(os.fspath(source))
    return Splits(Images(both["train"], crop=crop, flip=flip), Images(both["test"]))
