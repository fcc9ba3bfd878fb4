import json
import signal
import time

import pytest

from conftest import assert_empty, assert_refused, run, run_json, start


def test_document(models):
    document = json.loads((models / "train.json").read_text())
    assert document["accuracy"] > 0.6
    assert document["images"] == 360 or document["images"] == 359
    assert document["epochs"] == 3 and len(document["epoch_statistics"]) == 3
    assert "digits" in document["data"]


def test_an_interrupted_training_resumes_to_the_same_file(tmp_path):
    """Stopped by SIGINT in mid-run, then taken up: the state beside the file carries it on."""
    arguments = ["train", "--arch", "digits_resnet", "--data", "digits", "--training-images", 400, "--epochs", 20, "--seed", 3, "--threads", 1]
    whole = run_json(tmp_path, *arguments, "-o", tmp_path / "whole.onnx")
    state = tmp_path / "ann.onnx.resume.pt"
    process = start(*arguments, "-o", tmp_path / "ann.onnx")
    while process.poll() is None and not state.exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130 and not (tmp_path / "ann.onnx").exists()
    assert_refused(run(*arguments, "--learning-rate", 0.2, "--resume", "-o", tmp_path / "ann.onnx"), "learning_rate", "0.1", "0.2")
    resumed = run_json(tmp_path, *arguments, "--resume", "-o", tmp_path / "ann.onnx")
    assert resumed["accuracy"] == whole["accuracy"] and len(resumed["epoch_statistics"]) == 20
    assert (tmp_path / "ann.onnx").read_bytes() == (tmp_path / "whole.onnx").read_bytes()


def test_unknown_architecture(tmp_path):
    result = run("train", "--arch", "alexnet", "--data", "digits", "-o", tmp_path / "ann.onnx")
    assert_refused(result, "alexnet", "resnet20")
    assert_empty(tmp_path)


def test_epochs_out_of_range(tmp_path):
    result = run("train", "--arch", "digits_resnet", "--data", "digits", "--epochs", 0, "-o", tmp_path / "ann.onnx")
    assert_refused(result, "--epochs", "0")
    assert_empty(tmp_path)


@pytest.mark.parametrize("option, answer", [("--activation", "ReLU"), ("--levels", "ReLU"), ("--images", "--training-images"), ("--lr", "--learning-rate")])
def test_options_that_are_gone(tmp_path, option, answer):
    result = run("train", "--arch", "digits_resnet", "--data", "digits", option, "8", "-o", tmp_path / "ann.onnx")
    assert_refused(result, option, answer)
    assert_empty(tmp_path)


def test_settings_repeat_a_training(tmp_path):
    arguments = ["train", "--arch", "digits_resnet", "--data", "digits"]
    document = run_json(tmp_path, *arguments, "--training-images", 64, "--epochs", 1, "--threads", 1, "--seed", 5, "--cutout", 2, "-o", tmp_path / "a.onnx")
    (tmp_path / "train.json").write_text(json.dumps(document))
    run_json(tmp_path, *arguments, "--settings", tmp_path / "train.json", "-o", tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
