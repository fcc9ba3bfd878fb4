"""A spiking network that can be called like a torch module."""

import json
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .batches import host_images
from .core import _runtime
from .errors import BackendUnavailable


class Stream:
    """A batch whose timesteps run in blocks, made by `SNN.open`. Any blocks give the spikes of one run."""

    def __init__(self, snn: "SNN", stream: "_runtime.Stream"):
        self._snn, self._stream = snn, stream

    @property
    def timesteps(self) -> int:
        """That have run so far."""
        return self._stream.timesteps

    def advance(self, x: torch.Tensor, timesteps: int | None = None) -> "_runtime.Run":
        """Runs the next timesteps: of images (n, C, H, W), which may be others in every block, or of the spike trains of
        these timesteps, (n, timesteps, C, H, W). The logits of the result count from the beginning."""
        shape = self._snn.program.input_shape
        x = host_images(torch.as_tensor(x), shape)
        if timesteps is None:
            timesteps = x.shape[1] if x.dim() == len(shape) + 2 else 1
        return self._stream.advance(x, timesteps)

    def stop(self, image: int) -> None:
        """This image keeps its answer and is not run any more."""
        self._stream.stop(image)

    def reset(self) -> None:
        """Back to before the first timestep."""
        self._stream.reset()


@dataclass
class ConversionFacts:
    """What a pickle keeps of a conversion: all but its graphs."""

    report: dict[str, Any]
    settings: dict[str, Any]
    levels: int

    def __getattr__(self, name: str):
        raise AttributeError(f"{name}: a network from a pickle keeps the report of its conversion, not the graphs; convert it anew")


class SNN:
    """An integer spiking network made ready for one target ("cpu" until `compile` says otherwise).

    `conversion` is the report of its conversion, None for a network from a file. `timesteps` is the T that a call runs.
    """

    def __init__(self, program, conversion=None, *, mode: str = "synchronous", target: str = "cpu"):
        self.program = program
        self.conversion = conversion
        self.mode = mode
        self._device = 0
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
        self._device = device
        return self

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and copies: the bytes of its .nir file, and what stands beside the program."""
        facts = self.conversion
        if facts is not None and not isinstance(facts, ConversionFacts):
            facts = ConversionFacts(facts.report, facts.settings, facts.levels)
        kept = {name: value for name, value in vars(self).items() if name not in ("program", "executable")}
        return {**kept, "nir": _to_bytes(self.program), "target": self.target, "conversion": facts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        program, target = _from_bytes(state.pop("nir")), state.pop("target")
        vars(self).update(state, program=program)
        try:
            self.executable = _runtime.compile(program, target, device=self._device)
        except BackendUnavailable as missing:
            warnings.warn(f"the network was made ready for {target}, and is for cpu now ({missing})", UserWarning, stacklevel=2)
            self.executable = _runtime.compile(program, "cpu")

    def __deepcopy__(self, memo: dict) -> "SNN":
        """Shares the conversion, which does not change."""
        copy = type(self).__new__(type(self))
        copy.__setstate__(self.__getstate__())
        copy.conversion = self.conversion
        return copy

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
        x = host_images(torch.as_tensor(images), self.program.input_shape)
        return self.executable.run(
            x,
            timesteps=timesteps,
            threads=threads,
            mode=self.mode,
            record=record,
            counts=counts,
            by_timestep=by_timestep,
        )

    def open(self, images: int, *, threads: int = 0, record: str = "none", counts: bool = True, by_timestep: bool = False) -> "Stream":
        """A batch of `images` images whose timesteps run in blocks, `stream.advance(x, n)`, with the state kept in between.
        What a block returns is asked for as in `run`."""
        stream = self.executable.open(images, threads=threads, mode=self.mode, record=record, counts=counts, by_timestep=by_timestep)
        return Stream(self, stream)

    def early_exit(
        self, images, margin: float | None = None, *, timesteps: int = 0, threads: int = 0, block: int = 1
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(classes, timesteps), (n,) each: every image runs until its largest accumulator leads the second by `margin` (logits x
        timesteps), asked every `block` timesteps, or for T. Without a margin it stops when the rest cannot change its class, so that no answer differs
        from that of a whole run. `neurocuda sweep --early-exit` chooses margins."""
        x = host_images(torch.as_tensor(images), self.program.input_shape)
        classes, steps = self.executable.early_exit(
            x, margin=margin, timesteps=timesteps, threads=threads, mode=self.mode, block=block
        )
        return torch.from_numpy(classes), torch.from_numpy(steps)

    def __call__(self, x: torch.Tensor, timesteps: int = 0) -> torch.Tensor:
        """Logits (n, classes) of normalised images (n, C, H, W), or of what the model took, on x's device."""
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


def _to_bytes(program: "_runtime.Program") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.nir"
        _runtime.write_nir(program, path)
        return path.read_bytes()


def _from_bytes(content: bytes) -> "_runtime.Program":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.nir"
        path.write_bytes(content)
        return _runtime.read_nir(path)


def _stages(conversion) -> str:
    parts = []
    for stage in conversion.report["stages"]:
        accuracy = "" if stage["accuracy"] is None else f" {stage['accuracy']:.2%},"
        parts.append(f"{stage['name']}{accuracy} {stage['seconds']:.1f} s")
    return "stages: " + "; ".join(parts)
