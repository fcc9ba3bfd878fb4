"""What people write, imported by torch.fx and from torch.export: the core computes what PyTorch computes."""

import pytest
import torch
from torch import nn

import networks
import neurocuda
from checks import assert_import_equals_pytorch, images
from networks import randomised
from neurocuda.core import _core
from neurocuda.fx_import import import_model
from small_models import CASES, IMAGE, Written, conv, parameter


def make(name):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, shape = CASES[name]()
        return randomised(model).eval(), shape


def exported(model, shape, batch=2):
    return torch.export.export(model, (torch.zeros(batch, *shape),))


def operators(graph):
    return [operator for _, operator, _ in graph.nodes()]


@pytest.mark.parametrize("name", CASES)
def test_import_equals_pytorch(name):
    assert_import_equals_pytorch(*make(name))


@pytest.mark.parametrize("name", [name for name in CASES if name != "keyword_as_name"])
def test_exported_program_equals_pytorch(name):
    model, shape = make(name)
    assert_import_equals_pytorch(model, shape, exported(model, shape))


def test_exported_for_any_batch_and_decomposed():
    model, shape = make("batch_norm_first")
    program = torch.export.export(model, (torch.zeros(2, *shape),), dynamic_shapes=[{0: torch.export.Dim.AUTO}])
    assert_import_equals_pytorch(model, shape, program)
    assert_import_equals_pytorch(model, shape, program.run_decompositions())


def test_an_exported_program_keeps_the_names_and_lines():
    model, shape = make("batch_norm_first")
    imported = import_model(exported(model, shape), shape)
    assert [name for name, operator, _ in imported.graph.nodes() if operator == "Conv2d"] == ["1"]
    model, shape = networks.make("functional_residual")
    lines = import_model(exported(model, shape), shape).lines
    assert all("networks.py" in lines[name] for name in ("conv1", "bn", "add", "mean", "fc"))


def test_what_only_moves_values_adds_no_operator():
    """Flattened in another order, or read at one position only: that goes into the weights of the linear layer behind."""
    for name in ("channels_last", "one_position"):
        model, shape = make(name)
        assert operators(import_model(model, shape).graph).count("Conv2d") == operators_of(model, nn.Conv2d), name


def operators_of(model, kind):
    return sum(isinstance(module, kind) for module in model.modules())


@pytest.mark.parametrize("name, expected", [("split", "Slice"), ("cat", "Concat"), ("ceil_mode", "MaxPool2d")])
def test_operators_of_the_graph(name, expected):
    assert expected in operators(assert_import_equals_pytorch(*make(name)))


def test_a_cap_is_the_relu_s():
    model, shape = make("capped")
    text = str(import_model(model, shape).graph)
    assert operators(import_model(model, shape).graph).count("ReLU") == text.count("ReLU") > 1
    x = 100 * images(shape)
    graph = import_model(model, shape).graph
    with torch.no_grad():
        assert abs(_core.run_float(graph, x, threads=1) - model(x).numpy()).max() < 1e-4


@pytest.mark.parametrize("last", [nn.Softmax(dim=1), nn.Softmax(dim=-1), nn.LogSoftmax(dim=1)], ids=str)
def test_softmax_at_the_end_is_left_out_and_said(last):
    body = nn.Sequential(conv(), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)).eval()
    model = nn.Sequential(body, last)
    for given in (model, exported(model, IMAGE)):
        with pytest.warns(UserWarning, match="left out: the network gives the logits, whose arg-max is the same"):
            assert_import_equals_pytorch(body, IMAGE, given)
        left_out = [f for f in neurocuda.doctor(given, IMAGE) if "left out" in f.reason]
        assert [f.verdict for f in left_out] == ["exact"] and "oftmax" in left_out[0].op.lower()


def test_softmax_over_another_axis_is_refused():
    model = nn.Sequential(conv(), nn.Flatten(), nn.Linear(144, 5), nn.Softmax(dim=0))
    with pytest.raises(neurocuda.UnsupportedOperator, match="not over the classes"):
        import_model(model, IMAGE)


def test_a_part_that_was_written_over():
    """In PyTorch the whole holds the change, too: refused rather than computed with the old values."""

    def body(m, x):
        y = m.conv(x)
        y[:, :2].relu_()
        return m.fc(y.flatten(1))

    with pytest.raises(neurocuda.UnsupportedOperator, match="in-place operator changed a part of"):
        import_model(Written(body, conv=conv(), fc=nn.Linear(144, 5)), IMAGE)


def test_a_view_that_was_written_over():
    """A permuted view and what it shows share their memory."""

    def body(m, x):
        y = m.conv(x)
        y.permute(0, 2, 3, 1).add_(m.shift).relu_()
        return m.fc(y.flatten(1))

    model = Written(body, conv=conv(), shift=parameter(4), fc=nn.Linear(144, 5)).eval()
    assert_import_equals_pytorch(model, IMAGE)


def test_a_copy_that_was_written_over():
    """reshape() copies what is not contiguous: the original stays."""

    def body(m, x):
        y = m.conv(x)
        z = y.permute(0, 2, 3, 1).reshape(len(x), -1).relu_()
        return m.fc(y.flatten(1)) + m.fc(z)

    model = Written(body, conv=conv(), fc=nn.Linear(144, 5)).eval()
    assert_import_equals_pytorch(model, IMAGE)


def test_doctor_of_an_exported_program():
    model, shape = make("cat")
    findings = neurocuda.doctor(exported(model, shape))
    assert {"Conv2d", "Concat", "Linear"} <= {f.op for f in findings}
