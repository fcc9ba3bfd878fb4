"""Writes what is made from the tables of settings: docs/settings.md and the types of Python's keyword arguments.

Run it after a change of a table (include/neurocuda/*/settings.hpp) and a build: .venv/bin/python scripts/generate-settings.py
--check writes nothing and fails when a file is not what it would write.
"""

import sys
from pathlib import Path

import neurocuda  # noqa: F401
from neurocuda.core import _core

ROOT = Path(__file__).resolve().parent.parent
TYPES = {"int": "int", "float": "float", "str": "str", "bool": "bool", "list": "list[float]"}
PARTS = (
    ("Conversion", "`neurocuda convert`, `neurocuda sweep`, `neurocuda.convert`", "ConvertSettings", _core.conversion_settings()),
    ("Training", "`neurocuda train`", "TrainSettings", _core.training_settings()),
)
HEAD = """# Settings

Made by `scripts/generate-settings.py` from the tables in `include/neurocuda/*/settings.hpp`, where every setting is declared once; do not edit.

A setting is an option of the command line (with dashes for underscores), a keyword argument of Python, and a key of a settings file: `--settings FILE` takes a JSON
object `{"percentile": 99.9, ...}`, the JSON document that `--json` wrote, or a `.nir`, whose settings it repeats. Settings marked *file* have no option: a recipe, a
settings file or Python sets them. An option wins over a recipe, a recipe over a file. `auto` (`null` in JSON, `None` in Python) is chosen from the others.
"""


def shown(value) -> str:
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def page() -> str:
    lines = [HEAD]
    for title, where, _, table in PARTS:
        lines.append(f"## {title}\n\n{where}\n")
        for group in dict.fromkeys(field["group"] for field in table["fields"]):
            lines.append(f"| {group} | default | | what it is |\n|---|---|---|---|")
            for field in table["fields"]:
                if field["group"] == group:
                    file = "*file*, " if field["level"] == "expert" else ""
                    cells = (f"`{field['name']}`", shown(field["default"]), file + field["wanted"], field["doc"])
                    lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
            lines.append("")
        if table["recipes"]:
            lines.append("Recipes (`--recipe NAME`, `recipe=`):\n\n| recipe | for | sets |\n|---|---|---|")
            for recipe in table["recipes"]:
                sets = ", ".join(f"{name} {shown(value)}" for name, value in recipe["settings"].items())
                lines.append(f"| `{recipe['name']}` | {recipe['doc']} | {sets} |")
            lines.append("")
        lines.append("Gone: " + "; ".join(f"`{gone['name']}` ({gone['answer'].split(' gone')[1].strip('; :')})" for gone in table["gone"]) + ".\n")
    return "\n".join(lines)


def stub() -> str:
    lines = ["# Made by scripts/generate-settings.py from the tables of settings; do not edit.", "from typing import TypedDict"]
    for _, _, name, table in PARTS:
        lines.append(f"\nclass {name}(TypedDict, total=False):")
        given_apart = {"timesteps", "device", "seed", "calibration_images"} if name == "ConvertSettings" else {"timesteps"}
        for field in table["fields"]:
            if field["name"] not in given_apart:
                lines.append(f"    {field['name']}: {TYPES[field['type']]}{' | None' if field['auto'] else ''}")
    return "\n".join(lines) + "\n"


def main() -> int:
    stale = []
    for path, text in ((ROOT / "docs/settings.md", page()), (ROOT / "python/neurocuda/_setting_types.pyi", stub())):
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"{', '.join(stale)}: not what the tables say; run scripts/generate-settings.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
