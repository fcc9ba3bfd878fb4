"""neurocuda.convert."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import torch

from .batches import collect, peek
from .core import _core
from .fx_import import import_model, require_convertible
from .fx_trace import require_model
from .settings import require_settings
from .snn import SNN
from .torch_state import preserved

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._setting_types import ConvertSettings

def convert(
    model: "torch.nn.Module | torch.export.ExportedProgram | _core.Graph",
    cal_loader: Iterable,
    timesteps: int = 32,
    device: Any = "cpu",
    *,
    eval_loader: Iterable | None = None,
    recipe: str | None = None,
    calibration_images: int = 0,
    replace_activations: str | None = None,
    replace_max_pool: bool = False,
    calibrated: "_core.Graph | None" = None,
    seed: int = 0,
    progress: Callable[[str, int, int, str], None] | None = None,
    verbose: bool = False,
    **settings: "Unpack[ConvertSettings]",
) -> SNN:
    """Turns a trained classifier into a spiking network for `timesteps` steps.

    model: a module, what torch.export gives, or what load_onnx gives.
    cal_loader: training data, batches of images or of (images, labels) as tuples, lists or dicts, images as the model takes
        them, or spike trains (n, T, C, H, W) of 0 and 1, whose mean over time the model takes. It is read once, so that a generator will do; `calibration_images` stops earlier. A few hundred images are enough
        and labels are not used, unless something is trained: then a part (`held_out`) chooses the best epoch.
    device: where calibration computes ("cpu", "cuda", a torch.device).
    eval_loader: measured after every stage (`snn.conversion.report["stages"]`), never chosen by. Without labels what is called
        accuracy is agreement with the model.
    replace_activations: "relu" puts a ReLU where SiLU, GELU, ... stand; calibration then trains without distillation.
    replace_max_pool: average pooling instead of max pooling, for networks that are trained afterwards.
    calibrated: what an earlier conversion of this model calibrated (`snn.conversion.live`), instead of calibrating anew:
        one calibration for several T.
    progress: called with (task, done, total, note) about ten times a second; verbose=True prints lines instead.
    recipe: settings for a purpose ("train", "few-images", "labels", "sparse"); keyword arguments win over it.
    settings: every other setting by its name (docs/settings.md lists all with ranges and defaults), for example mode="exact",
        fit_images, epochs, synop_weight. `snn.settings` of an earlier conversion repeats it.

    The model is not changed. Raises UnsupportedOperator, ConversionError, UserError.
    """
    graph, replaced, cal_loader = _graph_of(model, cal_loader, replace_activations)
    if replace_max_pool:
        graph = _core.max_pool_to_avg_pool(graph)
    given: dict[str, Any] = {"threads": torch.get_num_threads(), **settings}
    if replaced:  # the network with ReLU in their place is no teacher
        given = {"distillation": 0.0, "tune_distillation": 0.0, **given}
    given |= {"timesteps": timesteps, "seed": seed, "device": str(torch.device(device)), "calibration_images": calibration_images}
    require_settings("convert", given, _core.conversion_settings())
    shape, classes = graph.input_shape, graph.classes
    calibration = collect(cal_loader, "calibration data", shape, classes=classes, images=calibration_images, labels_needed=False)
    evaluation = None if eval_loader is None else collect(eval_loader, "evaluation data", shape, classes=classes, labels_needed=False)
    with preserved():
        report = progress or (_print_line if verbose else None)
        conversion = _core.convert(graph, calibration, evaluation, given, recipe, calibrated, report)
    return SNN(conversion.program, conversion, mode=conversion.settings["mode"])


def _graph_of(model, cal_loader: Iterable, replace_activations: str | None) -> tuple[_core.Graph, list[str], Iterable]:
    """(graph, names of the replaced activations, all of the loader's batches)"""
    if isinstance(model, _core.Graph):
        return model, [], cal_loader
    require_model(model)
    shape, batches = peek(cal_loader)
    if len(shape) == 4:  # spike trains (T, C, H, W): the model takes their mean over time
        shape = shape[1:]
    with preserved():
        imported = import_model(model, shape, replace_activations)
    require_convertible(imported)
    return imported.graph, imported.replaced, batches


def _print_line(task: str, done: int, total: int, note: str) -> None:
    print(f"{task}: {done}/{total} {note}", file=sys.stderr)
