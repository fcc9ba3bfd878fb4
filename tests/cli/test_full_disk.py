"""Full disks, by a limit on the size of files: the same errors, and no root is needed."""

import resource
import shutil
import subprocess

import pytest

from conftest import BINARY, assert_empty, assert_refused

TRAIN = ["train", "--arch", "digits_resnet", "--data", "digits", "--training-images", "64", "--epochs", "1", "--threads", "1"]
CONVERT = ["--data", "digits", "-T", "4", "--no-eval", "--threads", "1"]


def assert_disk_full(result, *words):
    """Status 2 and one line; lines of progress may stand before it where the machine is slow."""
    last = result.stderr.splitlines()[-1]
    assert not any(line.startswith("neurocuda: ") for line in result.stderr.splitlines()[:-1]), result.stderr
    result.stderr = last
    assert_refused(result, *words, "cannot be written", "make room")


def run_limited(limit, *arguments):
    """As on a disk with room for `limit` bytes."""

    def set_limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(list(map(str, [BINARY, *arguments])), capture_output=True, text=True, timeout=120, preexec_fn=set_limit)


@pytest.mark.parametrize("limit, words", [(5000, "ann.onnx.resume.pt"), (90_000, "ann.onnx")])
def test_train(tmp_path, limit, words):
    """The checkpoint is larger than the network: first it does not fit, then only the network would."""
    result = run_limited(limit, *TRAIN, "-o", tmp_path / "ann.onnx")
    assert_disk_full(result, words)
    assert_empty(tmp_path)


@pytest.mark.parametrize("limit, words", [(5000, "snn.nir")])
def test_convert(models, tmp_path, limit, words):
    result = run_limited(limit, "convert", models / "ann.onnx", *CONVERT, "--epochs", "0", "-o", tmp_path / "snn.nir")
    assert_disk_full(result, words)
    assert_empty(tmp_path)


@pytest.mark.parametrize("state, tune", [("snn.nir.resume.pt", "none"), ("snn.nir.tune.resume.pt", "bptt")])
def test_checkpoints_of_a_conversion(models, tmp_path, state, tune):
    epochs = ["--epochs", "1"] if tune == "none" else ["--epochs", "0", "--tune-epochs", "1"]
    result = run_limited(5000, "convert", models / "ann.onnx", *CONVERT, "--tune", tune, *epochs, "-o", tmp_path / "snn.nir")
    assert_disk_full(result, state)
    assert_empty(tmp_path)


def test_an_old_network_stays(models, tmp_path):
    shutil.copy(models / "snn.nir", tmp_path / "snn.nir")
    result = run_limited(5000, "convert", models / "ann.onnx", *CONVERT, "-o", tmp_path / "snn.nir")
    assert_disk_full(result, "snn.nir")
    assert (tmp_path / "snn.nir").read_bytes() == (models / "snn.nir").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["snn.nir"]


def test_documents_and_pages(models, tmp_path):
    assert_disk_full(run_limited(100, "inspect", models / "snn.nir", "--json", tmp_path / "answer.json"), "answer.json")
    result = run_limited(50_000, "demo", "--epochs", 1, "--threads", 1, "--out", tmp_path / "demo")
    assert_disk_full(result, "ann.onnx")
    assert_empty(tmp_path / "demo")
