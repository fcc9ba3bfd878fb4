"""neurocuda.correct_biases."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .batches import collect
from .core import _runtime
from .errors import UserError
from .settings import require_settings
from .snn import SNN

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._setting_types import CorrectionSettings


def correct_biases(
    snn: SNN,
    cal_loader: Iterable,
    timesteps: int | None = None,
    *,
    progress: Callable[[str, int, int, str], None] | None = None,
    **settings: "Unpack[CorrectionSettings]",
) -> SNN:
    """A network with biases corrected for `timesteps` steps (its own if None); `snn` stays as it is. `convert` has done this
    for its T: it is for other T, and for networks from files.

    Every round measures mean rates on `measured_images` training images and moves the biases (Li et al. 2021, arXiv 2106.06984; see
    docs/conversion.md); the round that is best on the `held_out` part of the loader's images is kept. settings: rounds,
    measured_images, held_out, calibration_images, seed, threads, ... (docs/settings.md). `correction` of the
    result says chosen_round, held_out_accuracy and rate_error of every round. The mode must be synchronous."""
    if snn.mode != "synchronous":
        raise UserError(f"correct_biases: the network runs in the {snn.mode} mode, whose rates need no correction")
    given: dict[str, Any] = {"timesteps": timesteps, **settings}
    require_settings("correct_biases", given, _runtime.correction_settings())
    images = int(given.get("calibration_images", 0))
    dataset = collect(cal_loader, "calibration data", snn.program.input_shape, classes=snn.program.classes, images=images)
    program, facts = _runtime.correct_biases(snn.program, dataset, given, progress)
    corrected = SNN(program, snn.conversion, target=snn.target)
    corrected.correction = facts
    return corrected
