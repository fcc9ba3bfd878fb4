"""neurocuda.evaluate, measure_sparsity, report and sweep."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from .batches import host_images, host_labels, iterate
from .core import _runtime
from .errors import UserError
from .fx_trace import image_shape_of, is_exported
from .snn import SNN
from .torch_state import evaluating


def evaluate(
    model: "SNN | torch.nn.Module | torch.export.ExportedProgram",
    loader: Iterable,
    device: Any = None,
    *,
    timesteps: int = 0,
    images: int = 0,
    threads: int = 0,
) -> float:
    """The fraction of images that are classified correctly, over the whole loader or its first `images`.

    model: a spiking network, which runs on its target, a torch module, which runs on `device` (its own if None), or what
    torch.export gives, which runs where its weights are."""
    if isinstance(model, SNN):
        return report(model, loader, timesteps=timesteps, images=images, threads=threads)["accuracy"]
    return _evaluate_module(model, loader, device, images)


def _evaluate_module(model: Any, loader: Iterable, device: Any, images: int) -> float:
    correct = total = 0
    with _logits_of(model, device) as logits, torch.no_grad():
        for x, labels in iterate(loader, images):
            if labels is None:
                raise UserError("the loader gives no labels; give batches (images, labels)")
            labels = host_labels(labels)
            _check_labels(labels, len(x))
            _check_images(x)
            if x.dim() == 5:  # spike trains: their mean over time
                x = x.float().mean(1)
            correct += int((logits(x).argmax(1).cpu() == labels).sum())
            total += len(x)
    if total == 0:
        raise UserError("the loader gave no images; give one with images")
    return correct / total


@contextmanager
def _logits_of(model: Any, device: Any) -> Iterator[Callable[[torch.Tensor], torch.Tensor]]:
    own = next((p.device for p in model.parameters()), torch.device("cpu"))
    if is_exported(model):
        run, batch = model.module(), image_shape_of(model, with_batch=True)[0]
        yield lambda x: _in_batches(run, x.to(own), batch) if isinstance(batch, int) else run(x.to(own))
        return
    device = own if device is None else torch.device(device)
    if device.type != own.type:
        model = copy.deepcopy(model).to(device)
    with evaluating(model):
        yield lambda x: model(x.to(device))


def _in_batches(run: Callable, images: torch.Tensor, size: int) -> torch.Tensor:
    """Of a program that was exported for so many images at once: the last batch is filled up."""
    missing = -len(images) % size
    filled = torch.cat([images, images[-1:].expand(missing, *images.shape[1:])])
    return torch.cat([run(part) for part in filled.split(size)])[: len(images)]


def _check_images(images: torch.Tensor) -> None:
    """As the core does for a spiking network."""
    finite = torch.isfinite(images)
    if bool(finite.all()):
        return
    image = int((~finite).flatten(1).any(1).nonzero()[0])
    element = int((~finite[image]).flatten().nonzero()[0])
    value = float(images[image].flatten()[element])
    raise UserError(f"image {image} of the batch holds the value {value} at element {element}: pixels must be finite")


def _check_labels(labels: torch.Tensor, images: int) -> None:
    """As the core does for a spiking network."""
    if labels.shape != (images,):
        raise UserError(f"a batch of {images} images with labels {tuple(labels.shape)}; give one class number each, ({images},)")
    if len(labels) and int(labels.min()) < 0:
        raise UserError(f"label {int(labels.min())}: classes count from 0; leave such images out, or give the images without labels")


def measure_sparsity(snn: SNN, loader: Iterable, device: Any = None, *, timesteps: int = 0, images: int = 0, threads: int = 0) -> float:
    """1 - spikes / (IF neurons x timesteps x images). The loader need not give labels."""
    return report(snn, loader, timesteps=timesteps, images=images, threads=threads, labels_needed=False)["sparsity"]


def report(
    snn: SNN, loader: Iterable, *, timesteps: int = 0, images: int = 0, threads: int = 0, labels_needed: bool = True
) -> dict[str, Any]:
    """What `neurocuda eval --json` says: accuracy, sparsity, spikes_per_image, synops_per_image, images_per_second,
    layers, ... accuracy is NaN where labels are missing and not needed."""
    return _run(snn, loader, [timesteps], images, threads, labels_needed)[0]


def sweep(
    snn: SNN, loader: Iterable, timesteps: Sequence[int] = (1, 2, 4, 8, 16, 32), *, images: int = 0, threads: int = 0
) -> list[dict[str, Any]]:
    """One report per T, in the order given. One run of the largest T serves all: what happens at step t does not depend
    on T (in exact mode it does, and every T is run). UserError for a T below 1."""
    if any(t < 1 for t in timesteps):
        raise UserError(f"sweep: timesteps {list(timesteps)}; give 1 or more each")
    return _run(snn, loader, list(timesteps), images, threads, True)


def _run(snn: SNN, loader: Iterable, timesteps: list[int], images: int, threads: int, labels_needed: bool) -> list[dict[str, Any]]:
    evaluation = _runtime.Evaluation(snn.executable, timesteps, threads=threads, mode=snn.mode)
    for x, labels in iterate(loader, images):
        if labels is None and labels_needed:
            raise UserError("the loader gives no labels; give batches (images, labels)")
        evaluation.add(host_images(x, snn.program.input_shape), None if labels is None else host_labels(labels))
    return evaluation.results("the loader")
