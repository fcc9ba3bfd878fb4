"""docs/operators.md is what the code says of every operator."""

import subprocess
import sys
from pathlib import Path

from neurocuda.core import _core

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_code_says():
    done = subprocess.run([sys.executable, ROOT / "scripts/generate-operators.py", "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_every_operator_has_a_fate():
    operators = {o["operator"]: o for o in _core.operators()}
    assert {"Conv2d", "ReLU", "Concat", "MaxPool2d", "BatchNorm2d"} <= operators.keys()
    for operator in operators.values():
        assert operator["verdict"] in ("exact", "approximate") and operator["reason"]
        assert bool(operator["remedy"]) == (operator["verdict"] == "approximate")


def test_onnx_operators_are_read_or_refused():
    known = {o["name"]: o for o in _core.onnx_operators()}
    assert known["Conv"]["read"] and known["Range"]["computed"] and known["Gelu"]["reason"]
    assert not any(o["read"] and o["reason"] for o in known.values())
