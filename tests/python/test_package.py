"""Batches, the SNN object, interrupts, and the runtime without torch."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import neurocuda
from neurocuda.batches import host_images, split_batch
from neurocuda.core import _core, _runtime
from neurocuda.interrupts import interrupts_deferred

PACKAGE = Path(neurocuda.__file__).parents[1]


@pytest.mark.parametrize("form", ["tuple", "list", "dict"])
def test_batches_of_any_kind(snn, loaders, form):
    def as_form(x, y):
        return {"tuple": (x, y), "list": [x, y], "dict": {"pixel_values": x, "labels": y}}[form]

    batches = [as_form(x, y) for x, y in loaders[1]]
    assert neurocuda.evaluate(snn, batches) == neurocuda.evaluate(snn, loaders[1])


def test_evaluation_does_not_depend_on_the_batch_size(snn, digits):
    loader = torch.utils.data.DataLoader
    results = {neurocuda.evaluate(snn, loader(digits.test, batch_size=b), images=100) for b in (1, 7, 100)}
    assert len(results) == 1


def test_evaluate_leaves_the_mode_of_the_model(trained, loaders):
    trained.train()
    neurocuda.evaluate(trained, loaders[1])
    assert trained.training and trained.stem[1].training


@pytest.mark.parametrize("kind", ["snn", "module"])
def test_a_negative_label_is_refused(snn, trained, loaders, kind):
    x, y = next(iter(loaders[1]))
    y = y.clone()
    y[1] = -1
    with pytest.raises(neurocuda.UserError, match="label -1: classes count from 0"):
        neurocuda.evaluate(snn if kind == "snn" else trained, [(x, y)])


def test_contiguous_float32_images_are_not_copied():
    x = torch.randn(2, 1, 8, 8, requires_grad=True)
    assert _runtime.address_of(host_images(x)) == x.data_ptr()
    assert host_images(x.double()).dtype == torch.float32


def test_split_batch_of_one_tensor():
    images, labels = split_batch(torch.zeros(2, 1, 8, 8))
    assert images.shape == (2, 1, 8, 8) and labels is None


def test_snn_gives_logits_and_prints_a_table(snn, loaders):
    images, _ = next(iter(loaders[1]))
    logits = snn(images)
    assert logits.shape == (len(images), 10) and logits.dtype == torch.float32 and logits.device == images.device
    table = repr(snn)
    assert "T = 16" in table and "stem" in table and "stages:" in table


def test_strided_images_give_the_same(snn, loaders):
    images, _ = next(iter(loaders[1]))
    strided = images.transpose(2, 3).contiguous().transpose(2, 3)
    assert not strided.is_contiguous() and torch.equal(snn(strided), snn(images))


def test_records(snn, loaders):
    images = next(iter(loaders[1]))[0][:3]
    run = snn.run(images, record="membranes")
    spikes, membranes = run.spike_record(), run.membrane_record()
    assert spikes.keys() == membranes.keys()
    assert sum(int(layer.sum()) for layer in spikes.values()) == run.spikes
    assert all(layer.shape[:2] == (3, 16) for layer in spikes.values())
    with pytest.raises(neurocuda.UserError, match="record"):
        snn.run(images).spike_record()


def test_a_run_returns_what_is_asked_for(snn, loaders):
    images = next(iter(loaders[1]))[0][:3]
    run, every = snn.run(images), snn.run(images, by_timestep=True)
    assert every.accumulators.shape == (3, 16, 10)
    assert (run.logits() == every.logits()).all() and (run.predictions() == every.predictions(15)).all()
    assert run.spikes == every.spikes > 0 and run.synaptic_operations == every.synaptic_operations > 0
    for read in (lambda: run.accumulators, lambda: run.logits(3), lambda: run.predictions(0)):
        with pytest.raises(neurocuda.UserError, match="run with by_timestep"):
            read()
    silent = snn.run(images, counts=False)
    assert (silent.logits() == run.logits()).all()
    for read in (lambda: silent.spikes, lambda: silent.synaptic_operations, lambda: silent.spikes_by_node):
        with pytest.raises(neurocuda.UserError, match="run with counts"):
            read()


def test_a_changed_weight_is_found(snn, loaders):
    layer = next(node["name"] for node in snn.program.nodes() if node["kind"] == "if_layer")
    changed = _runtime.compile(_runtime.with_changed_weight(snn.program, layer, 4, 40), "cpu")
    dataset = neurocuda.batches.collect(loaders[1], "digits", images=16)
    facts = _runtime.verify([_runtime.compile(snn.program, "reference"), changed], dataset)
    assert facts["deviations"] > 0 and facts["first_deviation"]["layer"] == layer


def test_onnx(trained, loaders, tmp_path):
    from neurocuda.fx_import import import_model

    graph = import_model(trained, (1, 8, 8)).graph
    _core.write_onnx(graph, tmp_path / "ann.onnx")
    loaded = neurocuda.load_onnx(tmp_path / "ann.onnx")
    assert "refused" not in {f.verdict for f in neurocuda.doctor(loaded)}
    assert neurocuda.evaluate(neurocuda.convert(loaded, loaders[0], timesteps=8, epochs=0, tune="none"), loaders[1]) > 0.5


def test_stages_with_evaluation_data(trained, loaders):
    snn = neurocuda.convert(trained, loaders[0], timesteps=4, epochs=0, tune="none", eval_loader=loaders[1], seed=3)
    accuracy = {stage["name"]: stage["accuracy"] for stage in snn.conversion.report["stages"]}
    assert accuracy["ann"] == pytest.approx(neurocuda.evaluate(trained, loaders[1]))
    assert accuracy["fitted"] == pytest.approx(neurocuda.evaluate(snn, loaders[1]))


def test_attribution_of_a_conversion(trained, loaders):
    """At T = 1 with the ANN's own thresholds the levels are what is missing; at L = T = 64 hardly anything is."""
    coarse, fine = (
        neurocuda.convert(trained, loaders[0], timesteps=t, levels=t, epochs=0, tune="none").conversion.report["attribution"]
        for t in (1, 64)
    )
    parts = ("clipping", "quantisation", "unevenness", "rounding")
    assert [layer["layer"] for layer in coarse["layers"]] == [layer["layer"] for layer in fine["layers"]]
    assert coarse["largest"] in parts and coarse["remedy"]
    assert all(f["quantisation"] < c["quantisation"] for c, f in zip(coarse["layers"], fine["layers"], strict=True))
    without = neurocuda.convert(trained, loaders[0], timesteps=1, epochs=0, tune="none", attribution_images=0).conversion
    assert without.report["attribution"] == {"layers": []}


def test_conversion_repeats_with_its_seed(trained, loaders):
    batches = list(loaders[0])[:6]
    programs = [neurocuda.convert(trained, batches, timesteps=4, epochs=1, seed=7).program for _ in range(2)]
    assert programs[0] == programs[1]


def test_one_calibration_for_several_timesteps(trained, loaders):
    first = neurocuda.convert(trained, loaders[0], timesteps=4, epochs=1, tune="none")
    second = neurocuda.convert(trained, loaders[0], timesteps=16, calibrated=first.conversion.live, tune="none")
    assert second.timesteps == 16 and second.conversion.report["epochs"] == 0 and second.conversion.levels == first.conversion.levels
    assert neurocuda.evaluate(second, loaders[1]) > 0.8


def test_one_network_serves_every_t(trained, loaders):
    snn = neurocuda.convert(trained, loaders[0], timesteps=16)
    batch = next(iter(loaders[1]))[0]
    accumulators = snn.run(batch, by_timestep=True)
    for t in (4, 8):
        assert (snn.run(batch, timesteps=t).logits() == accumulators.logits(t - 1)).all()


def test_what_is_gone_says_what_took_its_place():
    with pytest.raises(AttributeError, match="gone: convert fits"):
        _ = neurocuda.correct_biases


def test_progress_is_told(trained, loaders):
    seen = []
    neurocuda.convert(trained, loaders[0], timesteps=4, epochs=1, progress=lambda *facts: seen.append(facts))
    assert seen and all(len(facts) == 4 for facts in seen)


def test_an_error_in_progress_reaches_the_caller(trained, loaders):
    def broken(*facts):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        neurocuda.convert(trained, loaders[0], timesteps=4, epochs=1, progress=broken)


def interrupt_after(seconds):
    def interrupt():
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()


def test_keyboard_interrupt_in_conversion(trained, loaders):
    tasks = []

    def progress(task, done, total, note):
        tasks.append(task)
        if len(tasks) == 2:
            interrupt_after(0.2)

    with pytest.raises(KeyboardInterrupt):
        neurocuda.convert(trained, list(loaders[0]), timesteps=8, epochs=300, progress=progress)
    assert len(tasks) < 300


def test_an_interrupt_while_tracing_comes_after_it(trained, loaders):
    """torch.fx imports modules then whose handlers swallow a KeyboardInterrupt; this model stands for them."""

    class Swallowing(torch.nn.Sequential):
        def forward(self, x):
            with contextlib.suppress(BaseException):
                signal.raise_signal(signal.SIGINT)
            return super().forward(x)

    with pytest.raises(KeyboardInterrupt):
        neurocuda.convert(Swallowing(trained), loaders[0], timesteps=8)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interrupt_is_not_deferred():
    with pytest.raises(KeyboardInterrupt), interrupts_deferred():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("call", [lambda snn, x: snn(x), lambda snn, x: neurocuda.evaluate(snn, [(x, x[:, 0, 0, 0].long())])])
def test_keyboard_interrupt_in_a_run(snn, loaders, call):
    """One batch, which would take minutes; afterwards the network runs as before."""
    neurocuda.compile(snn, "reference")
    images = next(iter(loaders[1]))[0]
    interrupt_after(0.5)
    with pytest.raises(KeyboardInterrupt):
        call(snn, images.repeat(2000, 1, 1, 1))
    logits = snn(images[:4])
    neurocuda.compile(snn, "cpu")
    assert torch.equal(snn(images[:4]), logits)


def test_a_handler_of_the_user_is_called(snn, loaders):
    class Mine(Exception):
        pass

    def handler(*_):
        raise Mine

    images = next(iter(loaders[1]))[0].repeat(2000, 1, 1, 1)
    neurocuda.compile(snn, "reference")
    previous = signal.signal(signal.SIGINT, handler)
    try:
        interrupt_after(0.5)
        with pytest.raises(Mine):
            snn(images)
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, previous)
        neurocuda.compile(snn, "cpu")


def test_other_threads_run_meanwhile(snn, loaders):
    """A run of many images on another thread: without the GIL released, this one could not count."""
    images = next(iter(loaders[1]))[0].repeat(100, 1, 1, 1)
    worker = threading.Thread(target=snn.run, args=(images,), kwargs={"threads": 1})
    worker.start()
    steps = 0
    while worker.is_alive():
        time.sleep(0.001)
        steps += 1
    assert steps > 3


def test_runtime_without_torch(snn, loaders, tmp_path):
    images = next(iter(loaders[1]))[0]
    neurocuda.to_nir(snn, tmp_path / "snn.nir")
    np.save(tmp_path / "images.npy", images.numpy())
    script = f"""
import sys
sys.path.insert(0, {str(PACKAGE)!r})
sys.modules["torch"] = None  # importing it fails
import numpy as np
import neurocuda.runtime as runtime
program = runtime.load({str(tmp_path / "snn.nir")!r})
run = runtime.compile(program, "cpu").run(np.load({str(tmp_path / "images.npy")!r}), record="spikes")
assert sum(int(s.sum()) for s in run.spike_record().values()) == run.spikes
np.save({str(tmp_path / "logits.npy")!r}, run.logits())
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "logits.npy"), snn(images).numpy())


def test_version():
    top = (PACKAGE.parent / "CMakeLists.txt").read_text() if (PACKAGE.parent / "CMakeLists.txt").exists() else ""
    assert not top or f"VERSION {neurocuda.__version__}" in top
