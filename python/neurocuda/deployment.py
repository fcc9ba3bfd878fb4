"""neurocuda.compile, verify and backends."""

from collections.abc import Callable, Iterable, Sequence

from .batches import collect
from .core import _runtime
from .snn import SNN


def compile(snn: SNN, target: str = "cpu", *, device: int = 0) -> SNN:
    """Makes the network ready for "reference", "cpu", "gpu" (the GPU with index `device`) or "loihi2_sim" and returns it.
    Raises BackendUnavailable, which says how to get the target."""
    return snn.compile(target, device=device)


def backends() -> list[dict]:
    """All targets: target, available, description, remedy."""
    return _runtime.backends()


def verify(
    snn: SNN,
    loader: Iterable,
    targets: Sequence[str] = ("reference", "cpu"),
    *,
    images: int = 0,
    timesteps: int = 0,
    threads: int = 0,
    progress: Callable[[str, int, int, str], None] | None = None,
) -> dict:
    """Runs the network on all targets and compares every spike, membrane and accumulator with those of the first:
    `deviations` is 0 when they are equal, `first_deviation` says where they are not."""
    executables = [_runtime.compile(snn.program, target) for target in targets]
    dataset = collect(loader, "verification data", snn.program.input_shape, images=images, labels_needed=False)
    return _runtime.verify(
        executables, dataset, timesteps=timesteps, threads=threads, mode=snn.mode, progress=progress
    )  # fmt: skip
