"""A spiking network that can be called like a torch module."""

import json

import torch

from .batches import host_images
from .core import _runtime


class SNN:
    """An integer spiking network made ready for one target ("cpu" until `compile` says otherwise).

    `conversion` is the report of its conversion, None for a network from a file; `correction` that of `correct_biases`,
    None without. `timesteps` is the T that a call runs.
    """

    def __init__(self, program, conversion=None, *, mode: str = "synchronous", target: str = "cpu"):
        self.program = program
        self.conversion = conversion
        self.correction: dict | None = None
        self.mode = mode
        self.executable = _runtime.compile(program, target)

    @property
    def settings(self) -> dict | None:
        """What it was converted with: `convert(model, loader, **snn.settings)` makes it again. None when unknown."""
        return json.loads(self.program.settings) if self.program.settings else None

    @property
    def timesteps(self) -> int:
        return self.program.timesteps

    @property
    def target(self) -> str:
        return self.executable.target

    def compile(self, target: str, *, device: int = 0) -> "SNN":
        """Makes it ready for another target. Raises BackendUnavailable with the remedy."""
        self.executable = _runtime.compile(self.program, target, device=device)
        return self

    def run(
        self,
        images,
        *,
        timesteps: int = 0,
        threads: int = 0,
        record: str = "none",
        counts: bool = True,
        by_timestep: bool = False,
    ) -> "_runtime.Run":
        """What is asked about a batch: `.logits()` and `.predictions()` always; `.spikes` and `.synaptic_operations`
        unless counts=False, which is faster; with by_timestep=True also those of every timestep, `.logits(t)` and
        `.accumulators`; with record="spikes" also `.spike_record()`, with "membranes" also `.membrane_record()`. Reading
        what was not asked for raises UserError."""
        x = host_images(torch.as_tensor(images))
        return self.executable.run(
            x,
            timesteps=timesteps,
            threads=threads,
            mode=self.mode,
            record=record,
            counts=counts,
            by_timestep=by_timestep,
        )

    def __call__(self, x: torch.Tensor, timesteps: int = 0) -> torch.Tensor:
        """Logits (n, classes) of normalised images (n, C, H, W), on x's device."""
        return torch.from_numpy(self.run(x, timesteps=timesteps, counts=False).logits()).to(x.device)

    def eval(self) -> "SNN":
        """Nothing: an SNN is always in eval mode. For code that treats it as a module."""
        return self

    def to(self, *_args, **_kwargs) -> "SNN":
        """Nothing: where it runs is the target's affair, see `neurocuda.compile`."""
        return self

    def __repr__(self) -> str:
        lines = [f"SNN, T = {self.timesteps}, {self.program.neurons} neurons, target {self.target} ({self.executable.isa})"]
        lines.append(str(self.program).rstrip())
        if self.conversion is not None:
            lines.append(_stages(self.conversion))
        return "\n".join(lines)


def _stages(conversion) -> str:
    parts = []
    for stage in conversion.report["stages"]:
        accuracy = "" if stage["accuracy"] is None else f" {stage['accuracy']:.2%},"
        parts.append(f"{stage['name']}{accuracy} {stage['seconds']:.1f} s")
    return "stages: " + "; ".join(parts)
