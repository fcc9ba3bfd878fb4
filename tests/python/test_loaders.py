"""Loaders that can be read once, labels and images that are none."""

import pytest
import torch

import neurocuda
from neurocuda.batches import peek

FAST = {"timesteps": 4, "epochs": 0, "tune": "none"}


def batches(loaders, count=4):
    return [batch for batch, _ in zip(loaders[0], range(count))]


def test_a_generator_loses_no_batch(trained, loaders):
    listed = batches(loaders)
    listed[0][0][0, 0, 0, 0] = 1000.0  # the largest value, which the input grid must hold
    expected = neurocuda.convert(trained, listed, **FAST)
    given = neurocuda.convert(trained, (batch for batch in listed), **FAST, eval_loader=(batch for batch in listed))
    assert given.program == expected.program
    single = neurocuda.convert(trained, (batch for batch in listed[:1]), **FAST)
    assert single.program == neurocuda.convert(trained, listed[:1], **FAST).program


def test_peeking_reads_no_more_than_it_must():
    read = []

    def loader():
        for i in range(3):
            read.append(i)
            yield torch.full((0 if i == 0 else 2, 1, 4, 4), float(i))

    shape, again = peek(loader())
    assert shape == (1, 4, 4) and read == [0, 1]
    assert [len(batch) for batch in again] == [0, 2, 2] and read == [0, 1, 2]
    with pytest.raises(neurocuda.UserError, match="gave no batch"):
        peek(iter([]))


@pytest.mark.parametrize("call", ["convert", "evaluate_snn", "evaluate_ann"])
@pytest.mark.parametrize("wrong", [2.5, float("nan"), float("inf")])
def test_fractional_labels_are_refused(trained, snn, loaders, call, wrong):
    x, labels = batches(loaders, 1)[0]
    labels = labels.float()
    calls = {
        "convert": lambda loader: neurocuda.convert(trained, loader, **FAST),
        "evaluate_snn": lambda loader: neurocuda.evaluate(snn, loader),
        "evaluate_ann": lambda loader: neurocuda.evaluate(trained, loader),
    }
    calls[call]([(x, labels)])  # whole numbers may be floats
    labels[3] = wrong
    with pytest.raises(neurocuda.UserError, match=f"label {wrong:g}: .*; give whole numbers"):
        calls[call]([(x, labels)])


def test_labels_of_another_shape_are_refused(trained, loaders):
    x, labels = batches(loaders, 1)[0]
    with pytest.raises(neurocuda.UserError, match="give one class number each"):
        neurocuda.evaluate(trained, [(x, labels[:, None])])


@pytest.mark.parametrize("kind", ["snn", "module"])
def test_values_that_are_not_finite_are_refused(trained, snn, loaders, kind):
    x, labels = batches(loaders, 1)[0]
    x[2, 0, 1, 3] = float("nan")
    with pytest.raises(neurocuda.UserError, match="image 2 of the batch holds the value nan at element 11: pixels must be finite"):
        neurocuda.evaluate(snn if kind == "snn" else trained, [(x, labels)])


@pytest.mark.parametrize("setting", [{"held_out": 0}, {"held_out": 1.5}])
def test_held_out_needs_images(trained, loaders, setting):
    with pytest.raises(neurocuda.UserError, match=r"held_out=.*: must be 0\.001 to 0\.9"):
        neurocuda.convert(trained, batches(loaders), **FAST, **setting)
