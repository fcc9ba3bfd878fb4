from conftest import assert_refused, run, run_json


def test_rates_come_nearer(models, tmp_path):
    document = run_json(tmp_path, "correct", models / "snn.nir", "--data", "digits", "-T", 4, "--rounds", 3, "--threads", 1, "-o",
                        tmp_path / "corrected.nir")
    assert document["timesteps"] == 4 and document["rounds"] == 3
    assert len(document["rate_error"]) == len(document["held_out_accuracy"]) == 4
    assert min(document["rate_error"][1:]) < document["rate_error"][0]
    assert document["held_out_accuracy"][document["chosen_round"]] == max(document["held_out_accuracy"])
    evaluation = run_json(tmp_path, "eval", tmp_path / "corrected.nir", "--data", "digits", "--threads", 1)
    assert evaluation["timesteps"] == 4


def test_two_corrections_write_the_same_bytes(models, tmp_path):
    for name, threads in [("a.nir", 1), ("b.nir", 2)]:
        result = run("correct", models / "snn.nir", "--data", "digits", "--threads", threads, "-o", tmp_path / name)
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "a.nir").read_bytes() == (tmp_path / "b.nir").read_bytes()


def test_an_ann_has_no_spikes_to_correct(models, tmp_path):
    result = run("correct", models / "ann.onnx", "--data", "digits", "-o", tmp_path / "out.nir")
    assert_refused(result, "ann.onnx", "ANN")
    assert not (tmp_path / "out.nir").exists()


def test_no_rounds_in_convert(models, tmp_path):
    document = run_json(tmp_path, "convert", models / "ann.onnx", "--data", "digits", "-T", 4, "--epochs", 0, "--correction-rounds", 0,
                        "--threads", 1, "--no-eval", "-o", tmp_path / "snn.nir")
    assert document["correction"] is None and "corrected" not in [stage["name"] for stage in document["stages"]]


def test_the_option_that_said_two_things(models, tmp_path):
    result = run("correct", models / "snn.nir", "--data", "digits", "--images", 100, "-o", tmp_path / "out.nir")
    assert_refused(result, "--images", "--measured-images")
