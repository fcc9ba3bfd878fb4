"""neurocuda.doctor."""

from dataclasses import dataclass

import torch

from .core import _core
from .errors import UnsupportedOperator
from .fx_import import Importer, run_import, trace
from .fx_refusals import Refusal
from .torch_state import preserved


@dataclass
class Finding:
    """What conversion will make of one operator. verdict: "exact", "approximate" or "refused"."""

    node: str
    op: str
    verdict: str
    reason: str = ""
    remedy: str = ""
    line: str = ""

    def __str__(self) -> str:
        where = f" at {self.line}" if self.line else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.verdict:11} {self.op} '{self.node}'{where}: {self.reason}{remedy}"


def doctor(model: "torch.nn.Module | _core.Graph", input_shape: tuple[int, ...] | None = None, *, replace_activations=None) -> list[Finding]:
    """Every operator of the model, with what is refused and why. Converts nothing and changes nothing.

    input_shape: (C, H, W); not needed for what load_onnx gives."""
    if isinstance(model, _core.Graph):
        return [Finding(**finding) for finding in model.diagnose()]
    if input_shape is None:
        raise TypeError("doctor needs input_shape=(channels, height, width) for a torch module")
    refusals: list[Refusal] = []
    try:
        with preserved():
            importer = Importer(trace(model), replace_activations == "relu", refusals.append)
            run_import(importer, tuple(input_shape))
    except UnsupportedOperator as error:  # it cannot even be traced
        return [Finding(type(model).__name__, type(model).__name__, "refused", str(error))]
    refused = [Finding(r.node, r.op, "refused", r.reason, r.remedy, r.line) for r in refusals]
    if importer.result is None or importer.result.node is None:
        return refused + [Finding(n.name, n.kind, "exact", "imported") for n in importer.network.nodes]
    graph = importer.network.emit(importer.result.node, type(model).__name__)
    return refused + [Finding(**finding) for finding in graph.diagnose()]
