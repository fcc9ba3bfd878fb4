"""Makes bench/results/cpu_layers.json from what `bench_layers --benchmark_format=json` wrote.

    build/bin/bench_layers --benchmark_min_time=0.1 --benchmark_format=json >layers.json
    .venv/bin/python bench/layers_table.py layers.json [--machine A]
"""

import argparse
import datetime
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOWN = ("0.02", "0.06", "0.12", "0.25")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measured", type=Path)
    parser.add_argument("--machine", default="A", help="its name in bench/results/machines.json")
    options = parser.parse_args()
    runs = {run["name"].removesuffix("/manual_time"): run for run in json.loads(options.measured.read_text())["benchmarks"]}
    limits = {name.removeprefix("limit/"): run["GSOP/s"] / 1e9 for name, run in runs.items() if name.startswith("limit/")}
    limit = limits.get("registers")
    rows = []
    for layer, density in dict.fromkeys(tuple(name.rsplit("/", 2)[:2]) for name in runs if not name.startswith("limit/")):
        if density not in SHOWN:
            continue
        ways = {way: runs[f"{layer}/{density}/{way}"] for way in ("sparse", "dense", "chosen")}
        speed = ways["chosen"]["GSOP/s"]
        share = f"{100 * speed / limit:.0f} %" if limit else ""
        rows.append([layer, f"{100 * ways['chosen']['density']:.1f} %", *(f"{run['us/timestep']:.1f}" for run in ways.values()), f"{speed:.1f}", share])
    known = "; ".join(f"{name} {value:.0f}" for name, value in limits.items())
    document = {
        "kind": "table",
        "section": "Speed and memory",
        "order": 3,
        "title": "The cpu target, layer by layer",
        "text": "Microseconds per timestep of one layer on one thread (T = 8): its spikes listed (sparse), multiplied (dense), and as the target chooses. "
        "The last column is the share of what the registers of this core can add, in 10^9 synaptic operations per second"
        + (f" (limits measured in the same run, AVX-512: {known})." if known else "."),
        "columns": ["layer", "density", "sparse, us", "dense, us", "chosen, us", "GSOP/s", "of the limit"],
        "rows": rows,
        "source": "bench/bench_layers.cpp, bench/layers_table.py",
        "command": "scripts/bench-cpu.sh",
        "machine": options.machine,
        "date": datetime.date.today().isoformat(),
    }
    (ROOT / "bench" / "results" / "cpu_layers.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
