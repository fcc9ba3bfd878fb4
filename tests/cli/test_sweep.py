from conftest import assert_refused, run, run_json, settings_file


def test_ann_is_converted_once(models, tmp_path):
    document = run_json(tmp_path, "sweep", models / "ann.onnx", "--data", "digits", "-T", "1,2,4,8", "--settings", settings_file(tmp_path, epochs=0), "--threads", 1)
    assert [entry["timesteps"] for entry in document["evals"]] == [1, 2, 4, 8]
    assert document["ann_accuracy"] > 0.6
    assert document["evals"][-1]["accuracy"] > document["evals"][0]["accuracy"]
    assert document["evals"][-1]["agreement"] > document["evals"][0]["agreement"]


def test_convert_for_every_timestep(models, tmp_path):
    document = run_json(tmp_path, "sweep", models / "ann.onnx", "--data", "digits", "-T", "2,4", "--threads", 1,
                        "--settings", settings_file(tmp_path, epochs=0, calibration_images=200), "--per-timestep", "--images", 50)
    assert [entry["timesteps"] for entry in document["evals"]] == [2, 4]
    assert document["per_timestep"] is True


def test_snn_needs_no_conversion_and_agrees_with_eval(models, tmp_path):
    document = run_json(tmp_path, "sweep", models / "snn.nir", "--data", "digits", "-T", "8,2")
    single = run_json(tmp_path, "eval", models / "snn.nir", "--data", "digits", "-T", 2)
    assert document["ann_accuracy"] is None
    assert [entry["timesteps"] for entry in document["evals"]] == [2, 8]
    for key in ["accuracy", "sparsity", "spikes_per_image", "synops_per_image"]:
        assert document["evals"][0][key] == single[key]


def test_bad_list(models):
    assert_refused(run("sweep", models / "snn.nir", "--data", "digits", "-T", "4,0"), "0", "1..4096")


def test_per_timestep_needs_an_ann(models):
    assert_refused(run("sweep", models / "snn.nir", "--data", "digits", "--per-timestep"), "--per-timestep", "snn.nir")


def test_seeds_give_mean_and_deviation(models, tmp_path):
    document = run_json(tmp_path, "sweep", models / "ann.onnx", "--data", "digits", "-T", "2,4", "--settings", settings_file(tmp_path, epochs=1, tune="none"), "--threads", 1,
                        "--seeds", "0,1", "--images", 100)
    assert [(entry["seed"], entry["timesteps"]) for entry in document["evals"]] == [(0, 2), (0, 4), (1, 2), (1, 4)]
    for statistics in document["statistics"]:
        accuracies = [entry["accuracy"] for entry in document["evals"] if entry["timesteps"] == statistics["timesteps"]]
        assert abs(statistics["accuracy_mean"] - sum(accuracies) / 2) < 1e-9
        assert abs(statistics["accuracy_std"] - abs(accuracies[0] - accuracies[1]) / 2**0.5) < 1e-9


def test_seeds_need_an_ann(models):
    assert_refused(run("sweep", models / "snn.nir", "--data", "digits", "-T", 4, "--seeds", "0,1"), "--seeds", "snn.nir")


def test_settings_come_from_a_file(models):
    assert_refused(run("sweep", models / "ann.onnx", "--data", "digits", "--epochs", 0), "--epochs", "--settings")
