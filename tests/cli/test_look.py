"""doctor, inspect, backends: the subcommands that only look."""

from conftest import assert_refused, run, run_json
from onnx_files import ends_in_softmax, two_convolutions, two_refusals


def test_doctor_on_an_ann(models, tmp_path):
    document = run_json(tmp_path, "doctor", models / "ann.onnx")
    assert document["refused"] == 0 and document["convertible"] is True
    assert {"node", "operator", "verdict", "reason", "remedy"} <= document["findings"][0].keys()


def test_doctor_with_data_attributes_the_errors(models, tmp_path):
    document = run_json(tmp_path, "doctor", models / "ann.onnx", "--data", "digits", "-T", 4, "--threads", 1)
    attribution = document["attribution"]
    assert attribution["largest"] in ["clipping", "quantisation", "unevenness", "rounding"]
    assert len(attribution["layers"]) == 5
    assert attribution["layers"][0]["training"] < 5e-3  # the first layer, which reads the image, keeps its weights


def test_doctor_attributes_nothing_to_an_snn(models):
    assert_refused(run("doctor", models / "snn.nir", "--data", "digits"), "--data", "snn.nir")


def test_doctor_refuses_what_cannot_be_converted(tmp_path):
    """A convolution of a convolution: no IF layer between them."""
    model = two_convolutions(tmp_path / "bottleneck.onnx")
    document = run_json(tmp_path, "doctor", model, status=1)
    assert document["convertible"] is False
    refused = [finding for finding in document["findings"] if finding["verdict"] == "refused"]
    assert refused and refused[0]["reason"] and refused[0]["remedy"]


def test_doctor_lists_all_that_cannot_be_read(tmp_path):
    document = run_json(tmp_path, "doctor", two_refusals(tmp_path / "ann.onnx"), status=1)
    assert document["convertible"] is False and document["refused"] == 2
    assert [(finding["operator"], finding["node"]) for finding in document["findings"]] == [("LeakyRelu", "leaky"), ("HardSwish", "swish")]
    assert all(finding["reason"] and finding["remedy"] for finding in document["findings"])


def test_what_is_left_out_is_noted(tmp_path):
    model = ends_in_softmax(tmp_path / "ann.onnx")
    for command in ("doctor", "inspect"):
        (note,) = [notice for notice in run_json(tmp_path, command, model)["notices"] if "Softmax" in notice]
        assert "'probabilities'" in note and "ann.onnx" in note


def test_doctor_on_an_snn(models, tmp_path):
    document = run_json(tmp_path, "doctor", models / "snn.nir", "-T", 64)
    assert document["runnable"] is True and document["bounds"]["timesteps"] == 64


def test_inspect_an_ann(models, tmp_path):
    document = run_json(tmp_path, "inspect", models / "ann.onnx")
    assert document["kind"] == "ann" and document["parameters"] > 1000
    assert "Conv2d" in {node["operator"] for node in document["nodes"]}


def test_inspect_an_snn(models, tmp_path):
    document = run_json(tmp_path, "inspect", models / "snn.nir")
    assert document["kind"] == "snn" and document["timesteps"] == 8
    assert document["nodes"][0]["kind"] == "input" and document["nodes"][-1]["kind"] == "accumulator"
    assert document["neurons"] > 100


def test_inspect_prints_the_bounds(models):
    result = run("inspect", models / "snn.nir")
    assert result.returncode == 0
    assert "bounds at T = 8" in result.stdout and "max |membrane|" in result.stdout


def test_backends(tmp_path):
    listed = {entry["target"]: entry for entry in run_json(tmp_path, "backends")["backends"]}
    assert {"reference", "cpu", "gpu", "loihi2_sim"} <= listed.keys()
    assert listed["reference"]["available"] and listed["cpu"]["available"]
    for entry in listed.values():
        assert entry["available"] or entry["remedy"]
