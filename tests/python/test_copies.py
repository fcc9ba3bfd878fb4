"""SNN objects can be copied and pickled."""

import copy
import pickle

import pytest
import torch

import neurocuda

SAME = {"deep copy": copy.deepcopy, "pickle": lambda snn: pickle.loads(pickle.dumps(snn))}


@pytest.mark.parametrize("kind", SAME)
def test_a_copy_is_the_same_network(snn, loaders, kind):
    twin = SAME[kind](snn)
    images = next(iter(loaders[1]))[0]
    assert twin is not snn and twin.program is not snn.program and twin.program == snn.program
    assert torch.equal(twin(images), snn(images))
    assert (twin.settings, twin.mode, twin.target, twin.timesteps) == (snn.settings, snn.mode, snn.target, snn.timesteps)
    assert twin.conversion.report == snn.conversion.report and repr(twin) == repr(snn)
    twin.program.timesteps = 3
    assert snn.timesteps == 16


@pytest.mark.parametrize("kind", SAME)
def test_target_and_mode_survive(trained, loaders, kind):
    snn = neurocuda.convert(trained, loaders[0], timesteps=4, epochs=0, tune="none", mode="exact")
    neurocuda.compile(snn, "reference")
    twin = SAME[kind](snn)
    assert (twin.target, twin.mode, twin.conversion.settings["mode"]) == ("reference", "exact", "exact")


def test_a_network_from_a_file(snn, tmp_path):
    neurocuda.to_nir(snn, tmp_path / "snn.nir")
    twin = pickle.loads(pickle.dumps(neurocuda.from_nir(tmp_path / "snn.nir")))
    assert twin.conversion is None and twin.program == snn.program
    assert pickle.loads(pickle.dumps(twin)).program == snn.program


def test_a_pickle_says_what_it_has_not_kept(snn):
    facts = SAME["pickle"](snn).conversion
    assert facts.levels == snn.conversion.levels
    with pytest.raises(AttributeError, match="keeps the report of its conversion, not the graphs"):
        facts.live  # noqa: B018
    assert copy.deepcopy(snn).conversion.live is not None


def test_a_target_that_is_not_there_becomes_cpu(snn, monkeypatch):
    from neurocuda.core import _runtime

    state = pickle.dumps(snn)
    build = _runtime.compile

    def without_gpu(program, target="cpu", *, device=0):
        if target == "gpu":
            raise neurocuda.BackendUnavailable("no GPU; use cpu")
        return build(program, target, device=device)

    monkeypatch.setattr(_runtime, "compile", without_gpu)
    twin = neurocuda.SNN.__new__(neurocuda.SNN)
    with pytest.warns(UserWarning, match="was made ready for gpu, and is for cpu now .no GPU; use cpu."):
        twin.__setstate__({**pickle.loads(state).__getstate__(), "target": "gpu"})
    assert twin.target == "cpu"
