"""neurocuda.convert."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import torch

from .batches import collect, first_image_shape
from .core import _core
from .errors import UserError
from .fx_import import import_model, require_convertible
from .snn import SNN
from .torch_state import preserved

_SETTINGS = (
    "levels", "mode", "epochs", "percentile", "percentile_images", "learning_rate", "lambda_learning_rate", "clip_norm",
    "distillation", "noise", "noise_warmup", "tuning", "tune_epochs", "tune_images", "tune_learning_rate", "threshold_learning_rate",
    "tune_clip_norm", "tune_distillation", "time_consistency", "per_timestep", "freeze_weights", "rate_matching", "memory_limit", "batch_size",
    "weight_decay", "label_weight", "average", "synop_weight", "quantize_weights", "held_out", "score_images", "crop_padding", "flip", "cutout", "mixup", "cutmix", "plain_epochs",
    "weight_bits", "input_bits", "input_absmax", "correction_rounds", "correction_images", "attribution_images", "threads", "bf16",
)  # fmt: skip


def convert(
    model: "torch.nn.Module | _core.Graph",
    cal_loader: Iterable,
    timesteps: int = 32,
    device: Any = "cpu",
    *,
    eval_loader: Iterable | None = None,
    calibration_images: int = 0,
    replace_activations: str | None = None,
    replace_max_pool: bool = False,
    calibrated: "_core.Graph | None" = None,
    seed: int = 0,
    progress: Callable[[str, int, int, str], None] | None = None,
    verbose: bool = False,
    **settings,
) -> SNN:
    """Turns a trained classifier into a spiking network for `timesteps` steps.

    cal_loader: training data, batches (images, labels) as tuples, lists or dicts, images as the model takes them. It is
        read once; `calibration_images` stops earlier. A part of it (`held_out`) chooses the best epoch.
    device: where calibration computes ("cpu", "cuda", a torch.device).
    eval_loader: measured after every stage (`snn.conversion.stages`), never chosen by.
    replace_activations: "relu" puts a ReLU where SiLU, GELU, ... stand; calibration then trains without distillation.
    replace_max_pool: average pooling instead of max pooling, whose OR of spikes is an approximation.
    calibrated: what an earlier conversion of this model calibrated (`snn.conversion.live`), instead of calibrating anew:
        one calibration for several T.
    progress: called with (task, done, total, note) about ten times a second; verbose=True prints lines instead.
    settings: of the calibration (levels, epochs, learning_rate, distillation, noise, ...), of the fine-tuning (tuning:
        "auto", "none", "rate" or "bptt", tune_epochs, ...), of both (batch_size, held_out, label_weight, average, synop_weight, augmentation
        beyond the loader's: crop_padding, flip, cutout, mixup, cutmix, plain_epochs; off), of the integer grid (weight_bits, input_bits, input_absmax
        per channel, measured) and of the machine (threads, bf16). docs/python.md lists all with their defaults.

    The model is not changed. Raises UnsupportedOperator, ConversionError, UserError.
    """
    options = _options(settings)
    graph, replaced = _graph_of(model, cal_loader, replace_activations)
    if replaced:  # the network with ReLU in their place is no teacher
        options.distillation = settings.get("distillation", 0.0)
        options.tune_distillation = settings.get("tune_distillation", 0.0)
    if replace_max_pool:
        graph = _core.max_pool_to_avg_pool(graph)
    options.calibrated = calibrated
    options.timesteps, options.seed, options.device = timesteps, seed, str(torch.device(device))
    calibration = collect(cal_loader, "calibration data", classes=graph.classes, images=calibration_images)
    evaluation = None if eval_loader is None else collect(eval_loader, "evaluation data", classes=graph.classes)
    with preserved():
        conversion = _core.convert(graph, calibration, evaluation, options, progress or (_print_line if verbose else None))
    return SNN(conversion.program, conversion, mode=options.mode)


def _graph_of(model, cal_loader: Iterable, replace_activations: str | None) -> tuple[_core.Graph, list[str]]:
    """(graph, names of the replaced activations)"""
    if isinstance(model, _core.Graph):
        return model, []
    if not isinstance(model, torch.nn.Module):
        raise UserError(f"convert a torch.nn.Module or what load_onnx gives, not {type(model).__name__}")
    with preserved():
        imported = import_model(model, first_image_shape(cal_loader), replace_activations)
    require_convertible(imported)
    return imported.graph, imported.replaced


def _options(settings: dict) -> "_core.ConvertOptions":
    options = _core.ConvertOptions()
    # The loader's own transforms augment; nothing is added unless asked for.
    options.crop_padding, options.flip, options.cutout = 0, False, 0
    options.threads = torch.get_num_threads()
    for name, value in settings.items():
        if name not in _SETTINGS:
            raise UserError(f"convert has no setting {name!r}; it has {', '.join(_SETTINGS)}")
        try:
            setattr(options, name, value)
        except TypeError:
            raise UserError(f"{name}={value!r}: a value of another type is needed") from None
    return options


def _print_line(task: str, done: int, total: int, note: str) -> None:
    print(f"{task}: {done}/{total} {note}", file=sys.stderr)
