"""The extension module that is linked with libtorch; torch is imported first because it loads libtorch."""

import torch

try:
    from . import _core, _runtime
except ImportError as error:
    raise ImportError(f"neurocuda was not built for torch {torch.__version__} ({error}); install it again beside this torch") from error

__all__ = ["_core", "_runtime"]
