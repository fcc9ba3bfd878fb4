"""Full disks, by a limit on the size of files: the same errors, and no root is needed."""

import resource
import shutil
import subprocess

import pytest

from conftest import BINARY, assert_empty, assert_refused

TRAIN = ["train", "--arch", "digits_resnet", "--data", "digits", "--training-images", "64", "--epochs", "1", "--threads", "1"]
CONVERT = ["--data", "digits", "-T", "4", "--no-eval", "--threads", "1"]


def run_limited(limit, *arguments):
    """As on a disk with room for `limit` bytes."""

    def set_limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(list(map(str, [BINARY, *arguments])), capture_output=True, text=True, timeout=120, preexec_fn=set_limit)


@pytest.mark.parametrize("limit, words", [(5000, "ann.onnx.resume.pt"), (90_000, "ann.onnx")])
def test_train(tmp_path, limit, words):
    """The checkpoint is larger than the network: first it does not fit, then only the network would."""
    result = run_limited(limit, *TRAIN, "-o", tmp_path / "ann.onnx")
    assert_refused(result, words, "cannot be written", "make room")
    assert_empty(tmp_path)


@pytest.mark.parametrize("limit, words", [(5000, "snn.nir")])
def test_convert(models, tmp_path, limit, words):
    result = run_limited(limit, "convert", models / "ann.onnx", *CONVERT, "--epochs", "0", "-o", tmp_path / "snn.nir")
    assert_refused(result, words, "cannot be written", "make room")
    assert_empty(tmp_path)


@pytest.mark.parametrize("state, tune", [("snn.nir.resume.pt", "none"), ("snn.nir.tune.resume.pt", "bptt")])
def test_checkpoints_of_a_conversion(models, tmp_path, state, tune):
    epochs = ["--epochs", "1"] if tune == "none" else ["--epochs", "0", "--tune-epochs", "1"]
    result = run_limited(5000, "convert", models / "ann.onnx", *CONVERT, "--tune", tune, *epochs, "-o", tmp_path / "snn.nir")
    assert_refused(result, state, "cannot be written", "make room")
    assert_empty(tmp_path)


def test_an_old_network_stays(models, tmp_path):
    shutil.copy(models / "snn.nir", tmp_path / "snn.nir")
    result = run_limited(5000, "correct", models / "snn.nir", "--data", "digits", "-o", tmp_path / "snn.nir")
    assert_refused(result, "snn.nir", "make room")
    assert (tmp_path / "snn.nir").read_bytes() == (models / "snn.nir").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["snn.nir"]


def test_documents_and_pages(models, tmp_path):
    assert_refused(run_limited(100, "inspect", models / "snn.nir", "--json", tmp_path / "answer.json"), "answer.json", "make room")
    result = run_limited(200_000, "demo", "--epochs", 1, "--calibration-epochs", 0, "--threads", 1, "--out", tmp_path, "--json", tmp_path / "demo.json")
    assert_refused(result, tmp_path, "make room")
    assert not list(tmp_path.glob("*.tmp"))
