import pytest

from conftest import assert_refused, run, run_json


def test_reference_equals_cpu(models, tmp_path):
    document = run_json(tmp_path, "verify", models / "snn.nir", "--data", "digits", "--targets", "reference,cpu")
    assert document["deviations"] == 0 and document["first_deviation"] is None
    assert document["targets"] == ["reference", "cpu"]
    assert document["spikes_compared"] > 1_000_000
    assert document["membranes_compared"] == document["spikes_compared"]


@pytest.mark.parametrize("mode", ["synchronous", "exact"])
def test_other_timesteps_and_modes(models, tmp_path, mode):
    document = run_json(tmp_path, "verify", models / "snn.nir", "--data", "digits", "--images", 10, "-T", 5, "--mode", mode)
    assert document["timesteps"] == 5 and document["images"] == 10 and document["deviations"] == 0


def first_layer(models, tmp_path):
    nodes = run_json(tmp_path, "inspect", models / "snn.nir")["nodes"]
    return next(node for node in nodes if node["kind"] == "if_layer")


def test_a_changed_weight_is_caught_with_its_neuron(models, tmp_path):
    layer = first_layer(models, tmp_path)
    # The kernel is 3x3 over one grey channel: weight 31 belongs to output channel 3.
    document = run_json(tmp_path, "verify", models / "snn.nir", "--data", "digits", "--images", 20, "--inject-fault",
                        f"{layer['name']}:31", status=1)
    first = document["first_deviation"]
    assert document["deviations"] > 0
    assert first["layer"] == layer["name"] and first["position"][0] == 3
    assert first["expected"] != first["actual"]
    assert {"image", "timestep", "neuron"} <= first.keys()


def test_text_names_the_first_deviation(models, tmp_path):
    layer = first_layer(models, tmp_path)["name"]
    result = run("verify", models / "snn.nir", "--data", "digits", "--images", 20, "--inject-fault", f"{layer}:31:-2")
    assert result.returncode == 1
    assert layer in result.stdout and "first" in result.stdout
    assert result.stderr == ""


def test_against_another_network(models, tmp_path):
    other = tmp_path / "other.nir"
    assert run("convert", models / "ann.onnx", "--data", "digits", "-T", 8, "--epochs", 0, "--percentile", 95, "--threads", 1,
               "--no-eval", "-o", other).returncode == 0
    arguments = ["verify", models / "snn.nir", "--data", "digits", "--images", 10, "--against"]
    assert run_json(tmp_path, *arguments, other, status=1)["deviations"] > 0
    assert run_json(tmp_path, *arguments, models / "snn.nir")["deviations"] == 0


def test_one_target_is_nothing_to_compare(models):
    assert_refused(run("verify", models / "snn.nir", "--data", "digits", "--targets", "cpu"), "--targets cpu")


def test_unknown_target(models):
    assert_refused(run("verify", models / "snn.nir", "--data", "digits", "--targets", "reference,tpu"), "tpu", "cpu")


@pytest.mark.parametrize("fault", ["nonsense", "no_such_layer:0", "stem:x", "a:1:0"])
def test_bad_faults(models, fault):
    result = run("verify", models / "snn.nir", "--data", "digits", "--inject-fault", fault)
    assert_refused(result, "--inject-fault")


def test_weight_out_of_range(models, tmp_path):
    layer = first_layer(models, tmp_path)["name"]
    result = run("verify", models / "snn.nir", "--data", "digits", "--inject-fault", f"{layer}:99999999")
    assert_refused(result, layer, "99999999")
