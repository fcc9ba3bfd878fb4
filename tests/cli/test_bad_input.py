"""Every bad input: one clear line, exit status 2, no output file left."""

import shutil

import h5py
import numpy as np
import pytest

import onnx_files
from conftest import assert_empty, assert_refused, run

RECORD = 3073
CIFAR_FILES = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]


def cifar(folder, records=4, label=3):
    """A tiny data set in the official layout."""
    folder.mkdir()
    for name in CIFAR_FILES:
        (folder / name).write_bytes((bytes([label]) + bytes(RECORD - 1)) * records)
    return folder


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def train_on(data, out):
    return run("train", "--arch", "resnet8", "--data", data, "--epochs", 1, "--threads", 1, "-o", out / "ann.onnx", "--json", out / "a.json")


class TestData:
    def test_the_tiny_set_itself_is_good(self, tmp_path, out):
        result = train_on(cifar(tmp_path / "cifar"), out)
        assert result.returncode == 0, result.stderr

    def test_no_such_folder(self, tmp_path, out):
        assert_refused(train_on(tmp_path / "nowhere", out), "nowhere")
        assert_empty(out)

    def test_folder_of_another_kind(self, tmp_path, out):
        (tmp_path / "notes").mkdir()
        assert_refused(train_on(tmp_path / "notes", out), "notes")
        assert_empty(out)

    @pytest.mark.parametrize("name", ["data_batch_3.bin", "test_batch.bin"])
    def test_missing_file(self, tmp_path, out, name):
        data = cifar(tmp_path / "cifar")
        (data / name).unlink()
        assert_refused(train_on(data, out), name)
        assert_empty(out)

    @pytest.mark.parametrize("name", ["data_batch_2.bin", "test_batch.bin"])
    def test_truncated_file(self, tmp_path, out, name):
        data = cifar(tmp_path / "cifar")
        (data / name).write_bytes((data / name).read_bytes()[:-7])
        assert_refused(train_on(data, out), name)
        assert_empty(out)

    def test_oversized_file(self, tmp_path, out):
        data = cifar(tmp_path / "cifar")
        (data / "data_batch_5.bin").write_bytes(bytes(RECORD * 10001))
        assert_refused(train_on(data, out), "data_batch_5.bin")
        assert_empty(out)

    def test_label_ten(self, tmp_path, out):
        data = cifar(tmp_path / "cifar")
        records = bytearray((data / "data_batch_1.bin").read_bytes())
        records[2 * RECORD] = 10
        (data / "data_batch_1.bin").write_bytes(records)
        assert_refused(train_on(data, out), "data_batch_1.bin", "10")
        assert_empty(out)

    def test_eval_with_truncated_test_file(self, models, tmp_path, out):
        data = cifar(tmp_path / "cifar")
        (data / "test_batch.bin").write_bytes(bytes(100))
        result = run("eval", models / "snn.nir", "--data", data, "--json", out / "a.json")
        assert_refused(result, "test_batch.bin")
        assert_empty(out)

    def test_data_that_does_not_fit_the_model(self, models, tmp_path, out):
        data = cifar(tmp_path / "cifar")
        for model in ["ann.onnx", "snn.nir"]:
            result = run("eval", models / model, "--data", data, "--json", out / "a.json")
            assert_refused(result, model, "(3, 32, 32)", "(1, 8, 8)")
        assert_empty(out)


class TestOnnx:
    @staticmethod
    def convert(model, out):
        return run("convert", model, "--data", "digits", "-T", 4, "--epochs", 0, "--threads", 1, "--calibration-images", 64, "--eval-images",
                   16, "-o", out / "snn.nir", "--json", out / "a.json")

    def test_the_good_one_converts(self, tmp_path, out):
        result = self.convert(onnx_files.good(tmp_path / "good.onnx"), out)
        assert result.returncode == 0, result.stderr
        assert (out / "snn.nir").exists()

    @pytest.mark.parametrize("make, words", [
        (onnx_files.unsupported, ["Sigmoid", "gate"]),
        (onnx_files.cyclic, ["cycl"]),
        (onnx_files.wrong_channels, ["second"]),
        (onnx_files.wrong_features, ["head"]),
        (onnx_files.two_convolutions, ["first"]),
    ])
    def test_refused(self, tmp_path, out, make, words):
        assert_refused(self.convert(make(tmp_path / "bad.onnx"), out), *words)
        assert_empty(out)

    def test_truncated(self, models, tmp_path, out):
        whole = (models / "ann.onnx").read_bytes()
        (tmp_path / "cut.onnx").write_bytes(whole[: len(whole) // 2])
        assert_refused(self.convert(tmp_path / "cut.onnx", out), "cut.onnx")
        assert_empty(out)

    def test_empty_file(self, tmp_path, out):
        (tmp_path / "empty.onnx").write_bytes(b"")
        assert_refused(self.convert(tmp_path / "empty.onnx", out), "empty.onnx")
        assert_empty(out)

    def test_missing_file(self, tmp_path, out):
        assert_refused(self.convert(tmp_path / "nothing.onnx", out), "nothing.onnx", "no such file")
        assert_empty(out)

    def test_file_of_another_kind(self, tmp_path, out):
        (tmp_path / "notes.txt").write_text("a note")
        assert_refused(self.convert(tmp_path / "notes.txt", out), "notes.txt", ".onnx")
        assert_empty(out)


class TestNir:
    @staticmethod
    def evaluate(model, out):
        return run("eval", model, "--data", "digits", "--json", out / "a.json")

    @pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.99])
    def test_truncated(self, models, tmp_path, out, fraction):
        whole = (models / "snn.nir").read_bytes()
        (tmp_path / "cut.nir").write_bytes(whole[: int(fraction * len(whole))])
        assert_refused(self.evaluate(tmp_path / "cut.nir", out), "cut.nir")
        assert_empty(out)

    def test_nan(self, models, tmp_path, out):
        shutil.copy(models / "snn.nir", tmp_path / "nan.nir")
        poisoned = []

        def poison(name, item):
            if name.endswith("/weight") and isinstance(item, h5py.Dataset) and not poisoned:
                values = item[...]
                if np.issubdtype(values.dtype, np.floating):
                    values.flat[0] = np.nan
                    item[...] = values
                    poisoned.append(name)

        with h5py.File(tmp_path / "nan.nir", "r+") as file:
            file.visititems(poison)
        assert poisoned, "the file has no floating-point weight"
        assert_refused(self.evaluate(tmp_path / "nan.nir", out), "nan.nir", "nan")
        assert_empty(out)

    def test_hdf5_of_another_kind(self, tmp_path, out):
        with h5py.File(tmp_path / "other.nir", "w") as file:
            file["temperature"] = [1.0, 2.0]
        assert_refused(self.evaluate(tmp_path / "other.nir", out), "other.nir")
        assert_empty(out)


class TestTimesteps:
    @pytest.mark.parametrize("timesteps", [0, 100000])
    @pytest.mark.parametrize("subcommand", ["eval", "verify", "sweep", "convert", "bench"])
    def test_out_of_range(self, models, out, subcommand, timesteps):
        model = models / ("ann.onnx" if subcommand == "convert" else "snn.nir")
        arguments = [subcommand, model, "--data", "digits", "-T", timesteps, "--json", out / "a.json"]
        if subcommand == "convert":
            arguments += ["-o", out / "snn.nir"]
        assert_refused(run(*arguments), timesteps, "4096")
        assert_empty(out)

    @pytest.mark.parametrize("timesteps", [-1, "eight", 2.5])
    def test_no_positive_whole_number(self, models, timesteps):
        assert_refused(run("inspect", models / "snn.nir", "-T", timesteps), timesteps, "4096")


class TestOutputs:
    """Root may write anywhere, so that "unwritable" is a missing folder or a path below a regular file."""

    @pytest.fixture(params=["missing_folder", "below_a_file", "is_a_folder"])
    def unwritable(self, request, tmp_path):
        (tmp_path / "file").write_text("")
        (tmp_path / "folder").mkdir()
        return {"missing_folder": tmp_path / "nowhere" / "x", "below_a_file": tmp_path / "file" / "x",
                "is_a_folder": tmp_path / "folder"}[request.param]

    def test_train(self, unwritable):
        assert_refused(run("train", "--arch", "digits_resnet", "--data", "digits", "-o", unwritable), unwritable)

    def test_convert(self, models, unwritable):
        assert_refused(run("convert", models / "ann.onnx", "--data", "digits", "-o", unwritable), unwritable)

    def test_json(self, models, unwritable):
        assert_refused(run("eval", models / "snn.nir", "--data", "digits", "--json", unwritable), unwritable)

    def test_demo_folder(self, tmp_path):
        (tmp_path / "file").write_text("")
        assert_refused(run("demo", "--out", tmp_path / "file" / "demo"), tmp_path / "file" / "demo")

    def test_two_outputs_of_one_name(self, models, out):
        result = run("convert", models / "ann.onnx", "--data", "digits", "-o", out / "x", "--json", out / "x")
        assert_refused(result, out / "x")
        assert_empty(out)
