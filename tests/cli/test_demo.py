"""The demo with few epochs: its files, its report, its document. The full run is timed by scripts/quickstart.sh."""

import re
from html.parser import HTMLParser

import nir
import onnx
import pytest

from conftest import run_json


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    document = run_json(folder, "demo", "--out", folder / "out", "--epochs", 3)
    return folder / "out", document


def test_document(demo):
    _, document = demo
    assert document["ann_accuracy"] > 0.6
    assert [(entry["timesteps"], entry["target"]) for entry in document["evals"]] == [
        (timesteps, target) for timesteps in [4, 8, 16, 32] for target in ["reference", "cpu"]]
    assert len(document["verifications"]) == 4
    assert all(entry["deviations"] == 0 for entry in document["verifications"])
    assert document["neuron_timesteps"] >= 10**7


def test_the_fault_is_caught_with_the_right_neuron(demo):
    fault = demo[1]["injected_fault"]
    first = fault["verification"]["first_deviation"]
    assert fault["caught"] is True and fault["delta"] == 1
    assert first["layer"] == fault["layer"] and first["position"][0] == fault["channel"]


def test_files_are_what_they_say(demo):
    folder, _ = demo
    assert sorted(path.name for path in folder.iterdir()) == ["ann.onnx", "report.html", "snn.nir"]
    onnx.checker.check_model(str(folder / "ann.onnx"))
    assert nir.read(folder / "snn.nir").nodes


def test_snn_is_the_one_at_sixteen_timesteps(demo, tmp_path):
    folder, document = demo
    evaluation = run_json(tmp_path, "eval", folder / "snn.nir", "--data", "digits")
    shown = next(entry for entry in document["evals"] if entry["timesteps"] == 16 and entry["target"] == "cpu")
    assert evaluation["timesteps"] == 16
    for key in ["accuracy", "sparsity", "spikes_per_image", "synops_per_image"]:
        assert evaluation[key] == shown[key]


class Page(HTMLParser):
    """Checks that tags close in order and collects what the page shows."""

    VOID = {"meta", "br", "img"}

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_report_is_one_sound_self_contained_page(demo):
    html = (demo[0] / "report.html").read_text()
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert "http" not in html and "script" not in page.tags
    assert page.tags.count("svg") == 4
    assert page.tags.count("h2") == 7
    written = re.sub(r"base64,[^\"]*", "", html).lower()
    assert len(html) < 2_000_000 and "nan" not in written.replace("resonan", "")
    text = " ".join(page.text)
    for words in ["Accuracy over timesteps", "Stages of the conversion", "Sparsity by layer", "Operations by layer", "Spikes of one image",
                  "Verification", "spiking, fitted", "deviations"]:
        assert words in text
