"""The extension module that is linked with libtorch; torch is imported first because it loads libtorch."""

import torch  # noqa: F401

from . import _core, _runtime

__all__ = ["_core", "_runtime"]
