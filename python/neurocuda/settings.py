"""Keyword arguments that are settings, checked against the table of the core."""

import difflib
from typing import Any

from .errors import UserError


def require_settings(function: str, given: dict[str, Any], table: dict[str, Any]) -> None:
    """Raises UserError for a name that is no setting: with what took its place, or the nearest name."""
    known = [field["name"] for field in table["fields"]]
    gone = {entry["name"]: entry["answer"] for entry in table["gone"]}
    for name in given:
        if name in known:
            continue
        if name in gone:
            raise UserError(f"{function}({name}=...): {gone[name]}")
        near = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else "; docs/settings.md lists all"
        raise UserError(f"{function} has no setting {name!r}{hint}")
