"""Each rule of scripts/check-floors.py, broken once in a small tree."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def floors(load_script):
    return load_script("check-floors")


@pytest.fixture
def tree(tmp_path, floors):
    """Writes files below a root whose docs/architecture.md has the table of floors."""
    rows = [f"| {floor} | `{part}` | what it holds |" for floor, parts in floors.FLOORS.items() for part in parts]

    def write(files, table=rows):
        document = "# Architecture\n\n## The floors\n\n| floor | part | what it holds |\n|---|---|---|\n" + "\n".join(table) + "\n\n## Errors\n"
        for name, text in {"docs/architecture.md": document, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return list(floors.check(tmp_path))

    write.rows = rows
    return write


SOUND = {
    "include/neurocuda/base/error.hpp": "#pragma once\n",
    "include/neurocuda/ir/graph.hpp": '#include "neurocuda/base/error.hpp"\n',
    "include/neurocuda/program/program.hpp": '#include <vector>\n#include "neurocuda/base/error.hpp"\n',
    "include/neurocuda/metrics/evaluation.hpp": '#include "neurocuda/program/program.hpp"\n',
    "src/nir/tree.hpp": "",
    "src/nir/hdf5/handle.hpp": "#include <hdf5.h>\n",
    "src/nir/hdf5/file.cpp": '#include "nir/hdf5/handle.hpp"\n#include "nir/tree.hpp"\n',
    "src/nir/tree.cpp": '#include "nir/hdf5/handle.hpp"\n',
    "src/onnx/names.hpp": "#include <onnx/onnx_pb.h>\n",
    "src/onnx/names.cpp": '#include "onnx/names.hpp"\n',
    "src/runtime/gpu/device.hpp": "",
    "src/runtime/cuda/cuda_device.cpp": '#include "runtime/gpu/device.hpp"\n',
    "src/network/forward.cpp": "#include <torch/torch.h>\n",
    "src/verify/biases.cpp": '#include "neurocuda/metrics/evaluation.hpp"\n',
    "cli/page/page.hpp": "",
    "cli/main.cpp": '#include "report/page.hpp"\n#include "neurocuda/metrics/evaluation.hpp"\n',
    "python/core_tensors.cpp": "#include <torch/torch.h>\n",
}


def test_a_sound_tree_has_no_violation(tree):
    assert tree(SOUND) == []


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("src/base/log.cpp", '\n#include "neurocuda/ir/graph.hpp"\n', "src/base/log.cpp:2: base includes neurocuda/ir/graph.hpp: 'ir' is not below 'base'"),
        ("src/program/a.cpp", '#include "neurocuda/ir/graph.hpp"\n', "'ir' is not below 'program'"),
        ("include/neurocuda/metrics/a.hpp", '#include "neurocuda/verify/b.hpp"\n', "'verify' is not below 'metrics'"),
        ("src/neurons/fire.cpp", '#include "neurocuda/ir/graph.hpp"\n', "'ir' is not below 'neurons'"),
        ("src/training/loop.cpp", '#include "neurocuda/program/program.hpp"\n', "'program' is not below 'training'"),
        ("src/training/loop.cpp", '#include "neurocuda/runtime/executable.hpp"\n', "'runtime' is not below 'training'"),
        ("src/compiler/a.cpp", '#include "neurocuda/attic/a.hpp"\n', "no part 'attic' in the table of floors"),
        ("src/attic/a.cpp", "", "src/attic: part 'attic' is not in the table of floors"),
        ("src/compiler/a.cpp", '#include "nir/tree.hpp"\n', "src/compiler/a.cpp:1: compiler includes nir/tree.hpp: a private header of 'nir'"),
        ("cli/look.cpp", '#include "nir/tree.hpp"\n', "cli includes nir/tree.hpp: a private header of 'nir'"),
        ("include/neurocuda/nir/nir.hpp", '#include "nir/tree.hpp"\n', "a public header uses public headers only"),
        ("src/compiler/a.cpp", "#include <torch/torch.h>\n", "includes torch/torch.h: headers of libtorch belong in"),
        ("cli/train.cpp", "#include <ATen/ATen.h>\n", "includes ATen/ATen.h: headers of libtorch belong in"),
        ("python/runtime_module.cpp", "#include <torch/torch.h>\n", "headers of libtorch belong in"),
        ("src/nir/tree.cpp", "#include <hdf5.h>\n", "headers of HDF5 belong in src/nir/hdf5/ only"),
        ("src/ir/a.cpp", "#include <onnx/onnx_pb.h>\n", "headers of protobuf and libonnx belong in src/onnx/ only"),
        ("tests/unit/ir/test_a.cpp", "\n" * 401, "tests/unit/ir/test_a.cpp: 401 lines, at most 400"),
        ("scripts/long.py", "\n" * 401, "scripts/long.py: 401 lines, at most 400"),
    ],
)
def test_each_rule_broken_once_is_found(tree, path, text, found):
    violations = tree({**SOUND, path: text})
    assert len(violations) == 1
    assert found in violations[0]


def test_four_hundred_lines_are_allowed(tree):
    assert tree({**SOUND, "src/ir/a.cpp": "\n" * 400}) == []


def test_folders_that_include_each_other_in_a_circle_are_found(tree):
    circle = {
        "src/training/evaluation/e.hpp": '#include "training/loop/l.hpp"\n',
        "src/training/loop/l.hpp": '#include "training/selection/deep/s.hpp"\n',
        "src/training/selection/deep/s.hpp": '#include "training/evaluation/e.hpp"\n',
        "src/training/top.hpp": '#include "training/evaluation/e.hpp"\n',
    }
    (violation,) = tree({**SOUND, **circle})
    assert violation.startswith("src/training: folders include each other: evaluation -> loop -> selection -> evaluation")
    assert "src/training/selection/deep/s.hpp:1" in violation


def test_a_folder_and_what_it_lies_in_may_include_each_other(tree):
    files = {"src/training/top.hpp": '#include "training/loop/l.hpp"\n', "src/training/loop/l.hpp": '#include "training/top.hpp"\n'}
    assert tree({**SOUND, **files}) == []


def test_the_document_must_name_the_same_parts_on_the_same_floors(tree):
    rows = [row for row in tree.rows if "`verify`" not in row and "`nir`" not in row] + ["| 2 | `nir` | |", "|   | `attic` | |"]
    assert tree(SOUND, rows) == [
        "docs/architecture.md: part 'attic': floor 2 in the table of floors, absent in scripts/check-floors.py",
        "docs/architecture.md: part 'nir': floor 2 in the table of floors, floor 3 in scripts/check-floors.py",
        "docs/architecture.md: part 'verify': absent in the table of floors, floor 4 in scripts/check-floors.py",
    ]


def test_the_command_prints_a_line_for_each_violation_and_fails(root, tree, tmp_path):
    tree({**SOUND, "src/base/a.cpp": '#include "neurocuda/ir/graph.hpp"\n'})
    command = [sys.executable, str(root / "scripts" / "check-floors.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 2)
    (tmp_path / "src/base/a.cpp").unlink()
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "floors: includes only point down\n")
