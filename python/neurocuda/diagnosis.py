"""neurocuda.doctor."""

from dataclasses import dataclass

import torch

from .core import _core
from .errors import UnsupportedOperator
from .fx_graph import FOLDED_POOL
from .fx_import import Importer, run_import
from .fx_refusals import Refusal
from .fx_trace import image_shape_of, is_exported, require_model, trace
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


def doctor(
    model: "torch.nn.Module | torch.export.ExportedProgram | _core.Graph",
    input_shape: tuple[int, ...] | None = None,
    *,
    replace_activations=None,
) -> list[Finding]:
    """Every operator of the model, with what is refused and why. Converts nothing and changes nothing.

    input_shape: (C, H, W), (C, L) or (features,); not needed for what torch.export and load_onnx give."""
    if isinstance(model, _core.Graph):
        return [_finding(finding) for finding in model.diagnose()]
    require_model(model)
    if input_shape is None and is_exported(model):
        input_shape = image_shape_of(model)
    if input_shape is None:
        raise TypeError("doctor needs input_shape=(channels, height, width) for a torch module")
    refusals: dict[str, Refusal] = {}
    try:
        with preserved():
            importer = Importer(trace(model, tuple(input_shape)), replace_activations == "relu", lambda refusal: refusals.update({refusal.node: refusal}))
            run_import(importer, tuple(input_shape))
    except UnsupportedOperator as error:  # it cannot even be traced
        return [Finding(type(model).__name__, type(model).__name__, "refused", str(error))]
    return _judge(importer, refusals, importer.model_name)


def _judge(importer: Importer, refusals: dict[str, Refusal], name: str) -> list[Finding]:
    """The core's verdicts; those on nodes that only stand in for something refused are replaced by the refusals."""
    network = importer.network
    names = {network.nodes[index].name for index in network.stand_ins}
    lines = network.lines()
    findings = []
    for finding in network.emit_all(None if importer.result is None else importer.result.node, name).diagnose():
        if finding["node"] in refusals:
            findings.append(_refused(refusals.pop(finding["node"])))
        elif finding["node"] not in names:
            findings.append(_finding(finding, lines.get(finding["node"], "")))
    folded = (node for node in network.nodes if node.kind == FOLDED_POOL)
    reason = "goes into the weights of the linear layers behind it"
    findings += [Finding(node.name, "AdaptiveAvgPool2d", "exact", reason, line=node.line) for node in folded]
    findings += [Finding(left.node, left.op, "exact", left.reason, line=left.line) for left in importer.left_out]
    return findings + [_refused(refusal) for refusal in refusals.values()]


def _finding(facts: dict[str, str], line: str = "") -> Finding:
    return Finding(facts["node"], facts["operator"], facts["verdict"], facts["reason"], facts["remedy"], line)


def _refused(refusal: Refusal) -> Finding:
    return Finding(refusal.node, refusal.op, "refused", refusal.reason, refusal.remedy, refusal.line)
