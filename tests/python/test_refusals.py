"""What cannot be converted is refused with the line of the model, the reason and the remedy."""

import inspect

import pytest
import torch

import neurocuda
import unsupported
from checks import assert_import_equals_pytorch
from neurocuda.fx_import import import_model

SHAPE = (3, 8, 8)


def refused_line(model_class) -> int:
    lines, first = inspect.getsourcelines(model_class)
    return first + next(i for i, line in enumerate(lines) if "REFUSED" in line)


@pytest.mark.parametrize("model_class", unsupported.LINED, ids=lambda c: c.__name__)
def test_refusal_names_the_line_and_a_remedy(model_class):
    with pytest.raises(neurocuda.UnsupportedOperator) as refused:
        import_model(model_class(), SHAPE)
    message = str(refused.value)
    assert f"unsupported.py:{refused_line(model_class)}" in message
    assert "\n" not in message and model_class.remedy in message.split("; ", 1)[1]


@pytest.mark.parametrize("model_class", unsupported.LINED, ids=lambda c: c.__name__)
def test_the_remedy_helps(model_class):
    """The same model, changed as its refusal says."""
    mended = type(model_class.__name__ + "Mended", (model_class,), {"forward": model_class.mended})
    assert_import_equals_pytorch(mended().eval(), SHAPE)


@pytest.mark.parametrize("model_class", [unsupported.SiLU, unsupported.LeakyReLU], ids=lambda c: c.__name__)
def test_an_activation_is_replaced_as_the_message_says(model_class):
    with pytest.raises(neurocuda.UnsupportedOperator, match='replace_activations="relu"'):
        import_model(model_class(), SHAPE)
    assert import_model(model_class(), SHAPE, "relu").replaced == ["extra"]


def test_a_refusal_of_the_core_names_the_line():
    model = unsupported.PoolOfCurrents()
    with pytest.raises(neurocuda.ConversionError, match=f"unsupported.py:{refused_line(type(model))} .*max pool.*; put a ReLU"):
        neurocuda.convert(model, [(torch.zeros(4, *SHAPE), torch.arange(4))])


def test_two_inputs():
    first = inspect.getsourcelines(unsupported.TwoInputs.forward)[1]
    with pytest.raises(neurocuda.UnsupportedOperator, match=rf"unsupported.py:{first}: .*\(x, y\); .*give the others defaults"):
        import_model(unsupported.TwoInputs(), SHAPE)
    (finding,) = neurocuda.doctor(unsupported.TwoInputs(), SHAPE)
    assert finding.verdict == "refused"


def test_doctor_lists_all_refusals_and_goes_on():
    findings = neurocuda.doctor(unsupported.SiLU(), SHAPE)
    assert [f.op for f in findings if f.verdict == "refused"][0] == "SiLU"
    assert {"Conv2d", "Linear"} <= {f.op for f in findings}
    assert all("unsupported.py" in f.line for f in findings if f.op in ("SiLU", "Conv2d", "Linear"))


def test_doctor_of_a_good_model():
    findings = neurocuda.doctor(neurocuda.models.digits_resnet(), (1, 8, 8))
    assert {f.op: f.verdict for f in findings if f.op != "ReLU"}.items() >= {"Conv2d": "exact", "Add": "exact"}.items()
    assert {f.verdict for f in findings if f.op == "ReLU"} == {"approximate"}
    assert "refused" not in {f.verdict for f in findings}


@pytest.mark.parametrize("model_class", unsupported.LINED, ids=lambda c: c.__name__)
def test_doctor_finds_the_operator_and_goes_on(model_class):
    findings = neurocuda.doctor(model_class(), SHAPE)
    refused = [f for f in findings if f.verdict == "refused"]
    assert f"unsupported.py:{refused_line(model_class)}" in str(refused[0])
    assert len(refused) <= 2 and "Output" not in {f.op for f in refused}
    assert model_class is unsupported.DynamicBranch or {"Conv2d", "ReLU"} & {f.op for f in findings}


def test_doctor_survives_dynamic_control_flow():
    (finding,) = neurocuda.doctor(unsupported.DynamicBranch(), SHAPE)
    assert finding.verdict == "refused"


def test_images_of_another_shape():
    with pytest.raises(neurocuda.UserError, match="shape"):
        import_model(neurocuda.models.digits_resnet(), (3, 8, 8))


def test_unknown_setting(trained, loaders):
    with pytest.raises(neurocuda.UserError, match="epoch_count"):
        neurocuda.convert(trained, loaders[0], epoch_count=3)


def test_not_a_model(loaders):
    with pytest.raises(neurocuda.UserError):
        neurocuda.convert("resnet18", loaders[0])


def test_uint8_images(trained):
    batch = (torch.zeros(8, 1, 8, 8, dtype=torch.uint8), torch.zeros(8, dtype=torch.int64))
    with pytest.raises(neurocuda.UserError, match="uint8"):
        neurocuda.convert(trained, [batch], timesteps=2, epochs=0, tune="none")


def test_no_labels(trained):
    images = [torch.rand(8, 1, 8, 8), torch.rand(8, 1, 8, 8)]
    with pytest.raises(neurocuda.UserError, match="no labels to teach"):
        neurocuda.convert(trained, images, timesteps=2, epochs=1)
    with pytest.raises(neurocuda.UserError, match="some have none"):
        neurocuda.convert(trained, [images[0], (images[1], torch.zeros(8, dtype=torch.int64))], timesteps=2)
    assert neurocuda.convert(trained, images, timesteps=2).timesteps == 2


def test_errors_mirror_the_core():
    assert issubclass(neurocuda.UnsupportedOperator, neurocuda.UserError)
    assert issubclass(neurocuda.ConversionError, neurocuda.UserError)
    assert issubclass(neurocuda.BackendUnavailable, neurocuda.UserError)
    assert issubclass(neurocuda.UserError, neurocuda.Error)
    with pytest.raises(neurocuda.UserError):
        neurocuda.from_nir("/nowhere/missing.nir")
