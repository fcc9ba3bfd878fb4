"""The tutorial's own sequence of calls, on a small residual network and the bundled digits."""

import copy

import pytest
import torch

import neurocuda

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def ann_accuracy(trained, loaders):
    return neurocuda.evaluate(trained, loaders[1], device=DEVICE)


def test_the_ann_learned(ann_accuracy):
    assert ann_accuracy > 0.9


def test_convert_compile_evaluate(snn, loaders, ann_accuracy):
    assert neurocuda.compile(snn, target="cpu") is snn
    accuracy = neurocuda.evaluate(snn, loaders[1], device=DEVICE)
    assert isinstance(accuracy, float) and accuracy > ann_accuracy - 0.05
    sparsity = neurocuda.measure_sparsity(snn, loaders[1], device=DEVICE)
    assert 0.3 < sparsity < 1


def test_reference_gives_the_same_as_cpu(snn, loaders):
    accuracy = neurocuda.evaluate(neurocuda.compile(snn, "cpu"), loaders[1])
    assert neurocuda.evaluate(neurocuda.compile(snn, "reference"), loaders[1], images=64) == neurocuda.evaluate(
        neurocuda.compile(snn, "cpu"), loaders[1], images=64
    )
    assert accuracy > 0.8


def test_verify(snn, loaders):
    facts = neurocuda.verify(snn, loaders[1], images=20)
    assert facts["images"] == 20 and facts["deviations"] == 0 and facts["spikes_compared"] > 0


@pytest.mark.parametrize("target", ["gpu", "loihi2_sim"])
def test_other_targets(snn, loaders, target):
    known = {backend["target"]: backend for backend in neurocuda.backends()}
    if known[target]["available"]:
        neurocuda.compile(snn, target=target)
        assert neurocuda.evaluate(snn, loaders[1], images=64) > 0.8
        neurocuda.compile(snn, target="cpu")
    else:
        with pytest.raises(neurocuda.BackendUnavailable) as refused:
            neurocuda.compile(snn, target=target)
        assert known[target]["remedy"] and "\n" not in str(refused.value)


def test_nir_round_trip(snn, loaders, tmp_path):
    path = tmp_path / "digits_snn.nir"
    neurocuda.to_nir(snn, path)
    back = neurocuda.from_nir(path)
    assert back.program == snn.program
    images = next(iter(loaders[1]))[0]
    assert torch.equal(back(images), snn(images))


def test_sweep_agrees_with_single_runs(snn, loaders):
    neurocuda.compile(snn, "cpu")
    points = neurocuda.sweep(snn, loaders[1], timesteps=(4, 16, 1))
    assert [point["timesteps"] for point in points] == [4, 16, 1]
    for point in points:
        single = neurocuda.report(snn, loaders[1], timesteps=point["timesteps"])
        assert point["accuracy"] == single["accuracy"]
        assert point["sparsity"] == pytest.approx(single["sparsity"], abs=1e-12)


def test_the_loop_over_t(trained, loaders):
    for t in (2, 8):
        snn_t = neurocuda.convert(trained, loaders[0], timesteps=t, device=DEVICE, epochs=0)
        assert snn_t.timesteps == t
        assert neurocuda.evaluate(snn_t, loaders[1], device=DEVICE) > 0.1


def test_convert_leaves_the_model_as_it_was(trained, loaders):
    model = copy.deepcopy(trained).train()
    model.stem[1].eval()
    before = copy.deepcopy(model.state_dict())
    state = torch.get_rng_state()
    neurocuda.convert(model, list(loaders[0])[:4], timesteps=4, epochs=1)
    assert model.training and not model.stem[1].training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
