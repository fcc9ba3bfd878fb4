"""What Python costs: `snn(images)` against the time that the C++ core itself takes inside the same call, and the import.

    PYTHONPATH=python python bench/border.py [--batch 64] [--repeats 30] [--data DIR]

The overhead is (call - core) / core, the median over the repeats, so the machine's speed cancels. A second figure compares
whole passes over the images with `neurocuda eval` on the same file, batch size and threads (NEUROCUDA_BIN names its folder).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch.utils.data import DataLoader

import neurocuda


def spiking_network(name: str, timesteps: int) -> tuple["neurocuda.SNN", torch.Tensor]:
    """An untrained network of the architecture, thresholds from random images, and images for it."""
    torch.manual_seed(0)
    shape = (1, 8, 8) if name == "digits_resnet" else (3, 32, 32)
    model = getattr(neurocuda.models, name)()
    images = torch.randn(64, *shape)
    loader = [(images, torch.arange(64) % 10)]
    return neurocuda.convert(model, loader, timesteps=timesteps, epochs=0), images


def overhead(snn: "neurocuda.SNN", images: torch.Tensor, repeats: int) -> tuple[float, float]:
    """(median overhead as a fraction of the core's time, median milliseconds of a call)."""
    ratios, calls = [], []
    for _ in range(repeats + 3):
        began = time.perf_counter()
        run = snn.run(images)
        torch.from_numpy(run.logits())
        call = time.perf_counter() - began
        ratios.append(call / run.seconds - 1)
        calls.append(1e3 * call)
    return statistics.median(ratios[3:]), statistics.median(calls[3:])


def import_seconds(statement: str) -> float:
    """The fastest of a few fresh interpreters."""
    code = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    run = lambda: float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)  # noqa: E731
    return min(run() for _ in range(5))


def against_the_program(program: Path, repeats: int) -> tuple[float, float]:
    """Images per second of `neurocuda eval` and of neurocuda.report on the digits, batch size and threads alike."""
    digits = neurocuda.datasets.load("digits")
    loader = DataLoader(digits.train, batch_size=64)
    snn = neurocuda.convert(neurocuda.models.digits_resnet(), loader, timesteps=32, epochs=0, tune="none")
    batches = list(DataLoader(digits.test, batch_size=64))
    with tempfile.TemporaryDirectory() as folder:
        path, facts = Path(folder) / "digits.nir", Path(folder) / "eval.json"
        neurocuda.to_nir(snn, path)
        command = [program, "eval", path, "--data", "digits", "--target", "cpu", "--json", facts]
        speeds: list[tuple[float, float]] = []
        for _ in range(repeats):
            subprocess.run(command, check=True, capture_output=True)
            began = time.perf_counter()
            neurocuda.evaluate(snn, batches)
            speeds.append((json.loads(facts.read_text())["images_per_second"], len(digits.test) / (time.perf_counter() - began)))
    return statistics.median(s[0] for s in speeds), statistics.median(s[1] for s in speeds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--timesteps", type=int, default=32)
    parser.add_argument("--networks", nargs="*", default=["digits_resnet", "resnet8", "resnet20"])
    arguments = parser.parse_args()
    for name in arguments.networks:
        snn, images = spiking_network(name, arguments.timesteps)
        ratio, call = overhead(snn, images[: arguments.batch], arguments.repeats)
        print(f"{name}, batch {arguments.batch}, T={arguments.timesteps}: {call:.1f} ms a call, overhead {ratio:.2%}", flush=True)
    program = Path(os.environ.get("NEUROCUDA_BIN", "build/bin")) / "neurocuda"
    if program.exists():
        core, python = against_the_program(program, 5)
        print(f"digits, T=32: neurocuda eval {core:.0f} images/s, neurocuda.evaluate {python:.0f} images/s, ratio {python / core:.3f}")
    torch_only, both = import_seconds("import torch"), import_seconds("import torch, neurocuda; neurocuda.convert")
    print(f"import torch {torch_only:.2f} s, with neurocuda {both:.2f} s: {both - torch_only:.2f} s more")


if __name__ == "__main__":
    main()
