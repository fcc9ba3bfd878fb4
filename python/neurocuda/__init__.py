"""NeuroCUDA: trained image classifiers become spiking networks.

    snn = neurocuda.convert(model, cal_loader, timesteps=32)
    neurocuda.compile(snn, target="cpu")
    accuracy = neurocuda.evaluate(snn, test_loader)

Names are loaded on first use, so that `neurocuda.runtime` works without torch.
"""

import importlib
import os
import sys

# OpenMP's threads spin while they wait for each other, which is slow where another process wants the cores, too. It is
# read when libgomp is loaded, which torch does; who has loaded it, or said otherwise, is left alone.
if "torch" not in sys.modules and "GOMP_SPINCOUNT" not in os.environ:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

_WHERE = {
    "convert": "conversion",
    "compile": "deployment",
    "verify": "deployment",
    "backends": "deployment",
    "to_nir": "files",
    "from_nir": "files",
    "load_onnx": "files",
    "evaluate": "evaluation",
    "measure_sparsity": "evaluation",
    "report": "evaluation",
    "sweep": "evaluation",
    "doctor": "diagnosis",
    "Finding": "diagnosis",
    "SNN": "snn",
    "Error": "errors",
    "UserError": "errors",
    "UnsupportedOperator": "errors",
    "ConversionError": "errors",
    "BackendUnavailable": "errors",
    "InternalError": "errors",
    "__version__": "_runtime",
}
# What took the place of names of earlier versions.
_GONE = {"correct_biases": "convert fits the biases of every timestep, so that a network runs at every T up to its own"}
_SUBMODULES = ("datasets", "errors", "models", "runtime")

__all__ = [*_WHERE, *_SUBMODULES]


def __getattr__(name: str):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _GONE:
        raise AttributeError(f"neurocuda.{name} is gone: {_GONE[name]}")
    if name not in _WHERE:
        raise AttributeError(f"module 'neurocuda' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(__all__)
