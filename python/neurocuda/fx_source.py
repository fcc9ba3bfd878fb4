"""What a node of a traced model is, and where in the user's own code it, or an exception, comes from."""

import inspect
import os
import re
import traceback

import torch

_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in [^\n]*\n\s*(?P<code>[^\n]*)')
_FOREIGN = (os.path.join(os.path.dirname(torch.__file__), ""), os.path.join(os.path.dirname(__file__), ""), "<eval_with_key>")


def _describe(file: str, line: int, code: str) -> str:
    return f"{os.path.basename(file)}:{line} `{code.strip()}`"


def line_of_node(node: torch.fx.Node) -> str:
    """'model.py:42 `x = self.act(x)`', or '' when it is not known."""
    frames = [m for m in _FRAME.finditer(node.stack_trace or "") if not m["file"].startswith(_FOREIGN)]
    return _describe(frames[-1]["file"], int(frames[-1]["line"]), frames[-1]["code"]) if frames else ""


def line_of_error(error: BaseException) -> str:
    """The same for the innermost frame of the user's code that an exception passed through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_FOREIGN)]
    return _describe(frames[-1].filename, frames[-1].lineno or 0, frames[-1].line or "") if frames else ""


def where_defined(function) -> str:
    """'model.py:40'"""
    code = inspect.unwrap(function).__code__
    return f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}"


def aten_name(target) -> str:
    """'relu_' of torch.ops.aten.relu_.default; '' of anything else."""
    if not isinstance(target, torch._ops.OpOverload) or target.namespace != "aten":
        return ""
    return target._schema.name.removeprefix("aten::")
