"""ResNet-18 (CIFAR form) on one CPU: NeuroCUDA beside the ANN and beside simulators, all in one run, in turns.

    .venv/bin/python bench/compare_cpu.py [--threads 1] [--rounds 5] [--machine A]

Every round takes everything once, so that what else the machine does hits all alike; medians over the rounds. NeuroCUDA runs random int8 weights at
the given densities (`bench --random-network resnet18`), batch 8; the ANN is PyTorch's, in float32 and in int8 (its x86 engine: oneDNN, fbgemm); the
simulators run the same network with IF neurons. What is not installed is left out and named. Writes bench/results/compare_cpu.json.
scripts/bench-cpu.sh installs the simulators and runs this.
"""

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from compare_gpu import resnet18
from torch import nn

ROOT = Path(__file__).resolve().parents[1]
BATCH = 8


class Program:
    """One setting of `neurocuda bench`; a round is one call of it."""

    def __init__(self, binary, threads, timesteps, density, mode="synchronous"):
        self.command = [binary, "bench", "--random-network", "resnet18", "--density", density, "-T", timesteps, "--images", BATCH, "--repeats", 7,
                        "--threads", threads, "--mode", mode]

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "bench.json"
            subprocess.run([*map(str, self.command), "--json", answer], check=True, stdout=subprocess.DEVNULL)
            return json.loads(answer.read_text())["milliseconds_per_image"]


class Module:
    """A network of PyTorch; a round is the median of three calls."""

    def __init__(self, network, images, reset=lambda: None, steps=1):
        self.network, self.images, self.reset, self.steps = network.eval(), images, reset, steps

    def __call__(self) -> float:
        times = []
        with torch.inference_mode():
            for _ in range(3):
                self.reset()
                begin = time.perf_counter()
                for _ in range(self.steps):
                    self.network(self.images)
                times.append(time.perf_counter() - begin)
        return 1e3 * statistics.median(times) / BATCH


def ann_int8(images):
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    torch.backends.quantized.engine = "x86"
    prepared = prepare_fx(resnet18(nn.ReLU).eval(), get_default_qconfig_mapping("x86"), (images,))
    with torch.no_grad():
        prepared(images)
    return Module(convert_fx(prepared), images)


def spikingjelly(timesteps):
    from spikingjelly.activation_based import functional, layer, neuron

    network = resnet18(lambda: neuron.IFNode(v_threshold=1.0, v_reset=None, step_mode="m"), layer.Conv2d, layer.BatchNorm2d,
                       layer.AdaptiveAvgPool2d, layer.Flatten, layer.Linear)
    functional.set_step_mode(network, "m")
    return Module(network, torch.randn(timesteps, BATCH, 3, 32, 32), lambda: functional.reset_net(network))


def snntorch(timesteps):
    import snntorch as snn
    from snntorch import utils

    network = resnet18(lambda: snn.Leaky(beta=1.0, threshold=1.0, reset_mechanism="subtract", init_hidden=True))
    return Module(network, torch.randn(BATCH, 3, 32, 32), lambda: utils.reset(network), timesteps)


def contestants(options) -> dict:
    images = torch.randn(BATCH, 3, 32, 32)
    made = {("ANN, PyTorch float32", ""): lambda: Module(resnet18(nn.ReLU), images), ("ANN, PyTorch int8", ""): lambda: ann_int8(images)}
    for timesteps in (4, 8, 32):
        for density in (0.02, 0.06, 0.12, 0.25):
            made[f"NeuroCUDA, {100 * density:.0f} %", timesteps] = lambda t=timesteps, d=density: Program(options.binary, options.threads, t, d)
    for timesteps in (4, 32):
        made["NeuroCUDA, exact mode, 6 %", timesteps] = lambda t=timesteps: Program(options.binary, options.threads, t, 0.06, "exact")
    made["SpikingJelly, multi-step, torch", 32] = lambda: spikingjelly(32)
    made["snnTorch", 32] = lambda: snntorch(32)
    ready = {}
    for key, make in made.items():
        try:
            ready[key] = make()
        except ImportError as absent:
            print(f"{key[0]} is left out: {absent}", file=sys.stderr)
    return ready


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "bin" / "neurocuda")
    parser.add_argument("--machine", default="A", help="its name in bench/results/machines.json")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    ready = contestants(options)
    times = {key: [] for key in ready}
    for round_ in range(options.rounds):
        for key, measure in ready.items():
            times[key].append(measure())
            print(f"round {round_ + 1}: {key[0]}, T = {key[1]}: {times[key][-1]:.2f} ms", file=sys.stderr, flush=True)
    median = {key: statistics.median(values) for key, values in times.items()}
    ann = median["ANN, PyTorch float32", ""]
    document = {
        "kind": "table",
        "section": "Speed and memory",
        "order": 2,
        "title": f"ResNet-18 on {options.threads} thread{'s' if options.threads > 1 else ''} of a CPU",
        "text": f"Milliseconds per image, batch {BATCH}, random weights; the percentage is the share of neurons that fires at a timestep. Medians of "
        f"{options.rounds} rounds, each of which takes everything once.",
        "columns": ["", "T", "ms per image", "time / that of the ANN in float32"],
        "rows": [[name, timesteps, round(ms, 2), round(ms / ann, 2)] for (name, timesteps), ms in median.items()],
        "source": "bench/compare_cpu.py",
        "command": "scripts/bench-cpu.sh",
        "machine": options.machine,
        "date": datetime.date.today().isoformat(),
    }
    (ROOT / "bench" / "results" / "compare_cpu.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
