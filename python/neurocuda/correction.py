"""neurocuda.correct_biases."""

from collections.abc import Callable, Iterable

from .batches import collect
from .core import _runtime
from .errors import UserError
from .snn import SNN


def correct_biases(
    snn: SNN,
    cal_loader: Iterable,
    timesteps: int = 0,
    *,
    rounds: int = 4,
    images: int = 256,
    held_out: float = 0.1,
    calibration_images: int = 0,
    seed: int = 0,
    threads: int = 0,
    progress: Callable[[str, int, int, str], None] | None = None,
) -> SNN:
    """A network with biases corrected for `timesteps` steps (its own if 0); `snn` stays as it is. `convert` has done this
    for its T: it is for other T, and for networks from files.

    Every round measures mean rates on `images` training images and moves the biases (Li et al. 2021, arXiv 2106.06984; see
    docs/conversion.md); the round that is best on the `held_out` part of the loader's images is kept. `correction` of the
    result says chosen_round, held_out_accuracy and rate_error of every round. The mode must be synchronous."""
    if snn.mode != "synchronous":
        raise UserError(f"correct_biases: the network runs in the {snn.mode} mode, whose rates need no correction")
    dataset = collect(cal_loader, "calibration data", classes=snn.program.classes, images=calibration_images)
    program, facts = _runtime.correct_biases(
        snn.program, dataset, timesteps=timesteps, rounds=rounds, images=images, held_out=held_out, seed=seed, threads=threads,
        progress=progress,
    )  # fmt: skip
    corrected = SNN(program, snn.conversion, target=snn.target)
    corrected.correction = facts
    return corrected
