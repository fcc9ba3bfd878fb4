"""The stubs of the extension modules name what the modules hold."""

import ast
from pathlib import Path

import pytest

import neurocuda
from neurocuda.core import _core, _runtime

FOLDER = Path(neurocuda.__file__).parent


def declared(body) -> dict[str, set[str]]:
    """Public names of a stub; for a class with those of its members."""
    names: dict[str, set[str]] = {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            names[node.name] = set(declared(node.body))
        elif isinstance(node, ast.FunctionDef):
            names[node.name] = set()
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = set()
    return {name: members for name, members in names.items() if not name.startswith("_")}


def public(thing) -> set[str]:
    return {name for name in vars(thing) if not name.startswith("_")}


@pytest.mark.parametrize("module", [_core, _runtime], ids=lambda module: module.__name__)
def test_stubs_name_what_is_there(module):
    stub = declared(ast.parse((FOLDER / f"{module.__name__.split('.')[-1]}.pyi").read_text()).body)
    assert set(stub) == public(module)
    for name, members in stub.items():
        if isinstance(getattr(module, name), type):
            assert members == public(getattr(module, name)), name


def test_every_public_name_is_there():
    stub = (FOLDER / "__init__.pyi").read_text()
    for name in neurocuda.__all__:
        assert getattr(neurocuda, name) is not None
        assert name in stub
