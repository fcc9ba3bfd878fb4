"""--report of convert, eval and sweep, and the demo's page, looked at in a real browser on a desk and on a phone."""

import re

import numpy as np
import pytest

import browser
from conftest import assert_refused, run, run_json, settings_file

WIDTHS = [1280, 390]
needs_browser = pytest.mark.skipif(browser.CHROMIUM is None, reason="needs chromium (apt install chromium)")


@pytest.fixture(scope="module")
def pages(models, tmp_path_factory):
    """{subcommand: page}, each made with the digits."""
    folder = tmp_path_factory.mktemp("pages")
    commands = {
        "convert": ["convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--epochs", 1, "--tune", "none", "--threads", 1, "-o",
                    folder / "snn.nir"],
        "eval": ["eval", models / "snn.nir", "--data", "digits"],
        "eval of an ANN": ["eval", models / "ann.onnx", "--data", "digits"],
        "sweep": ["sweep", models / "ann.onnx", "--data", "digits", "-T", "2,4", "--seeds", "0,1", "--settings",
                  folder / "settings.json"],
    }
    (folder / "settings.json").write_text('{"epochs": 0, "tune": "none"}')
    made = {}
    for name, command in commands.items():
        made[name] = folder / f"{name.replace(' ', '_')}.html"
        result = run(*command, "--report", made[name])
        assert result.returncode == 0, result.stderr
    return made


@needs_browser
@pytest.mark.parametrize("name", ["convert", "eval", "eval of an ANN", "sweep"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows_and_no_chart_is_empty(pages, tmp_path, name, width):
    seen = browser.measure(pages[name], tmp_path, width)
    assert seen["width"] == pytest.approx(width, abs=20)
    assert seen["content"] <= seen["width"] and seen["wide"] == []
    assert bool(seen["charts"]) == (name != "eval of an ANN")
    for chart in seen["charts"]:
        assert chart["marks"] >= 3 and chart["width"] > 250 and chart["height"] > 60, chart
        assert chart["outside"] == [], chart
    assert len(seen["images"]) >= 8
    assert all(image["width"] == image["height"] == 8 and image["shown"] >= 60 for image in seen["images"])


@needs_browser
def test_a_screenshot_shows_the_page(pages, tmp_path):
    for width in WIDTHS:
        assert len(browser.screenshot(pages["convert"], tmp_path, width, 1200)) > 20_000  # a blank one has 5,000


@needs_browser
def test_the_page_of_a_conversion_has_every_part(pages, tmp_path):
    headings = browser.measure(pages["convert"], tmp_path, 1280)["headings"]
    for part in ["Accuracy over timesteps", "The two modes", "Stages of the conversion", "Where the loss is", "Sparsity by layer",
                 "Operations by layer", "Sample images", "Spikes of one image"]:
        assert part in headings


def test_the_page_has_the_figures_of_the_document(models, tmp_path):
    page = tmp_path / "page.html"
    document = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits", "--report", page)
    text = page.read_text()
    assert f"{100 * document['accuracy']:.2f} %" in text and f"{100 * document['sparsity']:.2f} %" in text
    for layer in document["layers"]:
        assert layer["layer"] in text


def test_both_modes_are_shown_with_what_they_cost(models, tmp_path):
    page = tmp_path / "page.html"
    own = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits", "--report", page)
    other = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits", "--mode", "exact")
    section = page.read_text().split("The two modes")[1].split("</section>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in section.split("<tr>")]
    shown = {row[0]: row[1:] for row in rows if row}
    for document in (own, other):
        accuracy, agreement, latency, sparsity, _ = shown[document["mode"]]
        assert accuracy == f"{100 * document['accuracy']:.2f} %" and agreement == "-"
        assert latency == str(document["latency_timesteps"]) and sparsity == f"{100 * document['sparsity']:.2f} %"
    assert other["latency_timesteps"] > own["latency_timesteps"]


def test_agreement_and_answers_are_those_of_both_networks(pages):
    text = pages["convert"].read_text()
    assert "same answer as the ANN" in text
    captions = re.findall(r"<figcaption>image (\d+)<br>label <b>(\d)</b><br>ANN <b class=\"(\w+)\">(\d)</b><br>SNN <b class=\"(\w+)\">(\d)</b>",
                          text)
    assert [int(caption[0]) for caption in captions[:8]] == list(range(8))
    for _, label, ann_class, ann, snn_class, snn in captions:
        assert (ann_class == "right") == (ann == label) and (snn_class == "right") == (snn == label)
    assert all(ann != snn for _, _, _, ann, _, snn in captions[8:])


def test_without_labels_there_is_agreement_and_no_label(models, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
    np.savez(tmp_path / "images.npz", x_train=images[:40], x_test=images[40:])
    page, settings = tmp_path / "page.html", settings_file(tmp_path, epochs=0, tune="none")
    result = run("sweep", models / "ann.onnx", "--data", tmp_path / "images.npz", "-T", "2,4", "--settings", settings, "--report", page)
    assert result.returncode == 0, result.stderr
    text = page.read_text()
    assert "Agreement over timesteps" in text and "There are no labels" in text
    assert "ANN accuracy" not in text and "<br>label" not in text and ">nan" not in text


def test_a_page_without_accuracies_is_refused(models, tmp_path):
    result = run("convert", models / "ann.onnx", "--data", "digits", "--no-eval", "-o", tmp_path / "snn.nir", "--report", tmp_path / "page.html")
    assert_refused(result, "--report", "--no-eval")


def test_a_page_that_cannot_be_written_stops_before_the_work(models, tmp_path):
    result = run("eval", models / "snn.nir", "--data", "digits", "--report", tmp_path / "absent" / "page.html")
    assert_refused(result, "page.html", "folder")
    assert_refused(run("eval", models / "snn.nir", "--data", "digits", "--report", tmp_path / "a", "--json", tmp_path / "a"), "two outputs")


def test_names_from_a_model_are_text_and_nothing_else(models, tmp_path):
    """A layer may be called anything; the page stays a page."""
    import onnx

    model = onnx.load(models / "ann.onnx")
    for node in model.graph.node:
        if node.op_type == "Relu":
            node.name = "<script>alert(1)</script>" + "very_long_name_" * 20 + node.name
    onnx.save(model, tmp_path / "odd.onnx")
    page = tmp_path / "page.html"
    result = run("convert", tmp_path / "odd.onnx", "--data", "digits", "-T", 2, "--epochs", 0, "--tune", "none", "-o", tmp_path / "odd.nir",
                 "--report", page)
    assert result.returncode == 0, result.stderr
    assert "<script" not in page.read_text()
    if browser.CHROMIUM:
        seen = browser.measure(page, tmp_path, 390)
        assert seen["content"] <= seen["width"] and all(chart["outside"] == [] for chart in seen["charts"])
