import json

import nir
import pytest

from conftest import assert_refused, run, run_json

STAGES = ["ann", "folded", "percentile", "qcfs", "if_float", "tuned", "if_integer"]


def test_document_has_every_stage(models):
    document = json.loads((models / "convert.json").read_text())
    assert document["timesteps"] == 8
    # A fine-tuned network is not corrected.
    last = [] if document["tuning"]["chosen_epoch"] > 0 else ["corrected"]
    assert [stage["name"] for stage in document["stages"]] == STAGES + last
    for stage in document["stages"]:
        assert 0 <= stage["accuracy"] <= 1 and stage["seconds"] >= 0
        assert document[stage["name"] + "_accuracy"] == stage["accuracy"]
    assert document["epochs"] == 1
    assert document["bounds"]["fits_int32"] is True
    assert document["evaluation"]["accuracy"] == document[(STAGES + last)[-1] + "_accuracy"]


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
    assert document["evaluation"] is None and document["if_integer_accuracy"] is None


def test_an_snn_is_no_ann(models, tmp_path):
    result = run("convert", models / "snn.nir", "--data", "digits", "-o", tmp_path / "out.nir")
    assert_refused(result, "snn.nir", "ANN")
    assert not (tmp_path / "out.nir").exists()


def test_tuning_through_time_is_reported(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 2, "--epochs", 1, "--tune", "bptt", "--tune-epochs", 1,
                        "--tune-images", 300, "--threads", 1, "--eval-images", 50, "-o", tmp_path / "snn.nir")
    tuning = document["tuning"]
    assert tuning["epochs"] == 1 and len(tuning["held_out_accuracy"]) == 2
    assert tuning["chosen_epoch"] == tuning["held_out_accuracy"].index(max(tuning["held_out_accuracy"])) or tuning["chosen_epoch"] == 1
    assert (tuning["epoch_statistics"][0]["train_accuracy"] * 256).is_integer()  # two batches of 128
    assert tuning["micro_batch"] == 128 and tuning["predicted_bytes"] > 0


def test_rates_and_the_teacher_have_weights(models, tmp_path):
    def loss(*weights):
        arguments = ["--data", "digits", "-T", 2, "--epochs", 1, "--tune", "bptt", "--tune-epochs", 1, "--threads", 1, "--no-eval"]
        document = run_json(tmp_path, "convert", models / "ann.onnx", *arguments, *weights, "-o", tmp_path / "snn.nir")
        return document["tuning"]["epoch_statistics"][0]["loss"]

    plain = loss("--tune-rates", 0, "--tune-distillation", 0)
    assert loss("--tune-rates", 3, "--tune-distillation", 0) > plain
    assert loss("--tune-rates", 0, "--tune-distillation", 3) > plain


@pytest.mark.parametrize("option", ["--mixup", "--cutmix"])
def test_images_are_mixed_in_calibration_and_fine_tuning(models, tmp_path, option):
    def losses(alpha):
        arguments = ["--data", "digits", "-T", 2, "--epochs", 1, "--tune", "bptt", "--tune-epochs", 1, "--threads", 1, "--no-eval"]
        document = run_json(tmp_path, "convert", models / "ann.onnx", *arguments, option, alpha, "-o", tmp_path / "snn.nir")
        return [part["epoch_statistics"][0]["loss"] for part in [document, document["tuning"]]]

    assert all(mixed > plain for mixed, plain in zip(losses(1), losses(0)))


def test_the_last_epochs_of_each_stage_are_not_mixed(models, tmp_path):
    def losses(*options):
        arguments = ["--data", "digits", "-T", 2, "--epochs", 2, "--tune", "bptt", "--tune-epochs", 2, "--threads", 1, "--no-eval"]
        document = run_json(tmp_path, "convert", models / "ann.onnx", *arguments, "--cutmix", 1, *options, "-o", tmp_path / "snn.nir")
        return [[epoch["loss"] for epoch in part["epoch_statistics"]] for part in [document, document["tuning"]]]

    (mixed, mixed_tuned), (plain, plain_tuned) = losses(), losses("--plain-epochs", 1)
    assert plain[0] == mixed[0] and plain[1] < mixed[1]
    assert all(learned < boxes for learned, boxes in zip(plain_tuned[1:], mixed_tuned[1:]))


def test_the_labels_weigh_in_calibration_and_fine_tuning(models, tmp_path):
    def losses(weight):
        arguments = ["--data", "digits", "-T", 2, "--epochs", 1, "--tune", "bptt", "--tune-epochs", 1, "--threads", 1, "--no-eval"]
        document = run_json(tmp_path, "convert", models / "ann.onnx", *arguments, "--label-weight", weight, "-o", tmp_path / "snn.nir")
        return [part["epoch_statistics"][0]["loss"] for part in [document, document["tuning"]]]

    assert all(0 < without < plain for without, plain in zip(losses(0), losses(1)))


def test_the_share_that_is_held_out_trains_nothing(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 2, "--epochs", 2, "--tune", "bptt", "--tune-epochs", 2,
                        "--held-out", 0.5, "--threads", 1, "--no-eval", "-o", tmp_path / "snn.nir")
    for stage in [document, document["tuning"]]:
        for epoch in stage["epoch_statistics"]:
            assert (epoch["train_accuracy"] * 640).is_integer()  # five batches of 128: of half of the images


def test_frozen_weights_are_the_calibrated_ones(models, tmp_path):
    common = ["convert", models / "ann.onnx", "--data", "digits", "-T", 2, "--threads", 1, "--no-eval", "--float-weights", "-o", tmp_path / "snn.nir"]
    run_json(tmp_path, *common, "--epochs", 1, "--tune", "none", "--save-calibrated", tmp_path / "calibrated.onnx")

    def tuned(*more):
        document = run_json(tmp_path, *common, "--calibrated", tmp_path / "calibrated.onnx", "--tune", "bptt", "--tune-epochs", 2, *more)
        return document["tuning"]["epoch_statistics"]

    learned, frozen = tuned(), tuned("--freeze-weights")
    assert learned[0]["loss"] != frozen[0]["loss"]
    assert frozen[1]["loss"] < frozen[0]["loss"]  # the rest does learn


def test_something_must_teach(models, tmp_path):
    result = run("convert", models / "ann.onnx", "--data", "digits", "--label-weight", 0, "--distillation", 0, "-o", tmp_path / "snn.nir")
    assert_refused(result, "--label-weight and --distillation 0")
    assert not (tmp_path / "snn.nir").exists()


@pytest.mark.parametrize("option, value", [("--tune-rates", "-1"), ("--mixup", "1.5"), ("--cutmix", "1.5"), ("--plain-epochs", "-1"), ("--label-weight", "-1"), ("--held-out", "0")])
def test_a_weight_out_of_range_is_refused(models, tmp_path, option, value):
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
    common = ["--data", "digits", "--tune-epochs", 1, "--threads", 1, "--no-eval"]
    whole = run_json(tmp_path, "convert", models / "ann.onnx", "-T", 4, "--epochs", 1, *common, "-o", tmp_path / "whole.nir",
                     "--save-calibrated", tmp_path / "qcfs.onnx")
    again = run_json(tmp_path, "convert", models / "ann.onnx", "-T", 4, "--calibrated", tmp_path / "qcfs.onnx", *common, "-o",
                     tmp_path / "again.nir")
    assert whole["calibrated"] is None and again["calibrated"] == str(tmp_path / "qcfs.onnx")
    assert again["epochs"] == 0 and again["tuning"]["held_out_accuracy"] == whole["tuning"]["held_out_accuracy"]
    assert (tmp_path / "again.nir").read_bytes() == (tmp_path / "whole.nir").read_bytes()


def test_an_ann_is_no_calibration(models, tmp_path):
    result = run("convert", models / "ann.onnx", "--calibrated", models / "ann.onnx", "--data", "digits", "-o", tmp_path / "out.nir")
    assert_refused(result, "ann.onnx", "calibrated")
    assert not (tmp_path / "out.nir").exists()
