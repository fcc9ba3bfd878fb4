"""Small data sets in the formats that people have, written for the tests."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image


def disc(size: int, inside: int, outside: int, noise: np.random.Generator) -> np.ndarray:
    """A square image of a disc, uint8: what tells two classes apart is which side is bright."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    image = np.where(x**2 + y**2 < (size / 3) ** 2, inside, outside) + noise.integers(-20, 20, (size, size))
    return image.clip(0, 255).astype(np.uint8)


def image_folder(folder: Path, images: int = 200, classes=("dark", "light"), parts=("train", "test")) -> Path:
    """PNGs of mixed sizes, some grey, some in colour, in two classes."""
    noise = np.random.default_rng(0)
    for i in range(images):
        part, name = parts[i % 5 == 4] if parts else "", classes[i % 2] if classes else ""
        where = folder / part / name
        where.mkdir(parents=True, exist_ok=True)
        image = disc(int(noise.integers(14, 40)), *((40, 210) if i % 2 else (210, 40)), noise)
        image = image[: len(image) - int(noise.integers(0, 5))]
        Image.fromarray(image).convert("RGB" if i % 3 else "L").save(where / f"{i:03}.png")
    return folder


def cifar100(folder: Path, records: int = 200) -> Path:
    folder.mkdir()
    noise = np.random.default_rng(0)
    for name, count in (("train.bin", records), ("test.bin", records // 4)):
        fine = noise.integers(0, 100, count)
        pixels = (fine[:, None] * 2 + noise.integers(0, 50, (count, 3072))).astype(np.uint8)
        (folder / name).write_bytes(b"".join(bytes([f // 5, f]) + p.tobytes() for f, p in zip(fine, pixels, strict=True)))
    return folder


def idx(path: Path, array: np.ndarray) -> None:
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def emnist(folder: Path, images: int = 188, classes: int = 47) -> Path:
    """EMNIST balanced: 28x28, stored transposed."""
    folder.mkdir()
    noise = np.random.default_rng(0)
    for part in ("train", "test"):
        labels = (np.arange(images) % classes).astype(np.uint8)
        pixels = noise.integers(0, 60, (images, 28, 28)).astype(np.uint8)
        pixels[np.arange(images), labels % 28, :] = 250
        pixels[np.arange(images), :, labels // 2] = 200
        idx(folder / f"emnist-balanced-{part}-images-idx3-ubyte", pixels)
        idx(folder / f"emnist-balanced-{part}-labels-idx1-ubyte", labels)
    return folder


def vectors(path: Path, rows: int = 300, features: int = 12, labelled: bool = True) -> Path:
    """Gaussians around one centre per class, float64."""
    noise = np.random.default_rng(0)
    y = np.arange(rows) % 3
    x = noise.normal(size=(3, features))[y] * 2 + noise.normal(size=(rows, features)) * 0.5
    np.savez_compressed(path, x=x, **({"y": y} if labelled else {}))
    return path
