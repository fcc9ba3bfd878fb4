"""scikit-build-core, building against the torch that is installed: only where none is does the build bring its own."""

import subprocess
import sys

from scikit_build_core import build as _core
from scikit_build_core.build import build_editable, build_sdist, build_wheel

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]

get_requires_for_build_sdist = _core.get_requires_for_build_sdist


def _torch() -> list[str]:
    """-E looks past the isolated environment of the build."""
    installed = subprocess.run([sys.executable, "-E", "-c", "import torch"], capture_output=True).returncode == 0
    return [] if installed else ["torch>=2.7"]


def get_requires_for_build_wheel(config_settings=None) -> list[str]:
    return _core.get_requires_for_build_wheel(config_settings) + _torch()


def get_requires_for_build_editable(config_settings=None) -> list[str]:
    return _core.get_requires_for_build_editable(config_settings) + _torch()
