"""One step of back-propagation through time: NeuroCUDA beside SpikingJelly and snnTorch, time and peak memory.

    cmake --preset release -DNEUROCUDA_BENCH=ON && cmake --build --preset release --target tuning_step
    python bench/tuning_step.py [--architectures resnet20,resnet18] [--timesteps 4,8,32] [--batch 16] [--repeats 3] [--json FILE]

The same network everywhere: ResNet in its CIFAR form, batch norms folded, IF neurons with soft reset and a detached reset, arctan
surrogate, cross-entropy of every timestep, SGD. Every measurement is a process of its own; the rounds alternate between the
libraries, and the medians of the rounds are compared. Memory is the peak of the process above what it held before its first step,
in a run of its own in which the allocator gives back what is freed; time in one with the allocator as it is. A library that is
not installed is reported as absent.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

WIDTHS = {"resnet20": ([16, 32, 64], 3), "resnet18": ([64, 128, 256, 512], 2), "resnet8": ([16, 32, 64], 1)}
LIBRARIES = ["neurocuda", "spikingjelly", "snntorch"]
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}  # glibc


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def spikingjelly_network(architecture, timesteps):
    """Multi-step modules: convolutions see (T N, ...), neurons (T, N, ...)."""
    from spikingjelly.activation_based import layer, neuron, surrogate

    def convolution(*arguments, **settings):
        return layer.Conv2d(*arguments, step_mode="m", **settings)

    def fire():
        return neuron.IFNode(v_threshold=1.0, v_reset=None, surrogate_function=surrogate.ATan(), detach_reset=True,
                             step_mode="m")

    return residual_network(architecture, convolution, fire)


def snntorch_network(architecture, timesteps):
    """Step by step: one forward pass for each timestep; leaky neurons with beta = 1 integrate and fire."""
    import snntorch
    from torch import nn

    def fire():
        return snntorch.Leaky(beta=1.0, threshold=1.0, reset_mechanism="subtract", init_hidden=True,
                              spike_grad=snntorch.surrogate.atan())

    return residual_network(architecture, nn.Conv2d, fire)


def residual_network(architecture, convolution, fire):
    from torch import nn

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1, self.fire1 = convolution(inputs, outputs, 3, stride=stride, padding=1), fire()
            self.conv2, self.fire2 = convolution(outputs, outputs, 3, padding=1), fire()
            same = stride == 1 and inputs == outputs
            self.skip = nn.Identity() if same else convolution(inputs, outputs, 1, stride=stride)

        def forward(self, x):
            return self.fire2(self.conv2(self.fire1(self.conv1(x))) + self.skip(x))

    widths, blocks = WIDTHS[architecture]
    layers = [convolution(3, widths[0], 3, padding=1), fire()]
    inputs = widths[0]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            layers.append(Block(inputs, width, 2 if stage > 0 and block == 0 else 1))
            inputs = width

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(*layers)
            self.classifier = nn.Linear(inputs, 10)

        def forward(self, x):
            return self.classifier(self.layers(x).mean((-2, -1)))

    return Network()


def step_of(library, architecture, timesteps, batch):
    """A function that does one step."""
    import torch
    from torch.nn import functional

    images, labels = torch.randn(batch, 3, 32, 32), torch.randint(10, (batch,))
    if library == "spikingjelly":
        from spikingjelly.activation_based import functional as spiking

        network = spikingjelly_network(architecture, timesteps)

        def logits():
            spiking.reset_net(network)
            return network(images.unsqueeze(0).repeat(timesteps, 1, 1, 1, 1))
    else:
        network = snntorch_network(architecture, timesteps)

        def logits():
            for module in network.modules():
                if hasattr(module, "reset_mem"):
                    module.mem = module.reset_mem()
            return torch.stack([network(images) for _ in range(timesteps)])

    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        functional.cross_entropy(logits().flatten(0, 1), labels.repeat(timesteps)).backward()
        optimizer.step()

    return step


def measure_here(library, architecture, timesteps, batch, steps, threads):
    """In this process: for the libraries in Python."""
    import torch

    torch.set_num_threads(threads)
    step = step_of(library, architecture, timesteps, batch)
    before, seconds = resident_bytes(), []
    for _ in range(steps):
        began = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": statistics.median(seconds), "bytes": peak - before}))


def measure(library, options, architecture, timesteps):
    """Seconds of one process, bytes of another; None where the library is not installed."""
    timed = run(library, options, architecture, timesteps, {})
    return timed and timed | {"bytes": run(library, options, architecture, timesteps, GIVE_BACK)["bytes"]}


def run(library, options, architecture, timesteps, environment):
    arguments = [architecture, str(timesteps), str(options.batch), str(options.steps), str(options.threads)]
    command = [str(options.program), *arguments] if library == "neurocuda" else [sys.executable, __file__, "--in-process", library, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
    if done.returncode != 0:
        print(f"{library}: absent ({done.stderr.strip().splitlines()[-1]})", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def medians(rounds):
    return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}


def compare(options, architecture, timesteps):
    libraries, rounds = list(LIBRARIES), {library: [] for library in LIBRARIES}
    for _ in range(options.repeats):
        for library in list(libraries):
            result = measure(library, options, architecture, timesteps)
            if result is None:
                libraries.remove(library)
            else:
                rounds[library].append(result)
    return {library: medians(rounds[library]) for library in libraries}


def main():
    if sys.argv[1:2] == ["--in-process"]:
        library, architecture, *numbers = sys.argv[2:]
        return measure_here(library, architecture, *map(int, numbers))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=Path("build/bin/tuning_step"))
    parser.add_argument("--architectures", default="resnet20,resnet18")
    parser.add_argument("--timesteps", default="4,8,32")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for architecture in options.architectures.split(","):
        for timesteps in map(int, options.timesteps.split(",")):
            results = compare(options, architecture, timesteps)
            rows.append({"architecture": architecture, "timesteps": timesteps, "batch": options.batch, "libraries": results})
            ours = results["neurocuda"]
            for library, result in results.items():
                print(f"{architecture} T={timesteps:2d} {library:13s} {result['seconds']:8.3f} s/step  {result['bytes'] / 2**20:8.0f} MiB"
                      f"  {result['seconds'] / ours['seconds']:5.2f} x time  {result['bytes'] / ours['bytes']:5.2f} x memory", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
