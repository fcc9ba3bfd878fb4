#!/usr/bin/env python3
"""Writes docs/benchmarks.md, and the tables of README.md, from the measurements in bench/results/*.json.

    scripts/make-benchmarks.py            writes both
    scripts/make-benchmarks.py --check    writes nothing; exit status 1 when one of them is not what it would write

A document there has a "kind": machines, network (a shipped network and its figures), table, or gpu_speed; and says what it
was measured with ("command"), on what ("machine", a name of machines.json), when ("date") and where the figures stood
before ("source"). A new figure goes into one of them, never into the page.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- table of {}: made by scripts/make-benchmarks.py -->", "<!-- end -->"
README_TIMESTEPS = (4, 8, 16, 32)
CONVERSION = "Conversion without training"
CONVERSION_COLUMNS = ("T", "mode, neurons", "accuracy, %", "below the ANN", "sparsity, %", "synaptic operations per image", "seconds")

INTRODUCTION = """# Benchmarks

Made by `scripts/make-benchmarks.py` from [bench/results/](../bench/results/): edit those, not this page. Every figure has its command, its data, its machine and its date.
Accuracy is that of the integer network on the whole test set; *sparsity* is 1 - spikes / (IF neurons x timesteps x images), input and output layers not counted; a *synaptic operation* is one spike that reaches one weight.
Speeds are single runs unless a median is named. Experiments, with what did not help, are in [lab/](../lab/).
"""

REPRODUCE = """## How to reproduce

The commands stand below each table; `DIR` is a folder with CIFAR-10 in the binary layout. "CIFAR-10 (JPEG q75)" is CIFAR-10 after one pass through JPEG (quality 75, 4:2:0 chroma): other encodings of the images differ a little.
Where a command names an option that this version no longer has, the commit beside it is one that has it; the networks themselves are in [models/](../models/), and `eval` on them gives these figures with any version:

    neurocuda eval models/resnet20_cifar10/snn_t32.nir --data DIR
    neurocuda sweep models/resnet20_cifar10/snn_t32.nir --data DIR -T 1,2,4,8,16,32
    NEUROCUDA_CIFAR10=DIR .venv/bin/python -m pytest tests/cli/test_models.py     # every figure of models/*/README.md
    scripts/gpu.sh build test bench                                               # on a machine with a GPU
"""


def read_results(folder):
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def of_kind(results, *kinds):
    return sorted((r for r in results.values() if r["kind"] in kinds), key=lambda r: r["order"])


def operations(count):
    """A number of synaptic operations: 158.0 M, 279 k."""
    if count is None:
        return ""
    return f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count / 1e3:.0f} k"


def percent(value):
    return "" if value is None else f"{value:.2f}"


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def indented(commands):
    return "\n".join(f"    {command}" for command in commands)


def evaluation_of(snn, timesteps):
    return next((e for e in snn["evaluations"] if e["timesteps"] == timesteps), None)


def network_section(network):
    ann = network["ann"]
    where = f" Files: [{network['folder']}/](../{network['folder']}/)." if network["folder"] else ""
    facts = [f"{network['data']}, {network['images']:,} images, seed {network['seed']}, machine {network['machine']}."]
    if "parameters" in network:
        facts.append(f"{network['parameters']} parameters, {operations(network['macs_per_image'])} dense multiply-accumulates per image.")
    facts.append(f"ANN: **{percent(ann['accuracy'])} %**.{where}")
    rows = [
        [snn["title"] if first else "", e["timesteps"], percent(e["accuracy"]), f"{e['accuracy'] - ann['accuracy']:+.2f}", percent(e.get("sparsity")),
         operations(e.get("synops_per_image"))]
        for snn in network["snns"] for first, e in ((e is snn["evaluations"][0], e) for e in snn["evaluations"])
    ]
    parts = [f"### {network['title']}", " ".join(facts),
             table(["network", "T", "accuracy, %", "points to the ANN", "sparsity, %", "synaptic operations per image"], rows)]
    notes = [snn["note"] for snn in network["snns"] if "note" in snn]
    if "seeds" in network:
        timesteps = sorted(map(int, network["seeds"][0]["accuracies"]))
        rows = [[s["seed"], percent(s["ann"]), *(percent(s["accuracies"][str(t)]) for t in timesteps)] for s in network["seeds"]]
        parts += ["Other seeds, accuracy in %:", table(["seed", "ANN", *(f"T = {t}" for t in timesteps)], rows)]
    if notes:
        parts.append(" ".join(notes))
    dates = sorted({ann["date"], *(snn["date"] for snn in network["snns"])})
    commands = ann["commands"] + [command for snn in network["snns"] for command in snn["commands"]]
    parts += [f"Made with commit {network['commit']} or before ({' to '.join(dict.fromkeys((dates[0], dates[-1])))}); in the terms of today's options:", indented(commands)]
    return "\n\n".join(parts)


def provenance(result):
    commit = f", commit {result['commit']}" if "commit" in result else ""
    return f"Machine {result['machine']}, {result['date']}{commit}: `{result['command']}`"


def table_section(result):
    parts = [f"### {result['title']}", *([result["text"]] if "text" in result else []), table(result["columns"], result["rows"]), provenance(result)]
    return "\n\n".join(parts)


def speed(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value < 10_000 else f"{value / 1e3:,.1f} k"


def gpu_speed_section(result):
    peers = {"dense_fp16": "dense, fp16", "spikingjelly_cupy": "SpikingJelly, CuPy", "spikingjelly_torch": "SpikingJelly, torch", "snntorch": "snnTorch"}
    rows = [
        [r["batch"], r["timesteps"], speed(r["neurocuda"]), f"{r['synops_per_second'] / 1e12:.2f}", *(speed(r[peer]) for peer in peers),
         f"{r['neurocuda'] / r['dense_fp16']:.2f}" if r["dense_fp16"] else ""]
        for r in result["rows"]
    ]
    columns = ["batch", "T", "NeuroCUDA", "10^12 synaptic operations/s", *peers.values(), "NeuroCUDA / dense"]
    also = table(["beside it, on the same card", ""], [[name, speed(value)] for name, value in result["also"].items()])
    return "\n\n".join([f"### {result['title']}", result["text"], table(columns, rows), also, provenance(result)])


def page(results):
    machines = results["machines"]["machines"]
    parts = [INTRODUCTION.strip(), "## Machines", table(["name", "machine"], machines.items()), "## Networks"]
    parts += [network_section(network) for network in of_kind(results, "network")]
    measured = of_kind(results, "table", "gpu_speed")
    for section in ("Conversion without training", "Speed and memory", "Equality"):
        found = [r for r in measured if r["section"] == section]
        parts += [f"## {section}"] if found else []
        parts += [gpu_speed_section(r) if r["kind"] == "gpu_speed" else table_section(r) for r in found]
    return "\n\n".join([*parts, REPRODUCE.strip()]) + "\n"


def networks_table(results):
    """The networks that have a name for README: accuracy by timesteps, the sparsity at the largest of them."""
    rows = []
    for network in of_kind(results, "network"):
        for snn in network["snns"]:
            if "readme" not in snn:
                continue
            accuracies = [evaluation_of(snn, timesteps) for timesteps in README_TIMESTEPS]
            last = next((e for e in reversed(snn["evaluations"]) if "sparsity" in e), None)
            sparsity = f"{percent(last['sparsity'])} (T = {last['timesteps']})" if last else ""
            rows.append([snn["readme"], percent(network["ann"]["accuracy"]), *(percent(e["accuracy"]) if e else "" for e in accuracies), sparsity])
    return table(["network", "ANN", *(f"T = {t}" for t in README_TIMESTEPS), "sparsity"], rows)


def conversion_table(results):
    """What `convert` makes without training: of each network every T, neurons and mode that were measured."""
    def cell(value):
        return percent(value) if isinstance(value, float) else str(value)

    rows = []
    for result in of_kind(results, "table"):
        if result["section"] == CONVERSION:
            rows += [[result["title"], *[cell(row[result["columns"].index(column)]) for column in CONVERSION_COLUMNS]] for row in result["rows"]]
    return table(["network", *CONVERSION_COLUMNS], rows)


def readme_with_tables(text, results):
    for name, made in {"conversions": conversion_table, "networks": networks_table}.items():
        begin = BEGIN.format(name)
        if text.count(begin) != 1 or END not in text.split(begin)[1]:
            sys.exit(f"README.md: needs one '{begin}' with '{END}' behind it")
        before, rest = text.split(begin)
        text = before + begin + "\n" + made(results) + "\n" + END + rest.split(END, 1)[1]
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what is out of date")
    options = parser.parse_args()
    results = read_results(ROOT / "bench" / "results")
    readme, benchmarks = ROOT / "README.md", ROOT / "docs" / "benchmarks.md"
    wanted = {benchmarks: page(results), readme: readme_with_tables(readme.read_text(), results)}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if options.check:
            print(f"{path.relative_to(ROOT)}: out of date; run scripts/make-benchmarks.py")
        else:
            path.write_text(wanted[path])
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
