"""The batches of a DataLoader, whatever they look like: tuples, lists or dicts."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping

import torch

from .core import _runtime
from .errors import UserError

_IMAGE_KEYS = ("image", "images", "pixel_values", "x", "input", "inputs", "img")
_LABEL_KEYS = ("label", "labels", "y", "target", "targets", "class")


def _by_key(batch: Mapping, keys: tuple[str, ...]):
    found = [batch[key] for key in keys if key in batch]
    return found[0] if found else None


def split_batch(batch) -> tuple[torch.Tensor, torch.Tensor | None]:
    """(images, labels or None), as the loader gave them."""
    if isinstance(batch, Mapping):
        images, labels = _by_key(batch, _IMAGE_KEYS), _by_key(batch, _LABEL_KEYS)
        if images is None:
            raise UserError(f"a batch with the keys {sorted(map(str, batch))}: name the images one of {', '.join(_IMAGE_KEYS)}")
    elif isinstance(batch, (tuple, list)):
        images, labels = batch[0], batch[1] if len(batch) > 1 else None
    else:
        images, labels = batch, None
    return torch.as_tensor(images), None if labels is None else torch.as_tensor(labels)


def may_stand_for(given: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    """Whether data of one shape can be read in another, without the batch axis: vectors as anything of their size, the rest
    with axes of one position added or left out."""
    if math.prod(given) != math.prod(expected):
        return False
    return len(given) == 1 or [n for n in given if n != 1] == [n for n in expected if n != 1]


def host_images(images: torch.Tensor, shape: tuple[int, ...] | None = None) -> torch.Tensor:
    """Contiguous float32 on the CPU: the same memory where it is that already. Vectors (N, features) and (N, channels,
    length) get the `shape` that the network takes."""
    images = images.detach()
    if images.dtype == torch.uint8 and images.dim() != 5:  # spike trains may be bytes
        raise UserError("the images are uint8 pixels; give the loader the transform that the model was trained with (ToTensor, Normalize)")
    images = images.to(device="cpu", dtype=torch.float32).contiguous()
    if shape is None or not may_stand_for(tuple(images.shape[1:]), shape):
        return images
    return images.reshape(len(images), *shape)


def host_labels(labels: torch.Tensor) -> torch.Tensor:
    """Contiguous int64 on the CPU."""
    labels = labels.detach().cpu()
    if labels.is_floating_point():
        wrong = labels[(labels != labels.round()) | labels.isinf()]
        if len(wrong):
            raise UserError(f"label {float(wrong[0]):g}: labels are class numbers, 0, 1, 2, ...; give whole numbers")
    return labels.to(torch.int64).contiguous()


def iterate(loader: Iterable, images: int = 0) -> Iterator[tuple[torch.Tensor, torch.Tensor | None]]:
    """(images, labels) of every batch; stops behind the given number of images, 0 for all."""
    seen = 0
    for batch in loader:
        x, labels = split_batch(batch)
        if images and seen + len(x) > images:
            x, labels = x[: images - seen], None if labels is None else labels[: images - seen]
        if len(x):
            yield x, labels
        seen += len(x)
        if images and seen >= images:
            return


def peek(loader: Iterable) -> tuple[tuple[int, ...], Iterable]:
    """(shape of an image, the loader's batches): read once, so that generators lose none."""
    batches = iter(loader)
    read = []
    for batch in batches:
        read.append(batch)
        images, _ = split_batch(batch)
        if len(images):
            return tuple(images.shape[1:]), itertools.chain(read, batches)
    raise UserError("the loader gave no batch; give one with images")


def collect(
    loader: Iterable, name: str, shape: tuple[int, ...] | None = None, *, classes: int = 0, images: int = 0, labels_needed: bool = True
) -> _runtime.Dataset:
    """Everything that the loader gives, in the core, for a network that takes images of this `shape`. `classes` 0: as many as
    the largest label asks for."""
    builder = _runtime.DatasetBuilder()
    for x, labels in iterate(loader, images):
        if labels is None:
            if labels_needed:
                raise UserError(f"{name}: the loader gives no labels; give batches (images, labels)")
            builder.append(host_images(x, shape), None)
            continue
        builder.append(host_images(x, shape), host_labels(labels))
    return builder.finish(name, classes)
