#!/usr/bin/env python3
"""Checks that includes only point down: the floors of docs/architecture.md, kept by a script.

    scripts/check-floors.py [ROOT]      prints one line per violation; exit status 1 when there is one

What it reads is every #include of include/, src/, cli/ and python/, and for the lengths every source file of ours.
"""

import re
import sys
from pathlib import Path

# Lowest floor first. A part uses only parts of lower floors.
FLOORS = {
    1: ("base",),
    2: ("ir", "program", "data"),
    3: ("passes", "onnx", "nir", "compiler", "runtime"),
    4: ("metrics", "verify", "neurons", "network", "training", "conversion"),
    5: ("cli", "python"),
}
# On these floors a part also uses the parts that stand before it.
ORDERED = {4}
# Parts that must not know of others, although their floor would let them.
NEVER = {"neurons": {"ir"}, "training": {"program", "runtime"}}

# Other people's libraries: what their headers begin with, and the only places (paths, or beginnings of paths) that use them.
LIBRARIES = {
    "libtorch": (
        ("torch/", "ATen/", "c10/"),
        tuple(f"{folder}/{part}/" for part in ("neurons", "network", "training", "conversion") for folder in ("src", "include/neurocuda"))
        + ("python/core_",),
    ),
    "HDF5": (("hdf5", "H5"), ("src/nir/hdf5/",)),
    "libpng and TurboJPEG": (("png.h", "turbojpeg.h"), ("src/data/images/",)),
    "libzip": (("zip.h",), ("src/data/arrays/",)),
    "protobuf and libonnx": (("google/protobuf/", "onnx/"), ("src/onnx/",)),
}

SOURCES = {".cpp", ".hpp", ".cu", ".cuh"}
SCRIPTS = {".py", ".pyi", ".sh"}
MOST_LINES = 400
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def floor_of(part):
    return next((floor for floor, parts in FLOORS.items() if part in parts), None)


def may_use(user, used):
    """Whether `user` may include public headers of `used`."""
    if user == used:
        return True
    if used in NEVER.get(user, ()):
        return False
    above, below = floor_of(user), floor_of(used)
    if above == below and above in ORDERED:
        return FLOORS[above].index(used) < FLOORS[above].index(user)
    return below < above


def part_of(path):
    """The part of a file, given relative to the root: src/nir/tree.hpp is of nir."""
    parts = path.parts
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else None
    if parts[0] == "include":
        return parts[2] if len(parts) > 3 else None
    return parts[0]


def files(root, folders, suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path.relative_to(root)


def includes(root, path):
    """(line number, whether in quotes, name) of every include of a file."""
    text = (root / path).read_text()
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match[1] == '"', match[2]


def private_header(root, path, name):
    """The file below src/ that an include in quotes names, relative to the root; None when it is no private header."""
    for candidate in (root / "src" / name, (root / path).parent / name):
        if candidate.is_file() and candidate.resolve().is_relative_to(root / "src"):
            return candidate.resolve().relative_to(root)
    return None


def check_include(root, path, line, quoted, name, edges):
    """The violation of one include, if it is one; include edges between folders of a part go to `edges`."""
    user, where = part_of(path), f"{path}:{line}"
    private = private_header(root, path, name) if quoted else None
    if private is None:
        for library, (prefixes, places) in LIBRARIES.items():
            if name.startswith(prefixes) and not str(path).startswith(places):
                return f"{where}: includes {name}: headers of {library} belong in {', '.join(places)} only"
    if quoted and name.startswith("neurocuda/"):
        used = name.split("/")[1]
        if floor_of(used) is None:
            return f"{where}: includes {name}: no part '{used}' in the table of floors"
        if not may_use(user, used):
            return f"{where}: {user} includes {name}: '{used}' is not below '{user}'"
    elif private is not None:
        if path.parts[0] == "include":
            return f"{where}: includes {name}: a public header uses public headers only"
        if part_of(private) != user:
            return f"{where}: {user} includes {name}: a private header of '{part_of(private)}'"
        edges.append((path.parent.parts, private.parent.parts, where))
    return None


def first_difference(one, other):
    """Two folders, as parts of paths: (what both lie in, and the child of it on either side), or None when one holds the other."""
    common = next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), None)
    return None if common is None else ("/".join(one[:common]), one[common], other[common])


def find_cycle(graph):
    """Some cycle of a graph {node: {node}}, as its nodes in order; None when there is none."""
    done = set()

    def visit(node, trail):
        if node in trail:
            return trail[trail.index(node):]
        if node in done:
            return None
        for behind in sorted(graph.get(node, ())):
            cycle = visit(behind, [*trail, node])
            if cycle:
                return cycle
        done.add(node)
        return None

    return next((cycle for node in sorted(graph) if (cycle := visit(node, []))), None)


def check_cycles(edges):
    """Folders side by side that include each other, in a circle; one line for each part of the tree that has one."""
    graphs, places = {}, {}
    for user, used, where in edges:
        difference = first_difference(user, used)
        if difference:
            parent, one, other = difference
            graphs.setdefault(parent, {}).setdefault(one, set()).add(other)
            places.setdefault((parent, one, other), where)
    for parent, graph in sorted(graphs.items()):
        cycle = find_cycle(graph)
        if cycle:
            steps = [places[parent, one, other] for one, other in zip(cycle, cycle[1:] + cycle[:1])]
            yield f"{parent}: folders include each other: {' -> '.join([*cycle, cycle[0]])} ({', '.join(steps)})"


def check_document(text):
    """The table of floors in docs/architecture.md against the one above."""
    section = text.split("## The floors", 1)[-1].split("\n## ", 1)[0]
    documented, floor = {}, None
    for number, part in re.findall(r"^\|\s*(\d*)\s*\|\s*`(\w+)`", section, re.MULTILINE):
        floor = int(number) if number else floor
        documented[part] = floor
    for part in sorted(set(documented) | {part for parts in FLOORS.values() for part in parts}):
        if documented.get(part) != floor_of(part):
            there, here = (f"floor {f}" if f else "absent" for f in (documented.get(part), floor_of(part)))
            yield f"docs/architecture.md: part '{part}': {there} in the table of floors, {here} in scripts/check-floors.py"


def check(root):
    """Every violation of the tree at `root`, one line each."""
    edges, unknown = [], set()
    for path in files(root, ("include", "src", "cli", "python"), SOURCES):
        if floor_of(part_of(path)) is None:
            unknown.add(f"{path.parent}: part '{part_of(path)}' is not in the table of floors")
            continue
        for line, quoted, name in includes(root, path):
            violation = check_include(root, path, line, quoted, name, edges)
            if violation:
                yield violation
    yield from sorted(unknown)
    yield from check_cycles(edges)
    document = root / "docs" / "architecture.md"
    yield from check_document(document.read_text() if document.exists() else "")
    for path in files(root, ("include", "src", "cli", "python", "tests", "bench", "examples", "scripts"), SOURCES | SCRIPTS):
        lines = (root / path).read_text().count("\n")
        if lines > MOST_LINES:
            yield f"{path}: {lines} lines, at most {MOST_LINES}"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    violations = list(check(root))
    for violation in violations:
        print(violation)
    print(f"floors: {len(violations)} violations" if violations else "floors: includes only point down")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
