"""Data sets in the formats that people have, through train, convert and eval; what is damaged gets one line."""

import json

import numpy as np
import onnx
import pytest
from PIL import Image

import data_files
from conftest import assert_empty, assert_refused, messages, run, run_json, settings_file

SHORT = ["-T", 4, "--epochs", 1, "--threads", 1, "--tune", "none"]


def train(data, folder, *arguments, arch="resnet8", epochs=1):
    return run_json(folder, "train", "--arch", arch, "--data", data, "--epochs", epochs, "--batch-size", 32, "--threads", 1, "-o",
                    folder / "ann.onnx", *arguments)


def through(data, folder, size=(), arch="resnet8", epochs=1):
    """(train, convert, eval): their documents."""
    trained = train(data, folder, *size, arch=arch, epochs=epochs)
    converted = run_json(folder, "convert", folder / "ann.onnx", "--data", data, *size, *SHORT, "-o", folder / "snn.nir")
    return trained, converted, run_json(folder, "eval", folder / "snn.nir", "--data", data, *size)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return data_files.image_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def model(photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    return folder, through(photos, folder, ("--resize", 16, "--crop", 16), epochs=6)


class TestImageFolder:
    def test_train_convert_eval(self, model):
        _, (trained, converted, evaluated) = model
        assert trained["data"] == "photos test" and trained["class_names"] == ["dark", "light"] == evaluated["class_names"]
        assert trained["accuracy"] > 0.9 and evaluated["accuracy"] > 0.8
        assert evaluated["images"] == 40 and sum(evaluated["answers"]) == 40
        assert any("pixel / 255" in notice for notice in trained["notices"])
        assert not any("pixel / 255" in notice for notice in converted["notices"])

    def test_the_models_size_is_taken_and_said(self, model, photos):
        folder, _ = model
        result = run("eval", folder / "snn.nir", "--data", photos, "--json", folder / "plain.json")
        assert result.returncode == 0, result.stderr
        document = json.loads((folder / "plain.json").read_text())
        assert any("16x16" in notice for notice in document["notices"])
        assert messages(result) == [f"neurocuda: note: {notice}" for notice in document["notices"]]

    def test_training_needs_one_size(self, photos, tmp_path):
        result = run("train", "--arch", "resnet8", "--data", photos, "--epochs", 1, "-o", tmp_path / "ann.onnx")
        assert_refused(result, ".png", "resize and crop")
        assert_empty(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nrubbish", b"\xff\xd8\xff\xe0rubbish"])
    def test_damaged_images_are_named(self, model, tmp_path, content):
        folder, _ = model
        data = data_files.image_folder(tmp_path / "photos", images=10)
        (data / "test/light/bad.png").write_bytes(content)
        assert_refused(run("eval", folder / "snn.nir", "--data", data), "bad.png")

    def test_cut_off_images_are_named(self, model, tmp_path):
        folder, _ = model
        data = data_files.image_folder(tmp_path / "photos", images=10)
        Image.effect_noise((40, 40), 50).save(data / "test/dark/cut.jpg")
        whole = (data / "test/dark/cut.jpg").read_bytes()
        (data / "test/dark/cut.jpg").write_bytes(whole[: len(whole) // 2])
        assert_refused(run("eval", folder / "snn.nir", "--data", data), "cut.jpg")

    def test_without_labels_there_is_agreement(self, model, tmp_path):
        folder, _ = model
        flat = data_files.image_folder(tmp_path / "flat", images=60, classes=(), parts=())
        size = ["--resize", 16, "--crop", 16]
        refused = run("convert", folder / "ann.onnx", "--data", flat, *size, *SHORT, "-o", tmp_path / "no.nir")
        assert_refused(refused, "label_weight (in a settings file) 1", "0", "no labels")
        assert not (tmp_path / "no.nir").exists()
        no_labels = ["--settings", settings_file(tmp_path, label_weight=0)]
        document = run_json(tmp_path, "convert", folder / "ann.onnx", "--data", flat, *size, *SHORT, *no_labels, "-o",
                            tmp_path / "snn.nir")
        assert document["labels"] == document["calibration_labels"] == "ann" and document["ann_accuracy"] == 1.0
        evaluated = run_json(tmp_path, "eval", tmp_path / "snn.nir", "--data", flat, *size, "--ann", folder / "ann.onnx")
        assert evaluated["accuracy"] is None and evaluated["labels"] is None
        assert sum(evaluated["answers"]) == evaluated["images"]
        assert evaluated["agreement"] == pytest.approx(document["evaluation"]["accuracy"])
        plain = run_json(tmp_path, "convert", folder / "ann.onnx", "--data", flat, *size, "-T", 4, "--threads", 1, "-o", tmp_path / "plain.nir")
        assert plain["labels"] == "ann" and plain["stages"][-1]["agreement"] == plain["evaluation"]["accuracy"]
        ann = run_json(tmp_path, "eval", folder / "ann.onnx", "--data", flat, *size)
        assert ann["accuracy"] is None and sum(ann["answers"]) == ann["images"]
        quick = ["--settings", settings_file(tmp_path, epochs=0, tune="none")]
        swept = run_json(tmp_path, "sweep", folder / "ann.onnx", "--data", flat, *size, "-T", "2,4", *quick)
        assert swept["labels"] == "ann" and 0 < swept["evals"][1]["accuracy"] <= 1
        assert_refused(run("train", "--arch", "resnet8", "--data", flat, *size, "--epochs", 1, "-o", tmp_path / "a.onnx"), "labels")


class TestCifar100:
    def test_train_convert_eval(self, tmp_path):
        data = data_files.cifar100(tmp_path / "cifar")
        trained, converted, evaluated = through(data, tmp_path, arch="vgg_small")
        assert trained["classes"] == 100 and evaluated["data"] == "CIFAR-100 test" and evaluated["images"] == 50
        assert len(evaluated["answers"]) == 100 and trained["notices"] == converted["notices"] == []

    def test_damage_is_named(self, tmp_path):
        data = data_files.cifar100(tmp_path / "cifar", 8)
        (data / "train.bin").write_bytes((data / "train.bin").read_bytes()[:-1])
        result = run("train", "--arch", "resnet8", "--data", data, "--epochs", 1, "-o", tmp_path / "ann.onnx")
        assert_refused(result, "train.bin", "truncated")
        assert not (tmp_path / "ann.onnx").exists()

    @pytest.mark.parametrize("names", [["data_batch_1", "test_batch"], ["train", "test", "meta"]])
    def test_pickles_are_refused(self, tmp_path, names):
        data = tmp_path / "py"
        data.mkdir()
        for name in names:
            (data / name).write_bytes(b"\x80\x02}q\x01.")
        result = run("train", "--arch", "resnet8", "--data", data, "--epochs", 1, "-o", tmp_path / "ann.onnx")
        assert_refused(result, "pickles", "-binary.tar.gz")


class TestVectors:
    def test_train_convert_eval(self, tmp_path):
        data = data_files.vectors(tmp_path / "flowers.npz")
        trained, converted, evaluated = through(data, tmp_path, arch="mlp", epochs=10)
        assert trained["data"] == "flowers test (every fifth)" and trained["classes"] == 3
        assert trained["accuracy"] > 0.9 and evaluated["accuracy"] > 0.8
        assert evaluated["images"] == 60 and converted["labels"] == "given"

    @pytest.mark.parametrize("arrays, words", [
        ({"x": np.array([[{}]] * 9, dtype=object)}, ["x", "pickle"]),
        ({"a": np.zeros((9, 3))}, ["holds a", "x and y"]),
        ({"x": np.full((9, 3), np.nan)}, ["x", "nan"]),
        ({"x": np.zeros((9, 3)), "y": np.zeros(8, int)}, ["8 labels for 9 images"]),
        ({"x": np.zeros((9, 3)), "y": np.zeros((9, 4), int)}, ["(9, 4)", "argmax"]),
        ({"x": np.zeros((9, 3)), "y": np.full(9, -1)}, ["label -1"]),
        ({"x": np.zeros((9, 3))}, ["no labels", "training"]),
        ({"x": np.full((9, 4, 1, 2, 2), 0.5), "y": np.zeros(9, int)}, ["0.5", "0 and 1"]),
    ])
    def test_bad_arrays_are_named(self, tmp_path, arrays, words):
        np.savez(tmp_path / "bad.npz", **arrays)
        result = run("train", "--arch", "mlp", "--data", tmp_path / "bad.npz", "--epochs", 1, "-o", tmp_path / "ann.onnx")
        assert_refused(result, "bad", *words)
        assert not (tmp_path / "ann.onnx").exists()

    def test_a_cut_off_file_is_named(self, tmp_path):
        data = data_files.vectors(tmp_path / "flowers.npz")
        data.write_bytes(data.read_bytes()[:1000])
        result = run("train", "--arch", "mlp", "--data", data, "--epochs", 1, "-o", tmp_path / "ann.onnx")
        assert_refused(result, "flowers.npz", "numpy.savez")


class TestEmnist:
    def test_train_convert_eval(self, tmp_path):
        data = data_files.emnist(tmp_path / "gzip")
        trained, _, evaluated = through(data, tmp_path, arch="mlp", epochs=2)
        assert trained["classes"] == 47 and evaluated["data"] == "EMNIST balanced test"
        assert len(evaluated["answers"]) == 47

    def test_damage_is_named(self, tmp_path):
        data = data_files.emnist(tmp_path / "gzip")
        labels = data / "emnist-balanced-train-labels-idx1-ubyte"
        labels.write_bytes(labels.read_bytes()[:-1] + b"\x63")
        result = run("train", "--arch", "mlp", "--data", data, "--epochs", 1, "-o", tmp_path / "ann.onnx")
        assert_refused(result, labels.name, "label 99", "0..46")


class TestNormalisation:
    @pytest.fixture
    def stranger(self, models, tmp_path):
        """The digits network without the metadata that states its mean and stddev."""
        model = onnx.load(models / "ann.onnx")
        del model.metadata_props[:]
        onnx.save(model, tmp_path / "stranger.onnx")
        return tmp_path / "stranger.onnx"

    def test_what_is_assumed_is_said(self, stranger, tmp_path):
        document = run_json(tmp_path, "eval", stranger, "--data", "digits")
        assert len(document["notices"]) == 1 and "(0.3059) and (0.3763)" in document["notices"][0]
        assert len(run_json(tmp_path, "doctor", stranger)["notices"]) == 1
        assert len(run_json(tmp_path, "doctor", stranger, "--data", "digits")["notices"]) == 1

    def test_given_values_are_used_and_nothing_is_assumed(self, stranger, models, tmp_path):
        right = run_json(tmp_path, "eval", stranger, "--data", "digits", "--mean", 0.305855, "--stddev", 0.376279)
        assert right["notices"] == []
        assert right["accuracy"] == run_json(tmp_path, "eval", models / "ann.onnx", "--data", "digits")["accuracy"]
        wrong = run_json(tmp_path, "eval", stranger, "--data", "digits", "--mean", 0.9, "--stddev", 0.1)
        assert wrong["accuracy"] != right["accuracy"]

    def test_what_the_model_states_is_not_overruled(self, models):
        result = run("eval", models / "ann.onnx", "--data", "digits", "--mean", 0.5, "--stddev", 0.5)
        assert_refused(result, "ann.onnx", "its own mean")

    @pytest.mark.parametrize("values, words", [
        (["--mean", 0.5], ["mean without a stddev"]),
        (["--mean", "0.5,0.5", "--stddev", "1,1"], ["2 means", "1 channels"]),
        (["--mean", 0.5, "--stddev", 0], ["standard deviation 0"]),
        (["--crop", "3x"], ["--crop", "height x width"]),
        (["--crop", "9"], ["crop of 9x9", "8x8"]),
    ])
    def test_values_that_do_not_fit_are_refused(self, stranger, values, words):
        assert_refused(run("eval", stranger, "--data", "digits", *values), *words)
