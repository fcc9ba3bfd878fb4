"""Extreme weights, memory, threads, chains and pipes: one clear line, or an answer in good time."""

import os
import subprocess
import zlib

import h5py
import numpy as np
import pytest
from onnx import helper, load, numpy_helper, save

import onnx_files
from conftest import BINARY, assert_refused, run, run_json


def with_weight(path, value, everywhere=False):
    model = load(onnx_files.good(path))
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == "w_first")
    array = numpy_helper.to_array(weights).copy()
    if everywhere:
        array[:] = value
    else:
        array.flat[5] = value
    weights.CopyFrom(numpy_helper.from_array(array, "w_first"))
    save(model, path)
    return path


@pytest.mark.parametrize("value, shown", [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (1e38, "1e+38"), (-3e20, "-3e+20")])
@pytest.mark.parametrize("command", [["doctor"], ["inspect"], ["eval", "--data", "digits"], ["convert", "--data", "digits", "-o", "snn.nir"]])
def test_extreme_weights(tmp_path, command, value, shown):
    ann = with_weight(tmp_path / "ann.onnx", value)
    result = run(command[0], ann, *command[1:], cwd=tmp_path)
    assert_refused(result, "ann.onnx", "'first'", "weight[5]", shown)
    assert [path.name for path in tmp_path.iterdir()] == ["ann.onnx"]


def test_denormal_weights(tmp_path):
    assert_refused(run("doctor", with_weight(tmp_path / "ann.onnx", 1e-42, everywhere=True)), "'first'", "e-42", "too small")
    assert run("doctor", with_weight(tmp_path / "one.onnx", 1e-42)).returncode == 0, "one among others is as good as 0"


def test_weights_whose_sums_overflow(tmp_path):
    """Each is within bounds; the activations are not."""
    model = load(onnx_files.two_convolutions(tmp_path / "ann.onnx"))
    model.graph.node.insert(1, helper.make_node("Relu", ["first"], ["relu1"], name="relu1"))
    model.graph.node[2].input[0] = "relu1"
    for tensor in model.graph.initializer:
        if tensor.name != "w_head":
            tensor.CopyFrom(numpy_helper.from_array(np.full(numpy_helper.to_array(tensor).shape, 1e15, np.float32), tensor.name))
    save(model, tmp_path / "ann.onnx")
    result = run("convert", tmp_path / "ann.onnx", "--data", "digits", "--epochs", 0, "-o", tmp_path / "snn.nir")
    assert_refused(result, "'relu'", "e+", "too large")


def test_a_dead_layer(tmp_path):
    ann = with_weight(tmp_path / "ann.onnx", 0, everywhere=True)
    result = run("convert", ann, "--data", "digits", "-T", 4, "--epochs", 0, "--threads", 1, "-o", tmp_path / "snn.nir")
    assert result.returncode == 0 and "nan" not in result.stdout, result.stdout


def test_out_of_memory(tmp_path):
    """A map of 262,150 x 262,150 in four channels: a terabyte."""
    nodes = [helper.make_node("Conv", ["image", "w"], ["first"], name="first", pads=[131072] * 4),
             helper.make_node("Relu", ["first"], ["relu"], name="relu"),
             helper.make_node("GlobalAveragePool", ["relu"], ["pool"], name="pool"), *onnx_files.head("pool")[0]]
    ann = onnx_files.write(tmp_path / "ann.onnx", nodes, [onnx_files.weight("w", 4, 1, 3, 3), onnx_files.weight("w_head", 10, 4)])
    result = run("eval", ann, "--data", "digits", "--images", 1, "--threads", 1)
    assert_refused(result, "out of memory", "GiB more were needed", "fewer images")


def test_threads_beyond_the_cores(tmp_path):
    cores = len(os.sched_getaffinity(0))
    path = tmp_path / "answer.json"
    result = run("bench", "--random-network", "resnet20", "--images", 4, "--repeats", 1, "-T", 2, "--threads", 1000, "--json", path)
    assert result.returncode == 0
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and "1000 threads" in lines[0] and f"{cores} cores" in lines[0]
    assert f'"threads": {cores}' in path.read_text()


def chain(path, count):
    """`count` ReLUs one behind the other."""
    nodes = [helper.make_node("Relu", ["first" if i == 0 else f"r{i - 1}"], [f"r{i}"], name=f"r{i}") for i in range(count)]
    return onnx_files.network(path, *nodes, source=f"r{count - 1}")


def test_a_long_chain(tmp_path):
    """Close to as many nodes as are read; every layer looked at the whole graph."""
    document = run_json(tmp_path, "doctor", chain(tmp_path / "ann.onnx", 8000))
    assert len(document["findings"]) > 8000


@pytest.mark.parametrize("option", ["model.onnx", "model.nir", "data", "settings"])
def test_a_pipe_is_refused_rather_than_waited_for(models, tmp_path, option):
    os.mkfifo(tmp_path / option)
    pipe = tmp_path / option
    arguments = {
        "data": ["eval", models / "snn.nir", "--data", pipe],
        "settings": ["convert", models / "ann.onnx", "--data", "digits", "--settings", pipe, "-o", tmp_path / "snn.nir"],
    }.get(option, ["inspect", pipe])
    assert_refused(run(*arguments, timeout=30), pipe)


def peak_memory(*arguments):
    """(status, KiB that the process held at most)."""
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss


@pytest.mark.parametrize("key", ["v_threshold", "r", "unknown"])
def test_packed_arrays_that_fit_nothing_are_not_unpacked(models, tmp_path, key):
    """A few hundred KB of file, half a GB in memory when unpacked."""
    path = tmp_path / "snn.nir"
    path.write_bytes((models / "snn.nir").read_bytes())
    with h5py.File(path, "r+") as file:
        layer = next(node for node in file["node/nodes"].values() if "v_threshold" in node)
        if key in layer:
            del layer[key]
        side, step = 1 << 13, 1 << 10
        packed = layer.create_dataset(key, (1, side, side), "f4", chunks=(1, step, step), compression="gzip")
        zeros = zlib.compress(bytes(4 * step * step))
        for y in range(0, side, step):
            for x in range(0, side, step):
                packed.id.write_direct_chunk((0, y, x), zeros)
    assert path.stat().st_size < 1 << 20
    _, plain = peak_memory("inspect", models / "snn.nir")
    status, peak = peak_memory("inspect", path)
    assert status == (0 if key == "unknown" else 2)
    assert peak < plain + 64 * 1024
