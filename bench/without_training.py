"""Conversions without training and without labels: accuracy, agreement, sparsity, operations, seconds and memory over T, in both modes and with
signed neurons.

    .venv/bin/python bench/without_training.py NAME ANN --data DIR [-T 4,8,16,32] [--exact 4,8] [--signed 4,8] [--prefix 8,16] [--keep FOLDER]

Each is `neurocuda convert ANN --data DIR --calibration-images 1000 -T n [--mode exact|--neuron signed] -o F.nir` and nothing else, measured on the
whole test set by `eval F.nir --data DIR --ann ANN`.
--prefix also runs the network of the largest T at fewer timesteps. Writes bench/results/without_training_NAME.json after every conversion; rows of
an earlier run for other T and modes stay in it, if that was on the same machine. A large network can so be measured in several runs.
"""

import argparse
import contextlib
import datetime
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GIVEN = {"synchronous": [], "signed": ["--neuron", "signed"], "exact": ["--mode", "exact"]}
COLUMNS = ["T", "mode, neurons", "accuracy, %", "below the ANN", "agreement, %", "sparsity, %", "synaptic operations per image", "seconds", "MB"]


def document_of(binary: Path, *arguments) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.json"
        subprocess.run([binary, *map(str, arguments), "--json", path], check=True, stdout=subprocess.DEVNULL)
        return json.loads(path.read_text())


def row_of(timesteps: int, mode: str, ann: float, evaluation: dict, agreement: float, seconds: str, megabytes: str) -> list:
    accuracy = evaluation["accuracy"]
    operations = f"{evaluation['synops_per_image'] / 1e6:.1f} M"
    shares = [100 * accuracy, 100 * (ann - accuracy), 100 * agreement, 100 * evaluation["sparsity"]]
    return [timesteps, mode, *(round(share, 2) for share in shares), operations, seconds, megabytes]


def earlier_rows(path: Path, machine: str) -> dict[tuple, list]:
    if not path.exists():
        return {}
    document = json.loads(path.read_text())
    return {tuple(row[:2]): row for row in document["rows"]} if document["machine"] == machine else {}


def measure(options: argparse.Namespace, write) -> None:
    rows = []
    with contextlib.ExitStack() as stack:
        folder = Path(options.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        ann = document_of(options.binary, "eval", options.ann, "--data", options.data)["accuracy"]
        asked = {"synchronous": options.timesteps, "signed": options.signed, "exact": options.exact}
        for mode, timesteps in [(mode, t) for mode, list_of_t in asked.items() for t in list_of_t]:
            output = folder / f"{'snn' if mode == 'synchronous' else mode}_t{timesteps}.nir"
            given = ["convert", options.ann, "--data", options.data, "--calibration-images", 1000, "-T", timesteps]
            # The evaluation that convert makes takes the ANN twice; this one takes it once.
            answer = document_of(options.binary, *given, *GIVEN[mode], "--no-eval", "-o", output)
            run = document_of(options.binary, "eval", output, "--data", options.data, "--ann", options.ann)
            seconds, megabytes = f"{answer['conversion_seconds']:.0f}", str(answer["peak_bytes"] >> 20)
            rows.append(row_of(timesteps, mode, ann, run, run["agreement"], seconds, megabytes))
            write(rows, ann)
            if mode != "synchronous" or timesteps != max(options.timesteps, default=0):
                continue
            for fewer in options.prefix:
                run = document_of(options.binary, "eval", output, "--data", options.data, "-T", fewer, "--ann", options.ann)
                rows.append(row_of(fewer, f"the network of T = {timesteps}", ann, run, run["agreement"], "", ""))
                write(rows, ann)


def main() -> None:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",") if part]

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("ann", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("-T", "--timesteps", type=numbers, default=[4, 8, 16, 32])
    parser.add_argument("--exact", type=numbers, default=[4, 8])
    parser.add_argument("--signed", type=numbers, default=[4, 8])
    parser.add_argument("--prefix", type=numbers, default=[8, 16])
    parser.add_argument("--keep", type=Path, help="where the networks go; they are not kept otherwise")
    parser.add_argument("--title", default="")
    parser.add_argument("--order", type=int, default=1)
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "bin" / "neurocuda")
    parser.add_argument("--machine", default="A", help="its name in bench/results/machines.json")
    options = parser.parse_args()
    path = ROOT / "bench" / "results" / f"without_training_{options.name}.json"

    earlier = earlier_rows(path, options.machine)

    def write(rows: list[list], ann: float) -> None:
        together = list((earlier | {tuple(row[:2]): row for row in rows}).values())
        document = {
            "kind": "table",
            "section": "Conversion without training",
            "order": options.order,
            "title": options.title or options.name,
            "text": f"1,000 training images, labels unused, whole test set; the ANN has {100 * ann:.2f} %. Seconds and MB (the process's largest resident memory) "
            "are those of the conversion, on two cores, without its evaluation.",
            "columns": COLUMNS,
            "rows": sorted(together, key=lambda row: ([*GIVEN].index(row[1]) if row[1] in GIVEN else 0.5, row[0])),
            "source": "bench/without_training.py",
            "command": f"bench/without_training.py {options.name} ANN --data DIR",
            "machine": options.machine,
            "date": datetime.date.today().isoformat(),
        }
        path.write_text(json.dumps(document, indent=1) + "\n")
        print(rows[-1], flush=True)

    measure(options, write)


if __name__ == "__main__":
    main()
