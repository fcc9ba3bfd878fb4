"""Writes docs/operators.md: every operator that a network may have, and what becomes of it, from the code that decides it.

Run it after a change of an importer or of src/passes/fate.cpp and a build: .venv/bin/python scripts/generate-operators.py
--check writes nothing and fails when the page is not what it would write.
"""

import sys
from pathlib import Path

import neurocuda  # noqa: F401
from neurocuda import fx_functions, fx_modules, fx_refusals
from neurocuda.core import _core

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Operators

Made by `scripts/generate-operators.py` from the code; do not edit. `neurocuda doctor MODEL` says the same of every operator of a network of yours, and what to do.

*exact*: the same function, on the integer grid, whose rounding `convert` reports. *approximate*: a function that comes close. An operator can still be refused for its place:
[conversion.md](conversion.md#what-becomes-a-layer) says what cannot be composed into layers.

## What becomes of them
"""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def names(values):
    return ", ".join(f"`{name}`" for name in sorted(values)) + "\n"


def full_name(function):
    module = {"torch.nn.functional": "F", "torch._C._nn": "F", "_operator": "operator"}.get(getattr(function, "__module__", None) or "", "torch")
    return f"{module}.{function.__name__}"


def onnx():
    known = _core.onnx_operators()
    read = {o["name"] for o in known if o["read"]}
    return "\n".join((
        "## ONNX\n", "Read ([onnx.md](onnx.md) says as what):\n", names(read),
        "Computed while the file is read, where nothing in them depends on the image:\n", names(o["name"] for o in known if o["computed"]),
        "Refused; what is in none of these lists is refused as well:\n",
        table(("operator", "why", "what to do"), sorted((f"`{o['name']}`", o["reason"], o["remedy"]) for o in known if o["reason"]))))


def torch():
    modules = {f"nn.{kind.__name__}" for kind, handler in fx_modules.HANDLERS.items() if handler is not fx_modules.stand_in}
    functions = {full_name(f) for f, handler in fx_functions.FUNCTIONS.items() if handler.__name__ != "stand_in"}
    refused = sorted((f"`{name}`", *fx_refusals.explain(name)) for name in {*fx_refusals._REASONS, *fx_refusals.STAND_INS})
    return "\n".join((
        "## PyTorch\n", "Modules:\n", names(modules), "Functions (and the operators of `torch.export` programs that they stand for):\n",
        names(functions), "Methods of tensors:\n", names(fx_functions.METHODS), "Refused:\n",
        table(("operator", "why", "what to do"), refused)))


def page():
    fates = table(("operator", "verdict", "what becomes of it", "what helps"),
                  ((o["operator"], o["verdict"], o["reason"], o["remedy"]) for o in _core.operators()))
    return "\n".join((HEAD, fates, onnx(), torch()))


def main() -> int:
    path = ROOT / "docs/operators.md"
    text = page()
    if path.exists() and path.read_text() == text:
        return 0
    if "--check" in sys.argv:
        print("operators.md: not what the code says; run scripts/generate-operators.py")
        return 1
    path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
