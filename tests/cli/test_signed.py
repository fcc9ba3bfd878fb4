"""convert --neuron signed: the network, and every place where it is named."""

import json

import pytest

from conftest import assert_refused, run, run_json


@pytest.fixture(scope="module")
def folder(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    document = run_json(folder, "convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--neuron", "signed", "-o", folder / "signed.nir",
                        "--report", folder / "page.html")
    (folder / "convert.json").write_text(json.dumps(document))
    run_json(folder, "convert", models / "ann.onnx", "--data", "digits", "-T", 4, "-o", folder / "plain.nir")
    return folder


def test_eval_says_what_they_are(folder):
    signed = run_json(folder, "eval", folder / "signed.nir", "--data", "digits")
    plain = run_json(folder, "eval", folder / "plain.nir", "--data", "digits")
    assert (signed["neuron"], plain["neuron"]) == ("signed", "plain")
    assert signed["accuracy"] > 0.9
    assert signed["sparsity"] < plain["sparsity"]


def test_every_target_and_mode_agrees(folder):
    for mode in ("synchronous", "exact"):
        document = run_json(folder, "verify", folder / "signed.nir", "--data", "digits", "--images", 20, "--mode", mode, "--targets", "reference,cpu")
        assert document["deviations"] == 0


def test_it_is_labelled(folder):
    assert "signed neurons" in run("eval", folder / "signed.nir", "--data", "digits", "--images", 5).stdout
    assert "signed IF" in run("inspect", folder / "signed.nir").stdout
    assert "signed integrate-and-fire neurons" in (folder / "page.html").read_text()
    assert run_json(folder, "inspect", folder / "signed.nir")["neuron"] == "signed"
    document = json.loads((folder / "convert.json").read_text())
    assert document["settings"]["neuron"] == "signed" and document["evaluation"]["neuron"] == "signed"


def test_exact_networks_have_plain_neurons(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--neuron", "signed", "--mode", "exact", "-o", tmp_path / "snn.nir")
    assert document["evaluation"]["neuron"] == "plain"


def test_refusals(models, tmp_path):
    output = tmp_path / "snn.nir"
    assert_refused(run("convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--neuron", "lif", "-o", output), "neuron", "lif", "plain", "signed")
    assert_refused(run("convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--neuron", "signed", "--tune", "bptt", "-o", output), "tune", "signed neurons")
