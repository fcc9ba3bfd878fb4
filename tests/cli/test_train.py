import json

from conftest import assert_empty, assert_refused, run, run_json


def test_document(models):
    document = json.loads((models / "train.json").read_text())
    assert document["accuracy"] > 0.6
    assert document["images"] == 360 or document["images"] == 359
    assert document["epochs"] == 3 and len(document["epoch_statistics"]) == 3
    assert "digits" in document["data"]


def test_resume_equals_an_uninterrupted_run(tmp_path):
    """The state beside the file carries a run on; here the run was complete, so that nothing is left to train."""
    arguments = ["train", "--arch", "digits_resnet", "--data", "digits", "--images", 64, "--epochs", 2, "--seed", 3, "--threads", 1, "-o",
                 tmp_path / "ann.onnx"]
    first = run_json(tmp_path, *arguments)
    written = (tmp_path / "ann.onnx").read_bytes()
    assert (tmp_path / "ann.onnx.resume.pt").exists()
    second = run_json(tmp_path, *arguments, "--resume")
    assert first["accuracy"] == second["accuracy"]
    assert (tmp_path / "ann.onnx").read_bytes() == written


def test_unknown_architecture(tmp_path):
    result = run("train", "--arch", "alexnet", "--data", "digits", "-o", tmp_path / "ann.onnx")
    assert_refused(result, "alexnet", "resnet20")
    assert_empty(tmp_path)


def test_epochs_out_of_range(tmp_path):
    result = run("train", "--arch", "digits_resnet", "--data", "digits", "--epochs", 0, "-o", tmp_path / "ann.onnx")
    assert_refused(result, "--epochs", "0")
    assert_empty(tmp_path)
