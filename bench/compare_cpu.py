"""ResNet-18 on one CPU: NeuroCUDA beside the ANN and beside simulators, all in one run, in turns.

    .venv-bench/bin/python bench/compare_cpu.py [--rounds 3] [--machine A] [--network SNN.nir ... --data DIR]

Every round takes everything once, so that what else the machine does hits all alike; medians over the rounds. NeuroCUDA runs random int8 weights at
the given densities (`bench --random-network resnet18`), batch 8, and the networks of --network on the images of --data; the ANN is PyTorch's, in
float32 and in int8 (its x86 engine: oneDNN, fbgemm); the simulators run the same network with IF neurons. What is not installed is left out and named.
Writes bench/results/compare_cpu.json and, with matplotlib, docs/images/cpu_speed.svg. scripts/bench-cpu.sh installs all of it and runs this.
"""

import argparse
import datetime
import json
import os
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


DENSITIES = (0.02, 0.06, 0.12, 0.25)


class Program:
    """One setting of `neurocuda bench`; a round is one call of it."""

    def __init__(self, options, arguments, *, threads=1, batch=BATCH, repeats=7, **environment):
        self.command = [options.binary, "bench", *arguments, "--images", batch, "--repeats", repeats, "--threads", threads]
        self.environment = {**os.environ, **environment}
        self.megabytes = None

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "bench.json"
            command = [*map(str, self.command), "--json", str(answer)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=self.environment)
            document = json.loads(answer.read_text())
            self.megabytes = document["memory_bytes"] and round(document["memory_bytes"] / 1e6)
            return document["milliseconds_per_image"]


def random_network(timesteps, density=0.06, architecture="resnet18", mode="synchronous"):
    return ["--random-network", architecture, "--density", density, "-T", timesteps, "--mode", mode]


class Module:
    """A network of PyTorch; a round is the median of three calls."""

    def __init__(self, network, images, reset=lambda: None, steps=1):
        self.network, self.images, self.reset, self.steps = network.eval(), images, reset, steps
        self.megabytes = None

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


def programs(options) -> dict:
    """By name and T: what makes it."""
    made = {}

    def add(name, timesteps, arguments, **settings):
        made[name, timesteps] = lambda: Program(options, arguments, **settings)

    for timesteps in (4, 8, 32):
        for density in DENSITIES:
            add(f"NeuroCUDA, {100 * density:.0f} %", timesteps, random_network(timesteps, density))
        add("NeuroCUDA, 6 %, every layer as products", timesteps, random_network(timesteps), NEUROCUDA_SYNAPSES="dense")
    for timesteps in (4, 32):
        add("NeuroCUDA, exact mode, 6 %", timesteps, random_network(timesteps, mode="exact"))
        add("NeuroCUDA, 6 %, two threads", timesteps, random_network(timesteps), threads=2)
        for threads, name in ((1, "one thread"), (2, "two threads")):
            add(f"NeuroCUDA, 6 %, batch 1, {name}", timesteps, random_network(timesteps), threads=threads, batch=1, repeats=101)
    for isa in ("avx512", "avx2", "sse2"):
        add(f"NeuroCUDA, 6 %, {isa}", 32, random_network(32), NEUROCUDA_ISA=isa)
    for file in options.network:
        add(f"NeuroCUDA, {Path(file).name}", "", [file, "--data", options.data])
    for timesteps in (4, 32):
        add("NeuroCUDA, 6 %, 224x224, batch 1", timesteps, random_network(timesteps, architecture="resnet18_imagenet"), batch=1, repeats=3)
    return made


def contestants(options) -> dict:
    images = torch.randn(BATCH, 3, 32, 32)
    made = {("ANN, PyTorch float32", ""): lambda: Module(resnet18(nn.ReLU), images), ("ANN, PyTorch int8", ""): lambda: ann_int8(images)}
    made |= programs(options)
    made["SpikingJelly, multi-step, torch", 32] = lambda: spikingjelly(32)
    made["snnTorch", 32] = lambda: snntorch(32)
    ready = {}
    for key, make in made.items():
        try:
            ready[key] = make()
        except ImportError as absent:
            print(f"{key[0]} is left out: {absent}", file=sys.stderr)
    return ready


def draw(median: dict) -> str:
    """Time over density; returns what shows it on the page, nothing without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return ""
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "neurocuda"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for timesteps in (4, 8, 32):
        times = [median[f"NeuroCUDA, {100 * d:.0f} %", timesteps] for d in DENSITIES]
        axes.plot([100 * d for d in DENSITIES], times, "o-", label=f"NeuroCUDA, T = {timesteps}")
    axes.axhline(median["ANN, PyTorch float32", ""], color="black", linestyle="--", label="ANN, PyTorch float32")
    axes.axhline(median["ANN, PyTorch int8", ""], color="gray", linestyle=":", label="ANN, PyTorch int8")
    axes.set(yscale="log", xlabel="neurons that fire at a timestep, %", ylabel="ms per image, one thread", title="ResNet-18 (CIFAR form), random weights")
    axes.legend()
    axes.grid(alpha=0.3, which="both")
    picture = ROOT / "docs" / "images" / "cpu_speed.svg"
    picture.parent.mkdir(exist_ok=True)
    figure.savefig(picture, metadata={"Date": None})
    picture.write_text("".join(line.rstrip() + "\n" for line in picture.read_text().splitlines()))
    return "\n\n![Time per image over density](images/cpu_speed.svg)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", nargs="*", default=[], help="converted ResNet-18s, run on --data")
    parser.add_argument("--data", help="CIFAR-10, for --network")
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "bin" / "neurocuda")
    parser.add_argument("--machine", default="A", help="its name in bench/results/machines.json")
    options = parser.parse_args()
    if options.network and options.data is None:
        parser.error("--network needs --data")
    torch.set_num_threads(1)
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
        "title": "The cpu target: ResNet-18",
        "text": f"Milliseconds per image, one thread and batch {BATCH} unless something else stands there, the CIFAR form with random weights; the percentage "
        "is the share of neurons that fires at a timestep. Networks of files are converted ones, on CIFAR-10 (JPEG q75). "
        "Memory is what compiling and running took at its peak, beside the network. Medians of "
        f"{options.rounds} rounds, each of which takes everything once." + draw(median),
        "columns": ["", "T", "ms per image", "time / that of the ANN in float32", "memory, MB"],
        "rows": [[name, timesteps, round(ms, 2), round(ms / ann, 2), ready[name, timesteps].megabytes or ""] for (name, timesteps), ms in median.items()],
        "source": "bench/compare_cpu.py",
        "command": " ".join(["scripts/bench-cpu.sh", *(["--network", *(Path(n).name for n in options.network), "--data", "DIR"] if options.network else [])]),
        "machine": options.machine,
        "date": datetime.date.today().isoformat(),
    }
    (ROOT / "bench" / "results" / "compare_cpu.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
