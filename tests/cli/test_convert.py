import json
from pathlib import Path

import nir
import pytest

import onnx_files
from conftest import assert_refused, run, run_json, settings_file

STAGES = ["ann", "folded", "fitted", "qcfs", "qcfs_fitted", "tuned"]


def test_document_has_every_stage(models):
    document = json.loads((models / "convert.json").read_text())
    assert document["timesteps"] == 8
    assert [stage["name"] for stage in document["stages"]] == STAGES
    for stage in document["stages"]:
        assert 0 <= stage["accuracy"] <= 1 and 0 <= stage["agreement"] <= 1 and stage["seconds"] >= 0
        assert document[stage["name"] + "_accuracy"] == stage["accuracy"]
    assert document["epochs"] == 1
    assert document["bounds"]["fits_int32"] is True
    assert document["evaluation"]["accuracy"] == document[document["chosen_stage"] + "_accuracy"]


def test_a_relu_on_the_logits_is_left_out_and_said(tmp_path):
    ann = onnx_files.ends_in_relu(tmp_path / "ann.onnx")
    document = run_json(tmp_path, "convert", ann, "--data", "digits", "--calibration-images", 200, "-T", 4, "--threads", 1, "-o", tmp_path / "s.nir")
    assert any("ReLU 'last' on the logits is left out" in notice for notice in document["notices"])
    swept = run_json(tmp_path, "sweep", ann, "--data", "digits", "-T", 2, "--threads", 1)
    assert any("ReLU 'last' on the logits is left out" in notice for notice in swept["notices"])
    layers = [node["name"] for node in run_json(tmp_path, "inspect", tmp_path / "s.nir")["nodes"]]
    assert "relu" in layers and "last" not in layers
    judged = {finding["node"]: finding for finding in run_json(tmp_path, "doctor", ann)["findings"]}
    assert judged["last"]["verdict"] == "exact" and "left out" in judged["last"]["reason"]


def test_the_default_trains_nothing(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "--calibration-images", 300, "-T", 4, "--threads", 1,
                        "-o", tmp_path / "snn.nir")
    assert [stage["name"] for stage in document["stages"]] == ["ann", "folded", "fitted"]
    assert document["chosen_stage"] == "fitted" and document["fit_images"] == 300 and document["epochs"] == 0
    assert document["conversion_seconds"] > 0 and document["peak_bytes"] > 10**7
    assert {"layer", "ridge", "refitted", "error_before", "error_after"} <= set(document["layers"][0])
    # Any T up to its own is served by the same file.
    accuracy = [run_json(tmp_path, "eval", tmp_path / "snn.nir", "--data", "digits", "-T", t)["accuracy"] for t in (1, 2, 4)]
    assert accuracy[2] == document["evaluation"]["accuracy"] and accuracy[2] > 0.5


@pytest.mark.parametrize("mode", ["synchronous", "exact"])
def test_the_file_does_not_depend_on_the_threads(models, tmp_path, mode):
    for threads in (1, 2):
        result = run("convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--mode", mode, "--threads", threads, "--no-eval",
                     "--settings", settings_file(tmp_path, attribution_images=0, fit_images=203), "-o", tmp_path / f"{threads}.nir")
        assert result.returncode == 0, result.stderr
    weights = []
    for threads in (1, 2):
        graph = nir.read(tmp_path / f"{threads}.nir")
        weights.append({name: {k: v.tobytes() for k, v in vars(node).items() if hasattr(v, "tobytes")} for name, node in graph.nodes.items()})
    assert weights[0] == weights[1]  # the files differ in the setting `threads` alone


def test_folding_changes_no_accuracy(models):
    document = json.loads((models / "convert.json").read_text())
    assert document["folded_accuracy"] == pytest.approx(document["ann_accuracy"], abs=0.003)


def test_no_resume_state_is_left(models):
    assert not list(models.glob("snn.nir*.resume.pt"))


def test_nir_package_reads_the_file(models):
    graph = nir.read(models / "snn.nir")
    assert any(isinstance(node, nir.IF) for node in graph.nodes.values())


def test_two_conversions_write_the_same_bytes(models, tmp_path):
    for name in ["a.nir", "b.nir"]:
        result = run("convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--epochs", 0, "--threads", 1, "--no-eval",
                     "--calibration-images", 200, "-o", tmp_path / name)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "a.nir").read_bytes() == (tmp_path / "b.nir").read_bytes()


def test_without_evaluation(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--epochs", 0, "--threads", 1, "--no-eval",
                        "-o", tmp_path / "snn.nir")
    assert document["evaluation"] is None and document["fitted_accuracy"] is None


def test_an_snn_is_no_ann(models, tmp_path):
    result = run("convert", models / "snn.nir", "--data", "digits", "-o", tmp_path / "out.nir")
    assert_refused(result, "snn.nir", "ANN")
    assert not (tmp_path / "out.nir").exists()


def test_tuning_through_time_is_reported(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 2, "--epochs", 1, "--tune", "bptt", "--tune-epochs", 1,
                        "--tune-images", 300, "--threads", 1, "--eval-images", 50, "-o", tmp_path / "snn.nir")
    tuning = document["tuning"]
    assert tuning["epochs"] == 1 and len(tuning["held_out_accuracy"]) == 2
    assert tuning["chosen_epoch"] in (0, 1)
    assert tuning["held_out_accuracy"][tuning["chosen_epoch"]] == max(tuning["held_out_accuracy"])
    assert (tuning["epoch_statistics"][0]["train_accuracy"] * 256).is_integer()  # two batches of 128
    assert tuning["micro_batch"] == 128 and tuning["predicted_bytes"] > 0


def test_what_few_people_touch_is_set_by_a_file(models, tmp_path):
    def losses(**settings):
        arguments = ["--data", "digits", "-T", 2, "--epochs", 1, "--tune", "bptt", "--tune-epochs", 1, "--threads", 1, "--no-eval"]
        arguments += ["--settings", settings_file(tmp_path, **settings), "-o", tmp_path / "snn.nir"]
        document = run_json(tmp_path, "convert", models / "ann.onnx", *arguments)
        assert document["settings"].items() >= settings.items()
        return [part["epoch_statistics"][0]["loss"] for part in (document, document["tuning"])]

    plain = losses(rate_matching=0, tune_distillation=0)
    assert losses(rate_matching=3, tune_distillation=0)[1] > plain[1]
    assert losses(rate_matching=0, tune_distillation=3)[1] > plain[1]
    without_labels = losses(rate_matching=0, label_weight=0)
    assert all(0 < w < p for w, p in zip(without_labels, losses(rate_matching=0)))


def test_settings_read_back_make_the_same_file(models, tmp_path):
    """An odd choice, so that no default can be mistaken for it."""
    odd = settings_file(tmp_path, rate_matching=3.7, percentile=99.3, crop_padding=2, average=0.9)
    arguments = [models / "ann.onnx", "--data", "digits", "--no-eval"]
    options = ["-T", 3, "--levels", 5, "--epochs", 1, "--tune-epochs", 1, "--calibration-images", 500, "--seed", 9, "--threads", 1, "--batch-size", 50]
    document = run_json(tmp_path, "convert", *arguments, *options, "--settings", odd, "-o", tmp_path / "first.nir")
    result = run("convert", *arguments, "--settings", tmp_path / "first.nir", "-o", tmp_path / "again.nir")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "again.nir").read_bytes() == (tmp_path / "first.nir").read_bytes()
    (tmp_path / "document.json").write_text(json.dumps(document))
    result = run("convert", *arguments, "--settings", tmp_path / "document.json", "-o", tmp_path / "third.nir")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "third.nir").read_bytes() == (tmp_path / "first.nir").read_bytes()


def test_an_option_wins_over_a_recipe_and_that_over_a_file(models, tmp_path):
    file = settings_file(tmp_path, label_weight=0.7, held_out=0.2, epochs=0)
    common = ["convert", models / "ann.onnx", "--data", "digits", "--threads", 1, "--no-eval", "--settings", file, "-o", tmp_path / "snn.nir"]
    settings = run_json(tmp_path, *common, "--recipe", "few-images", "--held-out", 0.3)["settings"]
    assert (settings["label_weight"], settings["held_out"], settings["epochs"]) == (0.3, 0.3, 10)


@pytest.mark.parametrize(
    "content, parts",
    [
        ('{"percentile": 20}', ["percentile 20", "50 to 100"]),
        ('{"mixup": 1}', ["mixup", "gone"]),
        ('{"lambda_lr": 1}', ["lambda_lr", "lambda_learning_rate"]),
        ('{"procentile": 99}', ["procentile", "no such setting", "did you mean percentile?"]),
        ('{"mode": "fast"}', ["mode fast", "synchronous"]),
        ("[1, 2]", ["JSON object"]),
        ('{"epochs": 1', ["JSON object"]),
        ('{"epochs": ' + "[" * 50000 + "]" * 50000 + "}", ["epochs [...]"]),
    ],
)
def test_a_bad_settings_file_is_told(models, tmp_path, content, parts):
    (tmp_path / "settings.json").write_text(content)
    result = run("convert", models / "ann.onnx", "--data", "digits", "--settings", tmp_path / "settings.json", "-o", tmp_path / "snn.nir")
    assert_refused(result, "settings.json", *parts)
    assert not (tmp_path / "snn.nir").exists()


def test_a_network_that_does_not_know_its_settings(models, tmp_path):
    old = Path(__file__).parents[2] / "models/resnet20_cifar10/snn_t4.nir"
    result = run("convert", models / "ann.onnx", "--data", "digits", "--settings", old, "-o", tmp_path / "snn.nir")
    assert_refused(result, "snn_t4.nir", "settings")


@pytest.mark.parametrize(
    "option, answer",
    [
        ("--mixup", "gone"),
        ("--correction-rounds", "gone"),
        ("--noise", "gone"),
        ("--freeze-weights", "gone"),
        ("--float-weights", "gone"),
        ("--lr", "--learning-rate"),
        ("--tune-lr", "--tune-learning-rate"),
        ("--tune-rates", "rate_matching"),
        ("--lambda-lr", "lambda_learning_rate"),
        ("--label-weight", "--settings"),
        ("--average", "--settings"),
    ],
)
def test_an_option_that_is_gone_says_what_took_its_place(models, tmp_path, option, answer):
    result = run("convert", models / "ann.onnx", "--data", "digits", option, "1", "-o", tmp_path / "snn.nir")
    assert_refused(result, option, answer)
    assert not (tmp_path / "snn.nir").exists()


def test_the_help_fits_two_screens():
    lines = run("convert", "--help").stdout.splitlines()
    options = [line for line in lines if line.startswith("  ")]
    assert len(options) <= 40 and len(lines) <= 66
    assert all(len(line) <= 160 for line in lines)
    for gone in ("mixup", "cutmix", "plain-epochs", "noise", "freeze-weights", "per-timestep", "float-weights", "lambda-lr", "label-weight"):
        assert gone not in "".join(lines)


def test_the_share_that_is_held_out_trains_nothing(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 2, "--epochs", 2, "--tune", "bptt", "--tune-epochs", 2,
                        "--held-out", 0.5, "--threads", 1, "--no-eval", "-o", tmp_path / "snn.nir")
    for stage in [document, document["tuning"]]:
        for epoch in stage["epoch_statistics"]:
            assert (epoch["train_accuracy"] * 640).is_integer()  # five batches of 128: of half of the images


def test_something_must_teach(models, tmp_path):
    result = run("convert", models / "ann.onnx", "--data", "digits", "--epochs", 1, "--settings", settings_file(tmp_path, label_weight=0, distillation=0),
                 "-o", tmp_path / "snn.nir")
    assert_refused(result, "distillation (in a settings file) 0", "label_weight")
    assert not (tmp_path / "snn.nir").exists()


@pytest.mark.parametrize("option, value", [("--held-out", "0"), ("--percentile", "20"), ("--levels", "0"), ("--tune", "rate"), ("--epochs", "1.5"), ("--batch-size", "many")])
def test_a_value_out_of_range_is_refused(models, tmp_path, option, value):
    result = run("convert", models / "ann.onnx", "--data", "digits", option, value, "-o", tmp_path / "snn.nir")
    assert_refused(result, option, value)
    assert not (tmp_path / "snn.nir").exists()


def test_errors_are_attributed(models):
    attribution = json.loads((models / "convert.json").read_text())["attribution"]
    assert attribution["largest"] in ["clipping", "quantisation", "unevenness", "rounding"]
    assert all(layer[part] >= 0 for layer in attribution["layers"] for part in ["training", "clipping", "quantisation", "unevenness", "rounding"])


def test_the_test_images_choose_nothing(models, tmp_path):
    """Whatever stands in the test split, the network that is written is the same."""
    for name, images in [("a.nir", 10), ("b.nir", 300)]:
        result = run("convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--epochs", 1, "--tune-epochs", 1, "--threads", 1,
                     "--eval-images", images, "-o", tmp_path / name)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "a.nir").read_bytes() == (tmp_path / "b.nir").read_bytes()


def test_one_calibration_for_several_timesteps(models, tmp_path):
    common = ["--data", "digits", "--epochs", 1, "--tune-epochs", 1, "--threads", 1, "--no-eval"]
    whole = run_json(tmp_path, "convert", models / "ann.onnx", "-T", 4, *common, "-o", tmp_path / "whole.nir",
                     "--save-calibrated", tmp_path / "qcfs.onnx")
    again = run_json(tmp_path, "convert", models / "ann.onnx", "-T", 4, "--calibrated", tmp_path / "qcfs.onnx", *common, "-o",
                     tmp_path / "again.nir")
    assert whole["calibrated"] is None and again["calibrated"] == str(tmp_path / "qcfs.onnx")
    assert again["epochs"] == 0 and again["tuning"]["held_out_accuracy"] == whole["tuning"]["held_out_accuracy"]
    assert (tmp_path / "again.nir").read_bytes() == (tmp_path / "whole.nir").read_bytes()


def test_nothing_calibrated_cannot_be_saved(models, tmp_path):
    result = run("convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--save-calibrated", tmp_path / "qcfs.onnx", "-o", tmp_path / "snn.nir")
    assert_refused(result, "--save-calibrated", "--recipe train")


def test_the_subcommand_that_is_gone(tmp_path):
    assert_refused(run("correct", tmp_path / "snn.nir", "--data", "digits", "-o", tmp_path / "out.nir"), "'correct' is gone", "convert")


def test_an_ann_is_no_calibration(models, tmp_path):
    result = run("convert", models / "ann.onnx", "--calibrated", models / "ann.onnx", "--data", "digits", "-o", tmp_path / "out.nir")
    assert_refused(result, "ann.onnx", "calibrated")
    assert not (tmp_path / "out.nir").exists()
