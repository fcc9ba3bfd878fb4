"""neurocuda.to_nir, from_nir and load_onnx."""

import os
import warnings

from .core import _core, _runtime
from .snn import SNN


def to_nir(snn: SNN, path: str | os.PathLike) -> None:
    """Writes the network as a NIR file, whole or not at all."""
    _runtime.write_nir(snn.program, os.fspath(path))


def from_nir(path: str | os.PathLike) -> SNN:
    """Reads a file that `to_nir` or the command line wrote."""
    program = _runtime.read_nir(os.fspath(path))
    return SNN(program, mode=program.mode)


def load_onnx(path: str | os.PathLike) -> "_core.Graph":
    """Reads an ANN; `convert` and `doctor` take it like a torch module. What the graph leaves out of the file or reads as something
    else (a last softmax, quantisation) is a warning."""
    graph, notes = _core.read_onnx(os.fspath(path))
    for note in notes:
        warnings.warn(f"{os.fspath(path)}: {note}", stacklevel=2)
    return _core.vectors_as_images(graph)
