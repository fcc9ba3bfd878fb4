"""How much slower the program is beside one other busy process: OpenMP's threads must not spin while they wait.

    .venv/bin/python bench/busy_machine.py [--binary build/bin/neurocuda] [--rounds 3]

On a machine that is otherwise idle, each command runs alone and beside a process that does nothing but count, in turns, with as many threads as cores. A fair
share of the cores is threads / (threads + 1) of what it had: 1.5 times the time on two cores, up to 2 where every step
waits for the slower thread. Writes bench/results/busy_machine.json. The goal: at most 2.2.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOAL = 2.2


def commands(folder: Path, threads: int) -> dict[str, list]:
    ann, snn = folder / "ann.onnx", folder / "snn.nir"
    digits = ["--data", "digits", "--threads", threads]
    return {
        "train": ["train", "--arch", "digits_resnet", *digits, "--epochs", 3, "-o", ann],
        "convert": ["convert", ann, *digits, "-T", 8, "--epochs", 1, "--tune", "none", "-o", snn],
        "eval": ["eval", ROOT / "models" / "resnet20_cifar10" / "ann.onnx", "--data", folder / "cifar", "--threads", threads],
        "bench": ["bench", "--random-network", "resnet20", "--images", 32, "-T", 8, "--repeats", 3, "--threads", threads],
    }


def make_images(folder: Path) -> None:
    """Noise in the layout of CIFAR-10: eval's time does not depend on what is seen."""
    folder.mkdir()
    record = bytes([3]) + os.urandom(3072)
    for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
        (folder / name).write_bytes(record * (1000 if name == "test_batch.bin" else 1))


def seconds(binary: Path, arguments: list) -> float:
    began = time.perf_counter()
    subprocess.run([str(binary), *map(str, arguments)], check=True, capture_output=True)
    return time.perf_counter() - began


def beside_a_busy_process(binary: Path, arguments: list) -> float:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            return seconds(binary, arguments)
        finally:
            busy.kill()


def measure(binary: Path, rounds: int, threads: int) -> dict[str, dict]:
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_images(folder / "cifar")
        for command, arguments in commands(folder, threads).items():
            seconds(binary, arguments)  # the files that the next ones read, and a warm cache
            pairs = [(seconds(binary, arguments), beside_a_busy_process(binary, arguments)) for _ in range(rounds)]
            results[command] = {
                "command": " ".join(["neurocuda", *(str(part).replace(f"{folder}/", "").replace(f"{ROOT}/", "") for part in arguments)]),
                "alone_seconds": round(min(alone for alone, _ in pairs), 2),
                "busy_seconds": round(min(busy for _, busy in pairs), 2),
                "ratio": round(min(busy for _, busy in pairs) / min(alone for alone, _ in pairs), 2),
            }
            print(command, results[command]["ratio"], flush=True)
    return results


def document_of(results: dict[str, dict], options: argparse.Namespace, threads: int, load: float) -> dict:
    rows = [[name, r["command"], r["alone_seconds"], r["busy_seconds"], r["ratio"]] for name, r in results.items()]
    return {
        "kind": "table",
        "section": "Speed and memory",
        "order": 7,
        "title": "Beside one other busy process",
        "text": f"As many threads as cores ({threads}), and one process that only counts. The fastest of {options.rounds} rounds, alone and beside it in "
        f"turns; the load average of the machine was {load:.1f} before. The goal is a ratio of at most {GOAL}; a fair share of the cores would be "
        f"{(threads + 1) / threads:.1f}, and OpenMP threads that spin made it 4 to 8.",
        "columns": ["what", "command", "alone, s", "busy, s", "ratio"],
        "rows": rows,
        "source": "bench/busy_machine.py",
        "command": f"bench/busy_machine.py --rounds {options.rounds}",
        "machine": options.machine,
        "date": datetime.date.today().isoformat(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "bin" / "neurocuda")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--machine", default="A", help="its name in bench/results/machines.json")
    options = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    results = measure(options.binary, options.rounds, threads)
    path = ROOT / "bench" / "results" / "busy_machine.json"
    path.write_text(json.dumps(document_of(results, options, threads, load), indent=1) + "\n")
    print(f"wrote {path.relative_to(ROOT)}; then scripts/make-benchmarks.py")


if __name__ == "__main__":
    main()
