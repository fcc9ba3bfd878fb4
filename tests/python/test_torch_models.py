"""Models with more than layers in them: other parameters of forward(), computed weights, wrappers, code that asks for sizes."""

import math

import pytest
import torch
import torch.nn.functional as F
import torch.nn.utils.prune as prune
from torch import nn

import neurocuda
from checks import assert_import_equals_pytorch, images
from neurocuda.fx_import import import_model
from torchvision_models import torchvision

SHAPE = (3, 8, 8)


def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)).eval()


class Wrapping(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = network()


class Labels(Wrapping):
    def forward(self, x, labels=None):
        logits = self.network(x)
        return logits if labels is None else (logits, F.cross_entropy(logits, labels))


class Features(Wrapping):
    def forward(self, x, *, return_features=False, scale: float = 2.0, **others):
        features = self.network[:3](x)
        return features if return_features else self.network[3](features) * scale


class Required(Wrapping):
    def forward(self, x, labels):
        return self.network(x)


@pytest.mark.parametrize("kind", [Labels, Features])
def test_other_parameters_have_their_defaults(kind):
    assert_import_equals_pytorch(kind().eval(), SHAPE)


def test_a_parameter_without_default_is_named():
    with pytest.raises(neurocuda.UnsupportedOperator, match=r"test_torch_models.py:\d+: .*several inputs \(x, labels\)"):
        import_model(Required(), SHAPE)


def pruned():
    model = network()
    prune.l1_unstructured(model[0], "weight", 0.5)
    prune.random_structured(model[3], "weight", 0.5, dim=0)
    prune.l1_unstructured(model[3], "weight", 0.2)
    return model


def old_norms():
    model = network()
    nn.utils.weight_norm(model[0])
    nn.utils.spectral_norm(model[3])
    model.train()(images(SHAPE))  # its estimate of the norm
    return model.eval()


def parametrised():
    class Symmetric(nn.Module):
        def forward(self, weight):
            return weight + weight.flip(-1)

    model = network()
    nn.utils.parametrizations.weight_norm(model[0])
    nn.utils.parametrizations.spectral_norm(model[3])
    nn.utils.parametrize.register_parametrization(model[0], "bias", Symmetric())
    return model.eval()


def kept_features():
    class Keeping(Wrapping):
        def forward(self, x):
            self.features = self.network[:3](x)
            self.seen = [self.features]
            return self.network[3](self.features)

    model = Keeping().eval()
    model(images(SHAPE))
    return model


@pytest.mark.parametrize("build", [pruned, old_norms, parametrised, kept_features])
def test_computed_weights(build):
    model = build()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    hooks = [len(module._forward_pre_hooks) for module in model.modules()]
    assert_import_equals_pytorch(model, SHAPE)
    after = model.state_dict()
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)
    assert hooks == [len(module._forward_pre_hooks) for module in model.modules()]


@pytest.mark.parametrize("script", [torch.jit.script, lambda model: torch.jit.trace(model, torch.zeros(2, *SHAPE))])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torchscript_is_named(script):
    scripted = script(network())
    with pytest.raises(neurocuda.UserError, match="TorchScript keeps no code .*; give the torch.nn.Module"):
        import_model(scripted, SHAPE)
    with pytest.raises(neurocuda.UserError, match="its submodule '0' is a .*TorchScript"):
        neurocuda.doctor(nn.Sequential(scripted), SHAPE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_script_function_is_named():
    @torch.jit.script
    def function(x):
        return x.flatten(1)

    with pytest.raises(neurocuda.UserError, match="ScriptFunction: TorchScript keeps no code"):
        neurocuda.convert(function, [(images(SHAPE), torch.arange(4))])


class AsksForSizes(Wrapping):
    """SAME padding as TensorFlow has it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, stride=2)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        if x.shape[1] != 3:
            raise ValueError("colour images only")
        missing = max((math.ceil(x.shape[2] / 2) - 1) * 2 + 3 - x.shape[2], 0)
        if missing > 0:
            x = F.pad(x, [missing // 2, missing - missing // 2] * 2)
        return self.fc(F.relu(self.conv(x))[:, 0].flatten(1))


def test_a_model_that_asks_for_sizes(capfd):
    assert_import_equals_pytorch(AsksForSizes().eval(), SHAPE)
    assert capfd.readouterr() == ("", "")


def test_exported_in_training_mode_is_said():
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(192, 5))
    with pytest.raises(neurocuda.UnsupportedOperator, match=r"dropout .*call model.eval\(\) before torch.export.export"):
        import_model(torch.export.export(model.train(), (images(SHAPE),)), SHAPE)


def test_an_exported_program_is_evaluated_and_converted():
    """The one for batches of 3 images, too: the last batch is filled up."""
    model, x = network(), images(SHAPE, 10)
    labels = model(x).argmax(1)
    labels[0] = (labels[0] + 1) % 5
    loader = [(x[:4], labels[:4]), (x[4:], labels[4:])]
    program = torch.export.export(model, (torch.zeros(3, *SHAPE),))
    assert neurocuda.evaluate(program, loader) == pytest.approx(0.9) == neurocuda.evaluate(model, loader)
    same = {"timesteps": 2, "epochs": 0, "tune": "none"}
    assert neurocuda.convert(program, loader, **same).program == neurocuda.convert(model, loader, **same).program


@pytest.mark.skipif(torchvision is None, reason="torchvision is not installed")
def test_torchvision_s_normalisation():
    for transforms in (torchvision.transforms, pytest.importorskip("torchvision.transforms.v2")):
        normalise = transforms.Normalize((0.4, 0.5, 0.6), (0.2, 0.3, 0.4))
        assert_import_equals_pytorch(nn.Sequential(normalise, network()).eval(), SHAPE)
