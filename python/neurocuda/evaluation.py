"""neurocuda.evaluate, measure_sparsity, report and sweep."""

import copy
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from .batches import iterate
from .errors import UserError
from .snn import SNN
from .torch_state import evaluating


def evaluate(
    model: "SNN | torch.nn.Module", loader: Iterable, device: Any = None, *, timesteps: int = 0, images: int = 0, threads: int = 0
) -> float:
    """The fraction of images that are classified correctly, over the whole loader or its first `images`.

    model: a spiking network, which runs on its target, or a torch module, which runs on `device` (its own if None)."""
    if isinstance(model, SNN):
        return report(model, loader, timesteps=timesteps, images=images, threads=threads)["accuracy"]
    return _evaluate_module(model, loader, device, images)


def _evaluate_module(model: torch.nn.Module, loader: Iterable, device: Any, images: int) -> float:
    own = next((p.device for p in model.parameters()), torch.device("cpu"))
    device = own if device is None else torch.device(device)
    if device.type != own.type:
        model = copy.deepcopy(model).to(device)
    correct = total = 0
    with evaluating(model), torch.no_grad():
        for x, labels in iterate(loader, images):
            labels = _required(labels)
            correct += int((model(x.to(device)).argmax(1).cpu() == labels).sum())
            total += len(x)
    return correct / _positive(total)


def measure_sparsity(snn: SNN, loader: Iterable, device: Any = None, *, timesteps: int = 0, images: int = 0, threads: int = 0) -> float:
    """1 - spikes / (IF neurons x timesteps x images)."""
    return report(snn, loader, timesteps=timesteps, images=images, threads=threads, labels_needed=False)["sparsity"]


def report(
    snn: SNN, loader: Iterable, *, timesteps: int = 0, images: int = 0, threads: int = 0, labels_needed: bool = True
) -> dict:  # fmt: skip
    """accuracy, images, timesteps, target, sparsity, spikes_per_image, synops_per_image and images_per_second."""
    correct = total = spikes = operations = 0
    seconds = 0.0
    for x, labels in iterate(loader, images):
        began = time.perf_counter()
        run = snn.run(x, timesteps=timesteps, threads=threads)
        seconds += time.perf_counter() - began
        if labels is not None or labels_needed:
            correct += int((run.predictions() == _required(labels).numpy()).sum())
        total += len(x)
        spikes += run.spikes
        operations += run.synaptic_operations
    steps = timesteps or snn.timesteps
    _positive(total)
    return {
        "accuracy": correct / total,
        "images": total,
        "timesteps": steps,
        "target": snn.target,
        "sparsity": 1 - spikes / max(1, snn.program.neurons * steps * total),
        "spikes_per_image": spikes / total,
        "synops_per_image": operations / total,
        "images_per_second": total / max(seconds, 1e-9),
    }


def sweep(
    snn: SNN, loader: Iterable, timesteps: Sequence[int] = (1, 2, 4, 8, 16, 32), *, images: int = 0, threads: int = 0
) -> list[dict]:  # fmt: skip
    """One dict per T with timesteps, accuracy, sparsity and images, in the order given. One run of the largest T serves
    all: what happens at step t does not depend on T (in exact mode it does, and every T is run)."""
    if not timesteps:
        raise UserError("sweep needs at least one number of timesteps")
    if snn.mode == "exact":
        batches = list(iterate(loader, images))
        return [report(snn, batches, timesteps=t, threads=threads) for t in timesteps]
    correct, spikes, total = np.zeros(len(timesteps)), np.zeros(max(timesteps)), 0
    for x, labels in iterate(loader, images):
        run = snn.run(x, timesteps=max(timesteps), threads=threads)
        expected = _required(labels).numpy()
        correct += [(run.predictions(t - 1) == expected).sum() for t in timesteps]
        spikes += run.spikes_by_node.sum(axis=0)
        total += len(x)
    slots = max(1, snn.program.neurons * _positive(total))
    return [
        {"timesteps": t, "accuracy": float(c / total), "sparsity": float(1 - spikes[:t].sum() / (slots * t)), "images": total}
        for t, c in zip(timesteps, correct)
    ]


def _required(labels: torch.Tensor | None) -> torch.Tensor:
    if labels is None:
        raise UserError("the loader gives no labels; give batches (images, labels)")
    return labels.detach().cpu()


def _positive(total: int) -> int:
    if total == 0:
        raise UserError("the loader gave no images; give one with images")
    return total
