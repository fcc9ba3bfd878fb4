"""sweep --early-exit: accuracy over mean timesteps."""

import pytest

from conftest import assert_refused, run, run_json


@pytest.fixture(scope="module")
def snn(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("early")
    run_json(folder, "convert", models / "ann.onnx", "--data", "digits", "-T", 16, "-o", folder / "snn.nir")
    return folder / "snn.nir"


def test_the_table(snn, tmp_path):
    document = run_json(tmp_path, "sweep", snn, "--data", "digits", "-T", "4,16", "--early-exit")
    none, exact, *margins = document["early_exit"]["rows"]
    assert none["rule"] == "none" and none["mean_timesteps"] == 16 and none["same_answer"] == 1
    assert none["accuracy"] == document["evals"][-1]["accuracy"]
    assert exact["rule"] == "exact" and exact["same_answer"] == 1 and exact["accuracy"] == none["accuracy"]
    assert 1 <= exact["mean_timesteps"] <= 16
    assert [row["loss"] for row in margins] == [0.001, 0.002, 0.005, 0.01]
    for row in margins:
        assert row["rule"] == "margin" and row["mean_timesteps"] < 16 and row["images_per_second"] > 0
        assert row["accuracy"] > none["accuracy"] - 0.03
    assert margins[0]["margin"] >= margins[-1]["margin"] and margins[-1]["mean_timesteps"] < 12
    assert "digits train" in document["early_exit"]["chosen_on"] and "by accuracy" in document["early_exit"]["chosen_on"]


def test_an_ann_is_converted_first(models, tmp_path):
    document = run_json(tmp_path, "sweep", models / "ann.onnx", "--data", "digits", "-T", "2,8", "--early-exit", "--images", 100)
    assert document["early_exit"]["rows"][0]["mean_timesteps"] == 8


def test_without_asking_there_is_none(snn, tmp_path):
    assert run_json(tmp_path, "sweep", snn, "--data", "digits", "-T", "2", "--images", 50)["early_exit"] is None


def test_the_exact_mode_has_no_timesteps_to_stop_between(snn):
    assert_refused(run("sweep", snn, "--data", "digits", "-T", "4", "--mode", "exact", "--early-exit"), "exact mode", "synchronous")
