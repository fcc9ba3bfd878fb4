"""ResNet-18 (CIFAR form) on one GPU: NeuroCUDA beside what else is installed, and beside what the machine can do.

    python3 bench/compare_gpu.py [--build build-gpu] [--device 0] [--quick] [--json FILE]

Every row is measured in the same run: images/s for T = 4, 8, 32 and batches of 1, 64, 512, medians over the repeats. The
peers are the same network with IF neurons in SpikingJelly (multi-step, torch and CuPy backends) and snnTorch, the ANN in
fp16 under PyTorch, and dense int8: cuDNN's quantised convolutions where PyTorch has them, and cuBLASLt matrix products of
the layers' shapes. int8 peak and memory bandwidth are those of a large matrix product and a large copy. What is not
installed is reported as absent, and why.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit("compare_gpu.py: torch is not installed")

TIMESTEPS = [4, 8, 32]
BATCHES = [1, 64, 512]
DENSITY = 0.06


def milliseconds(step, repeats: int) -> float:
    """Median of timed calls, by events on the GPU, after a warm-up."""
    for _ in range(3):
        step()
    times = []
    for _ in range(repeats):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        step()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end))
    return statistics.median(times)


class Block(nn.Module):
    """The basic block; `neuron()` makes what stands in for its ReLUs, `conv` and `norm` what computes."""

    def __init__(self, inputs, outputs, stride, conv, norm, neuron):
        super().__init__()
        self.conv1, self.norm1, self.fire1 = conv(inputs, outputs, 3, stride, 1, bias=False), norm(outputs), neuron()
        self.conv2, self.norm2, self.fire2 = conv(outputs, outputs, 3, 1, 1, bias=False), norm(outputs), neuron()
        same = stride == 1 and inputs == outputs
        self.skip = nn.Identity() if same else nn.Sequential(conv(inputs, outputs, 1, stride, bias=False), norm(outputs))

    def forward(self, x):
        y = self.fire1(self.norm1(self.conv1(x)))
        return self.fire2(self.norm2(self.conv2(y)) + self.skip(x))


def resnet18(neuron, conv=nn.Conv2d, norm=nn.BatchNorm2d, pool=nn.AdaptiveAvgPool2d, flatten=nn.Flatten, linear=nn.Linear):
    blocks, inputs = [], 64
    for outputs, stride in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        blocks += [Block(inputs, outputs, stride, conv, norm, neuron), Block(outputs, outputs, 1, conv, norm, neuron)]
        inputs = outputs
    return nn.Sequential(conv(3, 64, 3, 1, 1, bias=False), norm(64), neuron(), *blocks, pool(1), flatten(1), linear(512, 10))


def gemm_shapes(batch: int) -> list[tuple[int, int, int]]:
    """(positions, inputs, outputs) of the layers behind the first, as matrix products."""
    shapes, size, inputs = [], 32, 64
    for outputs, stride in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        size //= stride
        rows = batch * size * size
        shapes += [(rows, 9 * inputs, outputs)] + [(rows, 9 * outputs, outputs)] * 3
        if stride == 2:
            shapes.append((rows, inputs, outputs))
        inputs = outputs
    return shapes


def neurocuda(build: Path, device: int, timesteps: int, batch: int, repeats: int) -> dict:
    """`neurocuda bench` on random weights at 6 % density."""
    program = build / "bin" / "neurocuda"
    if not program.exists():
        raise RuntimeError(f"{program} was not built (the command line needs libtorch)")
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "bench.json"
        done = subprocess.run(
            [program, "bench", "--random-network", "resnet18", "--density", str(DENSITY), "-T", str(timesteps), "--images",
             str(batch), "--repeats", str(repeats), "--target", "gpu", "--device", str(device), "--json", answer],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        document = json.loads(answer.read_text())
    return {"images_per_second": document["images_per_second"], "gsop_per_second": document["synops_per_second"] / 1e9}


def spikingjelly(backend: str, timesteps: int, batch: int, repeats: int) -> dict:
    from spikingjelly.activation_based import functional, layer, neuron

    choice = {} if backend == "torch" else {"backend": backend}  # 2.0 has no CuPy backend left; 0.0.0.0.14 has

    def make():
        return neuron.IFNode(v_threshold=1.0, v_reset=None, step_mode="m", **choice)

    network = resnet18(make, layer.Conv2d, layer.BatchNorm2d, layer.AdaptiveAvgPool2d, layer.Flatten, layer.Linear)
    functional.set_step_mode(network, "m")
    network = network.cuda().eval()
    images = torch.randn(timesteps, batch, 3, 32, 32, device="cuda")

    def step():
        functional.reset_net(network)
        with torch.no_grad():
            network(images)

    return {"images_per_second": 1e3 * batch / milliseconds(step, repeats)}


def snntorch(timesteps: int, batch: int, repeats: int) -> dict:
    import snntorch

    def make():
        return snntorch.Leaky(beta=1.0, threshold=1.0, reset_mechanism="subtract", init_hidden=True)

    network = resnet18(make).cuda().eval()
    images = torch.randn(batch, 3, 32, 32, device="cuda")
    from snntorch import utils

    def step():
        utils.reset(network)
        with torch.no_grad():
            for _ in range(timesteps):
                network(images)

    return {"images_per_second": 1e3 * batch / milliseconds(step, repeats)}


def ann_fp16(batch: int, repeats: int) -> dict:
    network = resnet18(nn.ReLU).cuda().eval().half().to(memory_format=torch.channels_last)
    images = torch.randn(batch, 3, 32, 32, device="cuda").half().to(memory_format=torch.channels_last)
    with torch.no_grad():
        return {"images_per_second": 1e3 * batch / milliseconds(lambda: network(images), repeats)}


def dense_int8(batch: int, repeats: int) -> dict:
    """cuBLASLt, without the im2col that would come before: an upper bound for int8 by matrix products."""
    pairs = []
    for rows, depth, columns in gemm_shapes(batch):
        rows = max(rows, 32)  # cuBLASLt takes no fewer than 17 rows
        pairs.append((torch.randint(-127, 128, (rows, depth), dtype=torch.int8, device="cuda"),
                      torch.randint(-127, 128, (columns, depth), dtype=torch.int8, device="cuda").t()))

    def step():
        for a, b in pairs:
            torch._int_mm(a, b)

    return {"images_per_second": 1e3 * batch / milliseconds(step, repeats)}


def cudnn_int8(batch: int, repeats: int) -> dict:
    """PyTorch's quantised convolutions on cuDNN; few builds have them."""
    network = resnet18(nn.ReLU).eval()
    layers = []
    size = 32
    for block in [m for m in network if isinstance(m, Block)]:
        stride = block.conv1.stride[0]
        for conv, extent in [(block.conv1, size), (block.conv2, size // stride)]:
            weight = torch.quantize_per_tensor(conv.weight.detach().cuda(), 0.01, 0, torch.qint8)
            packed = torch.ops.quantized.conv2d_prepack(weight, None, list(conv.stride), [1, 1], [1, 1], 1)
            images = torch.quantize_per_tensor(torch.randn(batch, conv.in_channels, extent, extent, device="cuda"), 0.1, 0,
                                               torch.qint8)
            layers.append((images, packed))
        size //= stride

    def step():
        for images, packed in layers:
            torch.ops.quantized.conv2d(images, packed, 0.1, 0)

    return {"images_per_second": 1e3 * batch / milliseconds(step, repeats)}


def int8_peak() -> dict:
    n = 8192
    a = torch.randint(-127, 128, (n, n), dtype=torch.int8, device="cuda")
    b = torch.randint(-127, 128, (n, n), dtype=torch.int8, device="cuda").t()
    return {"tera_operations_per_second": 2 * n**3 / milliseconds(lambda: torch._int_mm(a, b), 20) / 1e9}


def bandwidth() -> dict:
    a = torch.randint(0, 100, (1 << 32,), dtype=torch.int8, device="cuda")
    b = torch.empty_like(a)
    return {"gigabytes_per_second": 2 * a.numel() / milliseconds(lambda: b.copy_(a), 20) / 1e6}


class Table:
    """Rows as they are measured; the file is complete after each, should the run be cut short."""

    def __init__(self, file: Path | None):
        self.file = file
        self.rows: list[dict] = []

    def attempt(self, name: str, measure, *arguments, **where) -> None:
        """A peer that is missing or fails is a row as well."""
        try:
            row = {"name": name, **where, **measure(*arguments)}
        except Exception as problem:  # whatever a peer throws
            lines = str(problem).splitlines() or [""]
            row = {"name": name, **where, "absent": f"{type(problem).__name__}: {lines[0]}"}
        self.rows.append(row)
        print("  ".join(f"{key}={value:.1f}" if isinstance(value, float) else f"{key}={value}" for key, value in row.items()),
              flush=True)
        if self.file:
            document = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "density": DENSITY, "rows": self.rows}
            self.file.write_text(json.dumps(document, indent=2) + "\n")
        torch.cuda.empty_cache()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build-gpu"))
    parser.add_argument("--device", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="T = 4 and a batch of 64 only")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("compare_gpu.py: there is no CUDA device")
    torch.cuda.set_device(options.device)
    torch.backends.cudnn.benchmark = True

    table, repeats = Table(options.json), options.repeats
    table.attempt("int8 peak (8192^3)", int8_peak)
    table.attempt("bandwidth (copy, read + write)", bandwidth)
    timesteps = [4] if options.quick else TIMESTEPS
    for batch in [64] if options.quick else BATCHES:
        table.attempt("ANN fp16, PyTorch", ann_fp16, batch, repeats, batch=batch)
        table.attempt("dense int8, cuBLASLt GEMMs", dense_int8, batch, repeats, batch=batch)
        table.attempt("dense int8, cuDNN", cudnn_int8, batch, repeats, batch=batch)
        for t in timesteps:
            where = {"batch": batch, "T": t}
            table.attempt("NeuroCUDA", neurocuda, options.build, options.device, t, batch, repeats, **where)
            for backend in ["cupy", "torch"]:
                table.attempt(f"SpikingJelly, {backend}", spikingjelly, backend, t, batch, repeats, **where)
            table.attempt("snnTorch", snntorch, t, batch, repeats, **where)


if __name__ == "__main__":
    main()
