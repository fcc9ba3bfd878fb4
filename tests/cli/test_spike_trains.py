"""Event data (moving digits) through train, convert, eval, verify, sweep and report; what does not fit is refused."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from conftest import assert_refused, run, run_json

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def moving_digits():
    specification = importlib.util.spec_from_file_location("moving_digits", ROOT / "examples" / "moving_digits.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def events(moving_digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "events.npz"
    moving_digits.main(path, 1)
    return path


@pytest.fixture(scope="module")
def networks(events, tmp_path_factory):
    """(folder, document of train, document of convert)"""
    folder = tmp_path_factory.mktemp("networks")
    trained = run_json(folder, "train", "--arch", "resnet8", "--data", events, "--epochs", 10, "--batch-size", 32, "--threads", 2, "-o", folder / "ann.onnx")
    converted = run_json(folder, "convert", folder / "ann.onnx", "--data", events, "-o", folder / "snn.nir")
    return folder, trained, converted


class TestMovingDigits:
    def test_spikes_are_what_changes(self, moving_digits):
        digit = np.zeros((8, 8), np.float32)
        digit[3, 3] = 1
        trains = moving_digits.events(digit, np.random.default_rng(1))
        assert trains.shape == (16, 2, 12, 12)
        np.testing.assert_array_equal(trains[:, 0].sum((1, 2)), trains[:, 1].sum((1, 2)))  # it leaves where it was
        np.testing.assert_array_equal(trains[1:, 1][trains[1:, 1].any((1, 2))].sum((1, 2)), 1)

    def test_the_ann_learns_from_the_mean(self, networks):
        _, trained, _ = networks
        assert trained["accuracy"] > 0.6
        assert any("mean over time" in notice for notice in trained["notices"])

    def test_the_network_runs_as_long_as_the_trains(self, networks):
        folder, trained, converted = networks
        assert converted["timesteps"] == 16
        assert converted["stages"][0]["accuracy"] == trained["accuracy"]
        assert converted["evaluation"]["accuracy"] > trained["accuracy"] - 0.1
        assert "spike train" in run("inspect", folder / "snn.nir").stdout

    def test_eval_and_verify(self, networks, events):
        folder, _, converted = networks
        evaluated = run_json(folder, "eval", folder / "snn.nir", "--data", events)
        assert evaluated["accuracy"] == converted["evaluation"]["accuracy"]
        assert run_json(folder, "eval", folder / "snn.nir", "--data", events, "-T", 5)["timesteps"] == 5
        verified = run_json(folder, "verify", folder / "snn.nir", "--data", events, "--images", 12, "--targets", "reference,cpu")
        assert verified["deviations"] == 0 and verified["spikes_compared"] > 100_000

    def test_sweep_and_report(self, networks, events):
        folder, _, _ = networks
        swept = run_json(folder, "sweep", folder / "snn.nir", "--data", events, "-T", "2,16", "--report", folder / "page.html")
        assert [one["timesteps"] for one in swept["evals"]] == [2, 16]
        assert swept["evals"][1]["accuracy"] > swept["evals"][0]["accuracy"]
        assert "<svg" in (folder / "page.html").read_text()

    def test_bench(self, networks, events):
        folder, _, _ = networks
        for data in ([], ["--data", events, "--images", 5]):
            measured = run_json(folder, "bench", folder / "snn.nir", "--repeats", 1, "-T", 6, *data)
            assert measured["timesteps"] == 6 and measured["images_per_second"] > 0

    def test_exact_mode_and_signed_neurons(self, networks, events):
        folder, trained, _ = networks
        for extra in (["--mode", "exact"], ["--neuron", "signed"]):
            other = run_json(folder, "convert", folder / "ann.onnx", "--data", events, "-T", 8, *extra, "-o", folder / "other.nir")
            assert other["timesteps"] == 8
            assert other["evaluation"]["accuracy"] > 0.3
            verified = run_json(folder, "verify", folder / "other.nir", "--data", events, "--images", 4, "--targets", "reference,cpu")
            assert verified["deviations"] == 0


class TestRefusals:
    def test_more_timesteps_than_the_trains_have(self, networks, events, tmp_path):
        folder, _, _ = networks
        assert_refused(run("convert", folder / "ann.onnx", "--data", events, "-T", 17, "-o", tmp_path / "snn.nir"), "17", "16", "fewer")
        assert_refused(run("eval", folder / "snn.nir", "--data", events, "-T", 17), "17", "16", "fewer")

    def test_not_trained_through_time(self, networks, events, tmp_path):
        folder, _, _ = networks
        result = run("convert", folder / "ann.onnx", "--data", events, "-T", 4, "--tune", "bptt", "-o", tmp_path / "snn.nir")
        assert_refused(result, "tune", "through time", "none")

    def test_still_images_are_no_trains(self, networks, tmp_path):
        folder, _, _ = networks
        stills = tmp_path / "stills.npz"
        np.savez(stills, x=np.zeros((10, 2, 12, 12), np.uint8), y=np.zeros(10, int))
        assert_refused(run("eval", folder / "snn.nir", "--data", stills), "snn.nir", "spike trains", "still images", "time axis")

    @pytest.mark.parametrize("values", [np.full((5, 3, 2, 12, 12), 2, np.uint8), np.full((5, 3, 2, 12, 12), 0.5, np.float32)])
    def test_trains_hold_nothing_but_spikes(self, networks, values, tmp_path):
        folder, _, _ = networks
        counts = tmp_path / "counts.npz"
        np.savez(counts, x=values, y=np.zeros(5, int))
        assert_refused(run("eval", folder / "snn.nir", "--data", counts), "counts", "0 and 1", "x > 0")

    def test_trains_are_not_normalised(self, networks, events):
        folder, _, _ = networks
        assert_refused(run("eval", folder / "snn.nir", "--data", events, "--mean", 0.5, "--stddev", 0.5), "spike trains", "leave mean")


def test_a_network_of_still_images_sees_their_mean(events, tmp_path):
    """Converted for the mean of the spikes as a constant current."""
    run_json(tmp_path, "train", "--arch", "resnet8", "--data", events, "--epochs", 1, "-o", tmp_path / "ann.onnx")
    means = tmp_path / "means.npz"
    with np.load(events) as arrays:
        np.savez(means, **{name: arrays[name].mean(1, dtype=np.float32) if name[0] == "x" else arrays[name] for name in arrays})
    run_json(tmp_path, "convert", tmp_path / "ann.onnx", "--data", means, "-T", 4, "-o", tmp_path / "snn.nir")
    on_means = run_json(tmp_path, "eval", tmp_path / "snn.nir", "--data", means)
    result = run("eval", tmp_path / "snn.nir", "--data", events, "--json", tmp_path / "trains.json")
    assert "mean over time" in result.stderr
    assert json.loads((tmp_path / "trains.json").read_text())["accuracy"] == on_means["accuracy"]
