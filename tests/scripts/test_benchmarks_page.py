"""docs/benchmarks.md, README's tables and the tables of models/ say what bench/results/*.json says."""

import json
import re
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def benchmarks(load_script):
    return load_script("make-benchmarks")


@pytest.fixture(scope="module")
def results(root, benchmarks):
    return benchmarks.read_results(root / "bench" / "results")


def test_page_and_readme_are_what_the_script_makes(root):
    done = subprocess.run([sys.executable, str(root / "scripts/make-benchmarks.py"), "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_changed_figure_changes_page_and_readme(root, benchmarks, results):
    changed = json.loads(json.dumps(results))
    changed["digits"]["snns"][0]["evaluations"][0]["accuracy"] = 12.34
    ann = changed["digits"]["ann"]["accuracy"]
    assert f"| converted anew for each T | 4 | 12.34 | {12.34 - ann:.2f} |" in benchmarks.page(changed)
    assert f"| {ann:.2f} | 12.34 |" in benchmarks.readme_with_tables((root / "README.md").read_text(), changed)


def test_every_conversion_stands_in_the_readme(root, results):
    readme = (root / "README.md").read_text()
    for name in ("without_training_resnet20", "without_training_resnet18"):
        table = results[name]
        timesteps = {row[0] for row in table["rows"] if row[1] == "synchronous"}
        assert timesteps >= {4, 8}, name
        for row in table["rows"]:
            assert f"| {table['title']} | {row[0]} | {row[1]} | {row[2]:.2f} | {row[3]:.2f} |" in readme


def test_every_result_says_how_it_was_measured(results):
    machines = results["machines"]["machines"]
    for name, result in results.items():
        if result["kind"] == "machines":
            continue
        assert result["source"], name
        assert all(machine in machines for machine in result["machine"].split(", ")), name
        dated = [result["ann"], *result["snns"]] if result["kind"] == "network" else [result]
        assert all(re.match(r"20\d\d-\d\d-\d\d", d["date"]) for d in dated), name
        assert result["ann"]["commands"] if result["kind"] == "network" else result["command"], name


def stated(readme):
    """The rows of a model's README: (file, T, sparsity, synaptic operations, accuracy)."""
    pattern = r"^\| `(\S+\.nir)` \| (\d+) \| ([\d.]+) \| ([\d.]+ M) \| ([\d.]+) \|$"
    return [(file, int(t), float(s), o, float(a)) for file, t, s, o, a in re.findall(pattern, readme, re.MULTILINE)]


@pytest.mark.parametrize("name", ["resnet20_cifar10", "vgg_small_cifar10"])
def test_the_figures_of_the_models_stand_in_the_results(root, benchmarks, results, name):
    network = results[name]
    rows = stated((root / network["folder"] / "README.md").read_text())
    assert len(rows) >= 3
    measured = [(e["timesteps"], e.get("sparsity"), benchmarks.operations(e.get("synops_per_image")), e["accuracy"])
                for snn in network["snns"] if snn["mode"] == "synchronous" for e in snn["evaluations"]]
    for file, *figures in rows:
        assert tuple(figures) in measured, file
    readme = (root / network["folder"] / "README.md").read_text()
    assert all(command in readme for snn in network["snns"] for command in snn["commands"])
