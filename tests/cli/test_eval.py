import pytest

from conftest import assert_refused, run, run_json

KEYS = {"accuracy", "images", "timesteps", "target", "sparsity", "spikes_per_image", "synops_per_image",
        "dense_macs_per_image", "images_per_second", "data"}


def test_snn_document(models, tmp_path):
    document = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits")
    assert KEYS <= document.keys()
    assert document["target"] == "cpu" and document["timesteps"] == 8
    assert 0.5 < document["accuracy"] <= 1
    assert 0 < document["sparsity"] < 1
    assert document["synops_per_image"] > 0


def test_the_file_has_the_accuracy_of_the_conversion(models, tmp_path):
    import json

    converted = json.loads((models / "convert.json").read_text())["evaluation"]
    document = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits")
    for key in ["accuracy", "sparsity", "spikes_per_image", "synops_per_image"]:
        assert document[key] == converted[key]


def test_targets_agree(models, tmp_path):
    arguments = ["eval", models / "snn.nir", "--data", "digits", "--images", 30]
    reference = run_json(tmp_path, *arguments, "--target", "reference")
    cpu = run_json(tmp_path, *arguments, "--target", "cpu")
    assert reference["images"] == 30
    for key in ["accuracy", "sparsity", "spikes_per_image", "synops_per_image", "layers"]:
        assert reference[key] == cpu[key]


def test_timesteps_and_split(models, tmp_path):
    document = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits", "-T", 3, "--split", "train", "--images", 20)
    assert document["timesteps"] == 3 and "train" in document["data"]


def test_exact_mode(models, tmp_path):
    document = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits", "--mode", "exact")
    assert document["mode"] == "exact" and document["accuracy"] > 0.5


def test_ann(models, tmp_path):
    document = run_json(tmp_path, "eval", models / "ann.onnx", "--data", "digits")
    assert {"accuracy", "images", "target", "dense_macs_per_image", "images_per_second", "data"} <= document.keys()
    assert document["accuracy"] > 0.6


def test_text_holds_the_same_facts(models):
    result = run("eval", models / "snn.nir", "--data", "digits", "--layers")
    assert result.returncode == 0
    for word in ["accuracy", "sparsity", "synaptic operations", "images/s", "layer"]:
        assert word in result.stdout


def test_labels_beyond_the_networks_classes_are_noted(models, tmp_path):
    import numpy as np

    labels = np.repeat([1, 12, 3, 40], 5)  # every fifth image is of the test part
    np.savez(tmp_path / "more.npz", x=np.zeros((20, 1, 8, 8), np.uint8), y=labels)
    document = run_json(tmp_path, "eval", models / "snn.nir", "--data", tmp_path / "more.npz")
    (notice,) = [text for text in document["notices"] if "labels" in text]
    assert "2 of 4 images" in notice and "10 classes" in notice and "wrong" in notice


def test_unknown_target(models):
    assert_refused(run("eval", models / "snn.nir", "--data", "digits", "--target", "tpu"), "tpu", "reference", "cpu")


def test_gpu_says_how_to_get_it(models, tmp_path):
    gpu = next(entry for entry in run_json(tmp_path, "backends")["backends"] if entry["target"] == "gpu")
    if gpu["available"]:
        pytest.skip("this build has the gpu target and a device")
    assert "NEUROCUDA_CUDA" in gpu["remedy"] or "there is no device" in gpu["remedy"]
    assert_refused(run("eval", models / "snn.nir", "--data", "digits", "--target", "gpu"), "gpu", gpu["remedy"])


def test_the_gpu_is_chosen_by_its_index(models):
    refused = run("eval", models / "snn.nir", "--data", "digits", "--target", "gpu", "--device", 1000)
    assert_refused(refused, "gpu", "not available")
    assert_refused(run("eval", models / "snn.nir", "--data", "digits", "--device", "one"), "--device", "one")


def test_an_ann_has_no_timesteps(models):
    assert_refused(run("eval", models / "ann.onnx", "--data", "digits", "-T", 4), "ann.onnx", "-T 4")


def test_an_ann_has_neither_modes_nor_spikes(models):
    assert_refused(run("eval", models / "ann.onnx", "--data", "digits", "--mode", "exact"), "--mode exact", "is an ANN")
    assert_refused(run("eval", models / "ann.onnx", "--data", "digits", "--layers"), "--layers", "is an ANN")


def test_an_ann_does_not_run_on_a_neuromorphic_chip(models):
    assert_refused(run("eval", models / "ann.onnx", "--data", "digits", "--target", "loihi2_sim"), "loihi2_sim")
